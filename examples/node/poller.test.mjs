import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'

import { openWorld } from './oms.mjs'
import { Poller } from './poller.mjs'

let world, poller

beforeEach(async () => {
  world = await openWorld('restock')
  // Where the client would sleep, the clock of its world is advanced.
  const sleep = (seconds) => world.advance(`${seconds}s`)
  poller = new Poller({ ...world, sleep })
})
afterEach(() => world.close())

test('a plan ends after a restock', async () => {
  await world.event({ restock: { sku: 'TST-002-L', location: 'WH001', count: 10 } })
  assert.equal((await poller.ended(41207, { every: 60, most: 3 })).state, 'completed')
})

test('without one it is given up after as many looks', async () => {
  await assert.rejects(poller.ended(41207, { every: 60, most: 3 }), /had not ended after 3 looks/)
})

test('a busy OMS is asked again when it says so', async () => {
  await world.fault({ on: 'detail', times: 2, status: 503, retry_after: 30 })
  assert.equal((await poller.plan(41207)).id, 41207)
  await world.verify({ operation: 'detail', plan: 41207, count: { exactly: 3 } })
})

test('a wrong token is an error at once', async () => {
  poller.token = 'nobody'
  await assert.rejects(poller.plan(41207), /401/)
})
