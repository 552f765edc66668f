/** Iterating over the events of a stream: to the end, until it breaks, or as long as somebody listens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  custom,
  decodeEvents,
  dialectOf,
  openai,
  openaiChat,
  openaiChatDialect,
  openrouter,
  providerOf,
  type StreamEvent,
} from '../src/index.ts'
import { bytesOf, chunk, sse } from './streams.ts'

const whole = sse(chunk({ content: 'Hello' }), chunk({ content: ' world' }), chunk({}, 'stop'), '[DONE]')

interface Source {
  readonly stream: ReadableStream<Uint8Array>
  /** What the reader did: one word for each piece it pulled, and whether it cancelled. */
  readonly log: string[]
}

function source(pieces: readonly string[], failure?: Error): Source {
  const log: string[] = []
  const rest = [...pieces]
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = rest.shift()
        log.push(piece === undefined ? 'end' : 'piece')
        if (piece !== undefined) controller.enqueue(bytesOf(piece))
        else if (failure === undefined) controller.close()
        else controller.error(failure)
      },
      cancel() {
        log.push('cancel')
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, log }
}

async function typesOf(events: AsyncIterable<StreamEvent>): Promise<string[]> {
  const types: string[] = []
  for await (const { type } of events) types.push(type)
  return types
}

test('a whole stream gives its events and is read to the end', async () => {
  const { stream, log } = source([whole.slice(0, 30), whole.slice(30), ': ping\n\n'])
  assert.deepEqual(await typesOf(decodeEvents(openaiChat, stream, openrouter)), ['text', 'text', 'finish'])
  await setImmediate()
  assert.deepEqual(log, ['piece', 'piece', 'piece', 'end'])
})

test('after its last event nobody waits for the server to close, and what still comes is read', async () => {
  let server: ReadableStreamDefaultController<Uint8Array> | undefined
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (server = controller) })
  server?.enqueue(bytesOf(whole))
  const [mine, recorders] = stream.tee()
  assert.deepEqual(await typesOf(decodeEvents(openaiChat, mine, openrouter)), ['text', 'text', 'finish'])
  server?.enqueue(bytesOf(': ping\n\n'))
  server?.close()
  assert.equal(await new Response(recorders).text(), `${whole}: ping\n\n`)
})

test('who leaves at the last event cancels nothing', async () => {
  const { stream, log } = source([whole, ': ping\n\n'])
  for await (const { type } of decodeEvents(openaiChat, stream)) if (type === 'finish') break
  await setImmediate()
  assert.deepEqual(log, ['piece', 'piece', 'end'])
})

test('what breaks after the last event is no failure', async () => {
  const { stream, log } = source([whole], new Error('socket hang up'))
  assert.equal((await typesOf(decodeEvents(openaiChat, stream, openrouter))).at(-1), 'finish')
  await setImmediate()
  assert.deepEqual(log, ['piece', 'end'])
})

test('a stream whose last event is an error is cancelled', async () => {
  const { stream, log } = source([whole.slice(0, 120), sse({ error: { message: 'No' } }), ': ping\n\n'])
  assert.deepEqual(await typesOf(decodeEvents(openaiChat, stream)), ['text', 'error'])
  assert.deepEqual(log, ['piece', 'piece', 'cancel'])
})

test('events come as soon as their bytes do', async () => {
  const { stream, log } = source([whole.slice(0, 120), whole.slice(120)])
  const events = decodeEvents(openaiChat, stream, openrouter)
  assert.equal((await events.next()).value?.type, 'text')
  assert.deepEqual(log, ['piece'])
})

test("a stream that ends early ends with an error, by its provider's rule", async () => {
  const cutOff = whole.replace('data: [DONE]\n\n', '')
  assert.equal((await typesOf(decodeEvents(openaiChat, source([cutOff]).stream, openrouter))).at(-1), 'error')
  assert.equal((await typesOf(decodeEvents(openaiChat, source([cutOff]).stream))).at(-1), 'finish')
})

test('events that are asked for all at once come in order', async () => {
  const { stream } = source([whole.slice(0, 30), whole.slice(30, 200), '', whole.slice(200)])
  const events = decodeEvents(openaiChat, stream, openrouter)
  const all = await Promise.all(Array.from({ length: 5 }, () => events.next()))
  assert.deepEqual(
    all.map(({ value }) => value?.type),
    ['text', 'text', 'finish', undefined, undefined],
  )
  assert.deepEqual(await events.next(), { done: true, value: undefined })
})

test('who leaves the loop early cancels the stream', async () => {
  const { stream, log } = source([whole.slice(0, 120), whole.slice(120)])
  for await (const event of decodeEvents(openaiChat, stream)) {
    assert.equal(event.type, 'text')
    break
  }
  assert.deepEqual(log, ['piece', 'cancel'])
})

test('what reading throws is thrown, after the events before it', async () => {
  const { stream } = source([whole.slice(0, 120)], new Error('socket hang up'))
  const events: string[] = []
  await assert.rejects(async () => {
    for await (const { type } of decodeEvents(openaiChat, stream)) events.push(type)
  }, /^Error: socket hang up$/)
  assert.deepEqual(events, ['text'])
})

test('after what was thrown, and after leaving, nothing comes', async () => {
  const broken = decodeEvents(openaiChat, source([], new Error('socket hang up')).stream)
  await assert.rejects(broken.next())
  assert.deepEqual(await broken.next(), { done: true, value: undefined })
  const left = decodeEvents(openaiChat, source([whole]).stream)
  await left.next()
  await left.return?.()
  assert.deepEqual(await left.next(), { done: true, value: undefined })
})

test('a dialect is known by the path and a body that is an object', () => {
  assert.equal(dialectOf('https://x/v1/chat/completions', {}), openaiChatDialect)
  assert.equal(
    dialectOf('https://x/openai/deployments/m/chat/completions?api-version=1', {}),
    openaiChatDialect,
  )
  assert.equal(dialectOf('https://x/v1/chat/completions', 'text'), null)
  assert.equal(dialectOf('https://x/v1/embeddings', {}), null)
  assert.equal(dialectOf('https://x/v1/other?next=/chat/completions', {}), null)
})

test('a request asks for a stream only in so many words', () => {
  assert.deepEqual(
    [{ stream: true }, { stream: 'true' }, { stream: false }, {}, null].map((body) =>
      openaiChatDialect.asksForStream('', body),
    ),
    [true, false, false, false, false],
  )
})

test('a provider is known by its host', () => {
  assert.equal(providerOf('https://openrouter.ai/api/v1/chat/completions'), openrouter)
  assert.equal(providerOf('https://api.openai.com/v1/chat/completions'), openai)
  assert.equal(providerOf('https://evil.test/https://api.openai.com/v1/'), custom)
})
