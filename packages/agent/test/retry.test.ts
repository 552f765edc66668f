/** Failures: which are worth another attempt, when, and what they cost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '@playhead/tape'
import { custom, tool } from '../src/index.ts'
import {
  chunksOf,
  failureOf,
  ofType,
  play,
  refuses,
  says,
  script,
  scripted,
  sse,
  streamed,
  streamOf,
} from './servers.ts'

const done = { text: 'Done' }

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

test('503 is not sent again where whoever refuses, a gateway, has tried enough', async () => {
  const server = script(refuses(503, { 'x-should-retry': 'false' }))
  await failureOf(play(server))
  assert.equal(server.requests.length, 1)
})

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
  [
    'Retry-After that is past',
    { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT', date: 'Thu, 22 Oct 2026 07:28:00 GMT' },
    0,
  ],
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
  const { result } = await play(
    script(refuses(500), refuses(500), call, refuses(500), refuses(500), says(done)),
  )
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
    'an error with a name',
    'event: error\ndata: {"error":{"type":"overloaded_error","message":"Busy"}}\n\n',
    'overloaded',
  ],
  ['a finish reason "error"', streamOf({ finishReason: 'error' }), 'server'],
  ['an empty stream', '', 'truncated'],
  ['a broken event', sse(['{"choices":[{"delta":']), 'malformed'],
  ['an error page', '<html>Bad gateway</html>', 'malformed'],
  ['an error as plain JSON', '{"error":{"code":503,"message":"Busy"}}', 'overloaded'],
] as const) {
  test(`${name} inside a 200 is sent again`, async () => {
    const { result, events, requests } = await play(script(streamed(stream), says(done)))
    assert.equal(ofType(events, 'retry')[0]?.failure.code, code)
    assert.equal(result.text, 'Done')
    assert.equal(requests[0]?.text, requests[1]?.text)
  })
}

for (const [name, stream, code] of [
  [
    'an error after words',
    sse([...chunksOf({ text: 'Half a ' }).slice(0, 2), { error: { code: 429, message: 'Slow down' } }]),
    'rate-limited',
  ],
  ['a finish reason "error" after words', streamOf({ text: 'Half', finishReason: 'error' }), 'server'],
  ['a stream that stops in its words', sse(chunksOf({ text: 'Half a word' }).slice(0, 1)), 'truncated'],
  [
    'a stream that stops in a call',
    sse(chunksOf({ calls: [['x', 'nope', '{"a"']] }).slice(1, 2)),
    'truncated',
  ],
] as const) {
  test(`${name} is not sent again: what was said cannot be unsaid`, async () => {
    const server = script(streamed(stream), says(done))
    const { failure } = await failureOf(play(server))
    assert.deepEqual([failure?.code, failure?.retryable], [code, true])
    assert.equal(server.requests.length, 1)
  })
}

test('waits are up to half longer by chance', async () => {
  const waits: number[] = []
  for (const chance of [0, 0.5, 0.999]) {
    const { fetch } = script(refuses(500), says(done))
    const run = scripted().run('Go', { fetch, clock: virtualClock(), random: () => chance })
    for await (const event of run) if (event.type === 'retry') waits.push(event.wait)
  }
  assert.deepEqual(waits, [2000, 2500, 2999])
})

test('a provider that repeats the key in its refusal does not make it known', async () => {
  const secret = 'sk-very-secret-key'
  const model = custom('m', {
    baseUrl: 'http://model.test/v1',
    apiKey: secret,
    headers: { 'x-tenant': 'tenant-secret' },
  })
  const words = `Incorrect key: Bearer ${secret} of tenant-secret`
  const refusal = { message: words, metadata: { raw: words } }
  for (const reply of [refuses(401, {}, refusal), streamed(sse([{ error: { code: 401, ...refusal } }]))]) {
    const error = await failureOf(play(script(reply), { model }))
    assert.match(error.message, /Incorrect key: Bearer REDACTED of REDACTED/)
    assert.doesNotMatch(JSON.stringify(error), /very-secret|tenant-secret/)
  }
})

test('a secret is hidden where a quotation cuts it in two', async () => {
  const secret = 'sk-very-secret-key'
  const model = custom('m', { baseUrl: 'http://model.test/v1', apiKey: secret })
  const page = `<html>${'x'.repeat(185)} ${secret}`
  // A quotation of a stream's start has 80 characters, one of a page 200.
  const stream = `data: ${'x'.repeat(66)} ${secret}\n\n`
  for (const reply of [new Response(page, { status: 401 }), streamed(stream)]) {
    const error = await failureOf(play(script(reply), { model, maxRetries: 0 }))
    assert.doesNotMatch(JSON.stringify(error), /sk-very/)
  }
})

test('an error inside a 200 that no retry mends is not sent again', async () => {
  const stream = sse([
    ...chunksOf({ text: 'Half' }).slice(0, 1),
    { error: { code: 401, message: 'No such key' } },
  ])
  const error = await failureOf(play(script(streamed(stream))))
  assert.equal(error.failure?.code, 'auth')
  assert.deepEqual(error.failure.partial?.content, [{ type: 'text', text: 'Half' }])
})

test('a 204 is a failure', async () => {
  const error = await failureOf(play(script(new Response(null, { status: 204 }))))
  assert.equal(error.code, 'model')
})

test('tokens and cost of failed attempts count in the step and in the run', async () => {
  const usage = chunksOf({ usage: [10, 3], cost: 0.1 }).at(-1)
  const broken = sse([usage, { error: { code: 502, message: 'Bad gateway' } }])
  const cut = sse([usage])
  const { result } = await play(
    script(streamed(broken), streamed(cut), says({ ...done, usage: [10, 5], cost: 0.2 })),
  )
  const [step] = result.steps
  assert.equal(step?.cost, '0.4')
  assert.equal(result.cost, '0.4')
  assert.deepEqual([step.usage.inputTokens, step.usage.outputTokens], [30, 11])
  assert.equal(result.usage.outputTokens, 11)
  assert.deepEqual(
    step.failures.map(({ cost, partial }) => [cost, partial]),
    Array.from({ length: 2 }, () => ['0.1', null]),
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

test('the failure names the upstream and its words', async () => {
  const error = { metadata: { provider_name: 'GMICloud', raw: 'too many' } }
  const { message } = await failureOf(play(script(refuses(400, {}, error))))
  assert.equal(message, 'custom, GMICloud: status 400: too many')
})

test('a request that cannot be written is a mistake of its maker, and none is sent', async () => {
  const sound = {
    type: 'media',
    mediaType: 'audio/wav',
    source: { type: 'url', url: 'https://x.test/a.wav' },
  } as const
  const server = script()
  const transcript = [
    { role: 'user', content: [{ type: 'text', text: 'Go' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: 'a', name: 'draw', input: {}, inputText: '{}' }],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: 'a', name: 'draw', output: [sound], isError: false }],
    },
  ] as const
  const error = await failureOf(play(server, {}, transcript))
  assert.equal(error.code, 'configuration')
  assert.match(error.message, /messages\[2\]\.content\[0\]\.output\[0\]: /)
  assert.equal(server.requests.length, 0)
})

test('duration covers the waits', async () => {
  const { result } = await play(script(refuses(500), says(done)))
  assert.equal(result.duration, 2000)
  assert.equal(result.steps[0]?.duration, 2000)
})

test('a run that fails says how far it had come and what that cost', async () => {
  const asked = says({ calls: [['1', 'echo', '{}']], usage: [10, 2], cost: 0.1 })
  const cutOff = streamed(sse(chunksOf({ text: 'Half', usage: [7, 1], cost: 0.2 }).toSpliced(1, 1)))
  const echo = tool({ name: 'echo', description: 'd', input: { type: 'object' }, run: () => 'heard' })
  const { progress } = await failureOf(play(script(asked, cutOff, refuses(400)), { tools: [echo] }))
  assert.equal(progress?.steps.length, 1)
  assert.deepEqual(
    progress.messages.map(({ role }) => role),
    ['user', 'assistant', 'tool'],
  )
  assert.equal(progress.cost, '0.3')
  assert.equal(progress.usage.inputTokens, 17)
})
