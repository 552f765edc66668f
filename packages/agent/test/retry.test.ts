/** Failures: which are worth another attempt, when, and what they cost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError, virtualClock } from '@playhead/tape'
import { AgentError, custom, openrouter, type RunResult } from '../src/index.ts'
import {
  chunksOf,
  neverEnding,
  ofType,
  play,
  refuses,
  says,
  script,
  scripted,
  serve,
  sse,
  streamed,
  streamOf,
} from './servers.ts'

const done = { text: 'Done' }

async function failureOf(running: Promise<unknown>): Promise<AgentError> {
  const error = await running.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof AgentError, String(error))
  return error
}

for (const [status, code] of [
  [408, 'timeout'],
  [409, 'server'],
  [429, 'rate-limited'],
  [500, 'server'],
  [502, 'server'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [529, 'overloaded'],
] as const) {
  test(`${status} is sent again, the same bytes`, async () => {
    const { result, requests, events } = await play(script(refuses(status), says(done)))
    assert.equal(result.text, 'Done')
    assert.equal(requests.length, 2)
    assert.equal(requests[0]?.text, requests[1]?.text)
    assert.equal(ofType(events, 'retry')[0]?.failure.code, code)
    assert.equal(result.steps[0]?.failures[0]?.status, status)
  })
}

for (const [status, code] of [
  [301, 'unknown'],
  [307, 'unknown'],
  [400, 'invalid-request'],
  [401, 'auth'],
  [402, 'payment'],
  [403, 'permission'],
  [404, 'not-found'],
  [413, 'too-large'],
  [418, 'invalid-request'],
  [422, 'invalid-request'],
] as const) {
  test(`${status} is not sent again`, async () => {
    const server = script(refuses(status))
    const error = await failureOf(play(server))
    assert.equal(error.code, 'model')
    assert.equal(error.failure?.code, code)
    assert.equal(error.failure.status, status)
    assert.equal(server.requests.length, 1)
    assert.match(error.message, new RegExp(`^custom: status ${status}$`))
  })
}

for (const [name, headers, wait] of [
  ['no Retry-After', {}, 2000],
  ['Retry-After in seconds', { 'retry-after': '7' }, 7000],
  ['Retry-After 0', { 'retry-after': '0' }, 0],
  ['Retry-After of a minute', { 'retry-after': '60' }, 60_000],
  ['Retry-After in milliseconds', { 'retry-after-ms': '150', 'retry-after': '1' }, 150],
  [
    'Retry-After as a date',
    { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
    5000,
  ],
  ['Retry-After that is past', { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT', date: 'Thu, 22 Oct 2026 07:28:00 GMT' }, 0],
  ['Retry-After that is neither', { 'retry-after': 'soon' }, 2000],
] as const) {
  test(`${name}: the wait is ${wait} ms`, async () => {
    const { events, passed } = await play(script(refuses(429, headers), says(done)))
    assert.equal(ofType(events, 'retry')[0]?.wait, wait)
    assert.equal(passed, wait)
  })
}

for (const headers of [
  { 'retry-after': '61' },
  { 'retry-after-ms': '60001' },
  { 'retry-after': 'Thu, 22 Oct 2026 07:28:05 GMT', date: 'Wed, 21 Oct 2026 07:28:05 GMT' },
]) {
  test(`${JSON.stringify(headers)} is more than a minute: the run gives up at once`, async () => {
    const server = script(refuses(429, headers))
    const error = await failureOf(play(server))
    assert.equal(error.failure?.code, 'rate-limited')
    assert.ok((error.failure.retryAfter ?? 0) > 60_000)
    assert.equal(server.requests.length, 1)
  })
}

test('two retries are the most by default', async () => {
  const server = script(refuses(500), refuses(502), refuses(503))
  const error = await failureOf(play(server))
  assert.equal(server.requests.length, 3)
  assert.equal(error.failure?.status, 503)
  assert.match(error.message, /^custom: status 503 \(3 attempts\)$/)
})

test('every step has its own retries', async () => {
  const call = says({ calls: [['a', 'nope', '{}']] })
  const { result } = await play(script(refuses(500), refuses(500), call, refuses(500), refuses(500), says(done)))
  assert.deepEqual(
    result.steps.map(({ failures }) => failures.length),
    [2, 2],
  )
})

test('waits double from 2 s, and none is longer than a minute', async () => {
  const server = script(...Array.from({ length: 8 }, () => refuses(500)), says(done))
  const { events, passed } = await play(server, { maxRetries: 8 })
  const waits = ofType(events, 'retry').map(({ wait }) => wait)
  assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  assert.equal(
    passed,
    waits.reduce((sum, wait) => sum + wait),
  )
})

test('attempts are counted from 1, and every one sends the same bytes to the same place', async () => {
  const server = script(refuses(500), new TypeError('fetch failed'), says(done))
  const { events, requests } = await play(server)
  assert.deepEqual(
    ofType(events, 'retry').map(({ attempt, failure }) => [attempt, failure.code]),
    [
      [1, 'server'],
      [2, 'network'],
    ],
  )
  assert.equal(new Set(requests.map(({ url, text }) => url + text)).size, 1)
})

for (const [name, stream, code] of [
  ['an error at the start', sse([{ error: { code: 502, message: 'Bad gateway' } }]), 'server'],
  [
    'an error after words',
    sse([...chunksOf({ text: 'Half a ' }).slice(0, 2), { error: { code: 429, message: 'Slow down' } }]),
    'rate-limited',
  ],
  ['an error with a name', 'event: error\ndata: {"error":{"type":"overloaded_error","message":"Busy"}}\n\n', 'overloaded'],
  ['a finish reason "error"', streamOf({ text: 'Half', finishReason: 'error' }), 'server'],
  ['a stream that stops', sse(chunksOf({ text: 'Half a word' }).slice(0, 1)), 'truncated'],
  ['an empty stream', '', 'truncated'],
  ['a broken event', sse(['{"choices":[{"delta":']), 'malformed'],
  ['an error page', '<html>Bad gateway</html>', 'truncated'],
  ['an error as plain JSON', '{"error":{"code":503,"message":"Busy"}}', 'overloaded'],
] as const) {
  test(`${name} inside a 200 is sent again`, async () => {
    const { result, events, requests } = await play(script(streamed(stream), says(done)))
    assert.equal(ofType(events, 'retry')[0]?.failure.code, code)
    assert.equal(result.text, 'Done')
    assert.equal(requests[0]?.text, requests[1]?.text)
  })
}

test('an error inside a 200 that no retry mends is not sent again', async () => {
  const stream = sse([...chunksOf({ text: 'Half' }).slice(0, 1), { error: { code: 401, message: 'No such key' } }])
  const error = await failureOf(play(script(streamed(stream))))
  assert.equal(error.failure?.code, 'auth')
  assert.deepEqual(error.failure.partial?.content, [{ type: 'text', text: 'Half' }])
})

test('a 204 is a failure', async () => {
  const error = await failureOf(play(script(new Response(null, { status: 204 }))))
  assert.equal(error.code, 'model')
})

for (const [name, error] of [
  ['a TypeError', new TypeError('Failed to fetch')],
  ['a TypeError with a cause', new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) })],
  ['ECONNRESET', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ['EAI_AGAIN', Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })],
  ['UND_ERR_SOCKET', Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })],
] as const) {
  test(`${name} thrown by fetch is a failure of the network`, async () => {
    const { events, result } = await play(script(error, says(done)))
    assert.equal(ofType(events, 'retry')[0]?.failure.code, 'network')
    assert.equal(result.text, 'Done')
  })
}

for (const [name, error] of [
  ['a miss of a recorder', new TapeError('miss', 'no recorded interaction', { file: 'x.yaml' })],
  ['a plain error', new Error('boom')],
  ['a file that is not there', Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })],
  ['a timeout of the fetch’s own', new DOMException('The operation timed out', 'TimeoutError')],
] as const) {
  test(`${name} passes through fetch, unchanged and not sent again`, async () => {
    const server = script(error)
    await assert.rejects(play(server), (thrown) => thrown === error)
    assert.equal(server.requests.length, 1)
  })
}

test('what fetch throws may be no error at all', async () => {
  const run = scripted().run('Go', { fetch: () => Promise.reject('no') })
  await assert.rejects(run.result, (thrown) => thrown === 'no')
})

test('a fetch that throws instead of rejecting is one that rejects', async () => {
  const fetch = (): Promise<Response> => {
    throw new TypeError('at once')
  }
  const error = await failureOf(scripted({ maxRetries: 0 }).run('Go', { fetch }).result)
  assert.equal(error.failure?.code, 'network')
})

test('tokens and cost of failed attempts count in the step and in the run', async () => {
  const [text, , usage] = chunksOf({ text: 'Half', usage: [10, 3], cost: 0.1 })
  const broken = sse([text, usage, { error: { code: 502, message: 'Bad gateway' } }])
  const cut = sse([text, usage])
  const { result } = await play(script(streamed(broken), streamed(cut), says({ ...done, usage: [10, 5], cost: 0.2 })))
  const [step] = result.steps
  assert.equal(step?.cost, '0.4')
  assert.equal(result.cost, '0.4')
  assert.deepEqual([step.usage.inputTokens, step.usage.outputTokens], [30, 11])
  assert.equal(result.usage.outputTokens, 11)
  assert.deepEqual(
    step.failures.map(({ cost, partial }) => [cost, partial?.content]),
    Array.from({ length: 2 }, () => ['0.1', [{ type: 'text', text: 'Half' }]]),
  )
})

test('an answer without a cost has none, and neither has its run', async () => {
  const call = says({ calls: [['a', 'nope', '{}']], usage: [1, 1], cost: 0.1 })
  const { result } = await play(script(call, says({ ...done, usage: [1, 1] })))
  assert.deepEqual(
    result.steps.map(({ cost }) => cost),
    ['0.1', null],
  )
  assert.equal(result.cost, null)
})

test('what an attempt said before it failed is not in the answer', async () => {
  const half = sse(chunksOf({ text: 'Half a ', calls: [['x', 'nope', '{"a"']] }).slice(0, 3))
  const { result, events } = await play(script(streamed(half), says(done)))
  assert.equal(result.text, 'Done')
  assert.deepEqual(result.messages.at(-1)?.content, [{ type: 'text', text: 'Done' }])
  assert.deepEqual(
    events.map(({ type }) => type),
    ['step', 'text', 'text', 'tool-input', 'retry', 'text', 'usage', 'finish'],
  )
})

test('the failure names the upstream and its words', async () => {
  const error = { metadata: { provider_name: 'GMICloud', raw: 'too many' } }
  const { message } = await failureOf(play(script(refuses(400, {}, error))))
  assert.equal(message, 'custom, GMICloud: status 400: too many')
})

test('a connection that breaks in the middle of an answer is a failure of the network', async () => {
  let count = 0
  const server = await serve((_, response) => {
    count += 1
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (count > 1) return response.end(streamOf(done))
    response.write(sse(chunksOf({ text: 'Half', usage: [10, 3], cost: 0.1 }).toSpliced(1, 1)), () =>
      setTimeout(() => response.destroy(), 20),
    )
  })
  try {
    const clock = virtualClock()
    const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go', { clock })
    const { steps, text } = await run.result
    const [failure] = steps[0]?.failures ?? []
    assert.equal(text, 'Done')
    assert.equal(failure?.code, 'network')
    assert.equal(failure.cost, '0.1')
    assert.deepEqual(failure.partial?.content, [{ type: 'text', text: 'Half' }])
    assert.equal(count, 2)
  } finally {
    await server.close()
  }
})

test('a server that is not there is a failure of the network that says so', async () => {
  const server = await serve(() => {})
  await server.close()
  const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go', { clock: virtualClock() })
  const error = await failureOf(run.result)
  assert.equal(error.failure?.code, 'network')
  assert.match(error.message, /^custom: The network failed: connect ECONNREFUSED .*\(3 attempts\)$/)
})

/** A stream whose bytes come and then break with an error. */
function breaking(text: string): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (text === '') return controller.error(new TypeError('terminated'))
      controller.enqueue(new TextEncoder().encode(text))
      text = ''
    },
  })
  return new Response(body)
}

