// The client under test: it reads a plan until the plan has ended.

const ENDED = ['completed', 'cancelled']
const BUSY = [429, 502, 503, 504]

export class Poller {
  /** `sleep` waits for so many seconds. */
  constructor({ url, token, sleep }) {
    this.url = url
    this.token = token
    this.sleep = sleep
  }

  async plan(id) {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const answer = await fetch(`${this.url}/api/v1/oms/orderexecutionplans/${id}/`, {
        headers: { Accept: 'application/json', Authorization: `Token ${this.token}` },
      })
      if (answer.ok) return answer.json()
      await answer.body?.cancel()
      if (!BUSY.includes(answer.status)) throw new Error(`plan ${id}: ${answer.status}`)
      await this.sleep(Number(answer.headers.get('Retry-After') ?? 2 ** attempt))
    }
    throw new Error(`plan ${id}: still busy after 5 attempts`)
  }

  /** The plan when it has ended, looked at once in `every` seconds, at most `most` times. */
  async ended(id, { every = 600, most = 10 } = {}) {
    for (let look = 1; look <= most; look++) {
      const plan = await this.plan(id)
      if (ENDED.includes(plan.state)) return plan
      await this.sleep(every)
    }
    throw new Error(`plan ${id} had not ended after ${most} looks`)
  }
}
