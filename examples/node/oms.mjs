// A world of the mock for one test: its own token, data and clock.

const url = process.env.MOCK_OMS_URL ?? 'http://127.0.0.1:8080'

/** Ask the control API; what it refuses is an error that says what to do. */
async function control(method, path, body) {
  const answer = await fetch(`${url}/_mock${path}`, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    throw new Error(`no mock answers at ${url} (${error.cause?.code}): start one, or name it in MOCK_OMS_URL`)
  })
  const text = await answer.text()
  if (!answer.ok) {
    // `errors` has a list of sentences for each place, `nearest` the requests that come nearest to what was expected.
    const { detail, errors = {}, nearest = [] } = JSON.parse(text)
    const places = Object.entries(errors).map(([place, said]) => `${place}: ${said.join(' ')}`)
    throw new Error([`${method} /_mock${path}: ${detail}`, ...places, ...nearest.map((one) => JSON.stringify(one))].join('\n'))
  }
  return text && JSON.parse(text)
}

/** Open a world of a scenario; the caller closes it. */
export async function openWorld(scenario) {
  const { name, token } = await control('POST', '/worlds', { scenario, ttl: '5m' })
  const post = (path, body) => control('POST', `/worlds/${name}${path}`, body)
  return {
    url,
    token,
    advance: (by) => post('/clock/advance', { by }),
    event: (event) => post('/events', event),
    fault: (fault) => post('/faults', fault),
    verify: (expected) => post('/verify', expected),
    close: () => control('DELETE', `/worlds/${name}`),
  }
}