test('an answer that is whole when the connection breaks is an answer, with all of its events', async () => {
  const calls = [['a', 'nope', '{}']] as const
  const whole = sse(chunksOf({ text: 'Hm', calls }))
  const { result, events } = await play(script(breaking(whole), says(done)))
  assert.deepEqual(result.steps[0]?.failures, [])
  assert.deepEqual(
    events.map(({ type }) => type),
    ['step', 'text', 'tool-input', 'tool-call', 'usage', 'tool-result', 'step', 'text', 'usage', 'finish'],
  )
})

test('where a stream owes [DONE], a finish reason before the break is no answer', async () => {
  const model = openrouter('m', { baseUrl: 'http://model.test' })
  const { result } = await play(script(breaking(sse(chunksOf(done))), says(done)), { model })
  assert.equal(result.steps[0]?.failures[0]?.code, 'network')
})

test('an error that came just before the connection broke is the failure', async () => {
  const error = await failureOf(play(script(breaking('data: {"error":{"code":401,"message":"No such key"}}\n'))))
  assert.equal(error.failure?.code, 'auth')
})

test('a break behind [DONE] harms nothing', async () => {
  const { result } = await play(script(breaking(streamOf(done))))
  assert.equal(result.text, 'Done')
})

test('a server that does not close its stream behind [DONE] is waited for no longer than a second', async () => {
  let cancelled = 0
  const stays = new Response(neverEnding(streamOf(done), () => (cancelled += 1)))
  const { result, passed } = await play(script(stays))
  assert.equal(result.text, 'Done')
  assert.equal(cancelled, 1)
  assert.equal(passed, 1000)
})

