/** The network's failures: before an answer, in its midst and behind it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError, virtualClock } from '@playhead/tape'
import { custom, openrouter } from '../src/index.ts'
import {
  chunksOf,
  failureOf,
  neverEnding,
  ofType,
  play,
  says,
  script,
  scripted,
  serve,
  sse,
  streamOf,
} from './servers.ts'

const done = { text: 'Done' }

for (const [name, error] of [
  ['a TypeError', new TypeError('Failed to fetch')],
  [
    'a TypeError with a cause',
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }),
  ],
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

function throwing(): Promise<Response> {
  throw new TypeError('at once')
}

test('a fetch that throws instead of rejecting is one that rejects', async () => {
  const error = await failureOf(scripted({ maxRetries: 0 }).run('Go', { fetch: throwing }).result)
  assert.equal(error.failure?.code, 'network')
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
    const { failure } = await failureOf(run.result)
    assert.equal(failure?.code, 'network')
    assert.equal(failure.cost, '0.1')
    assert.deepEqual(failure.partial?.content, [{ type: 'text', text: 'Half' }])
    assert.equal(count, 1)
  } finally {
    await server.close()
  }
})

test('a server that is not there is a failure of the network that says so', async () => {
  const server = await serve(() => {})
  await server.close()
  const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go', {
    clock: virtualClock(),
  })
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
  const { failure } = await failureOf(play(script(breaking(sse(chunksOf(done)))), { model }))
  assert.equal(failure?.code, 'network')
})

test('an error that came just before the connection broke is the failure', async () => {
  const error = await failureOf(
    play(script(breaking('data: {"error":{"code":401,"message":"No such key"}}\n'))),
  )
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