test('what comes behind [DONE] is read, so that a recorder has it', async () => {
  let pulls = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls += 1
        controller.enqueue(new TextEncoder().encode(pulls === 1 ? streamOf(done) : ': bye\n\n'))
        if (pulls === 3) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const { result } = await play(script(new Response(body)))
  assert.equal(result.text, 'Done')
  assert.equal(pulls, 3)
})

test('a request that cannot be written is a mistake of its maker, and none is sent', async () => {
  const image = { type: 'media', mediaType: 'image/png', source: { type: 'url', url: 'https://x.test/a.png' } } as const
  const server = script()
  const transcript = [
    { role: 'user', content: [{ type: 'text', text: 'Go' }] },
    { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'draw', input: {}, inputText: '{}' }] },
    { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'draw', output: [image], isError: false }] },
  ] as const
  const error = await failureOf(play(server, {}, transcript))
  assert.equal(error.code, 'configuration')
  assert.match(error.message, /messages\[2\]\.content\[0\]\.output\[0\]: /)
  assert.equal(server.requests.length, 0)
})

test('duration covers the waits', async () => {
  const { result } = await play(script(refuses(500), says(done)))
  const durations = (run: RunResult): number[] => [run.duration, ...run.steps.map(({ duration }) => duration)]
  assert.deepEqual(durations(result), [2000, 2000])
})
