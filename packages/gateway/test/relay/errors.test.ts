/** What goes wrong is said in the client's dialect, without secrets, and its own library reads it. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { OpenRouter } from '@openrouter/sdk'
import { custom, type Dialect, dialects, failure, type Failure } from '@playhead/wire'
import OpenAI from 'openai'
import { law, refused } from '../../../wire/test/laws/law.ts'
import { errorReply } from '../../src/relay/error-reply.ts'
import { streamRelay } from '../../src/relay/stream-relay.ts'
import { upstreamFailure } from '../../src/relay/upstream-failure.ts'
import { bytesOf, context, reset } from './relaying.ts'

const noHeaders = new Map<string, string>()
const details = {
  availability: { code: 'no_endpoints' },
  metadata: { previous_errors: [{ provider: 'x', status: 429 }] },
}

for (const client of dialects) {
  test(`${client.name}: details stand in the error, which reads as before`, () => {
    const told = failure('rate-limited', 'Slow down', { status: 429, provider: 'Upstream', retryAfter: 1500 })
    const plain = errorReply(client, told)
    const reply = errorReply(client, told, details)
    assert.deepEqual([reply.status, reply.headers], [plain.status, plain.headers])
    const read = client.client.decodeError(429, { get: (name) => noHeaders.get(name) ?? null }, reply.body)
    assert.deepEqual([read.code, read.message], ['rate-limited', 'Slow down'])
    const { error } = JSON.parse(reply.body) as { readonly error?: unknown }
    if (typeof error !== 'object' || error === null) return assert.equal(reply.body, plain.body)
    assert.deepEqual((error as Record<string, unknown>)['availability'], details.availability)
  })
}

test("details do not take away what the error says: OpenRouter's metadata has both", () => {
  const [chat] = dialects
  assert.ok(chat !== undefined)
  const reply = errorReply(chat, failure('server', 'No', { provider: 'Upstream' }), details)
  const { error } = JSON.parse(reply.body) as { error: { metadata: object } }
  assert.deepEqual(error.metadata, {
    error_type: 'server',
    provider_name: 'Upstream',
    previous_errors: [{ provider: 'x', status: 429 }],
  })
})

law('a recorded refusal is read as its dialect reads it', refused, ({ dialect, response }) => {
  const { status, headers, body } = response
  const names = ['date', 'retry-after', 'retry-after-ms']
  const list = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const read = upstreamFailure(dialect, { status, headers: list }, body, context)
  const wanted = dialect.client.decodeError(status, headers, new TextDecoder().decode(body))
  assert.deepEqual([read.code, read.retryAfter, read.status], [wanted.code, wanted.retryAfter, wanted.status])
})

test('a refusal says when to come again', () => {
  const [chat] = dialects
  assert.ok(chat !== undefined)
  const read = upstreamFailure(
    chat,
    { status: 429, headers: [['retry-after', '2']] },
    bytesOf('{"error":{"message":"Slow down"}}'),
    context,
  )
  assert.deepEqual([read.code, read.retryAfter, read.message], ['rate-limited', 2000, 'Slow down'])
})

const key = 'sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW'
const odd = 'a key of no known shape'
const leaks: readonly [name: string, said: string, leak: string][] = [
  ['one that looks like a key', `Incorrect API key provided: ${key}.`, key],
  ['one that was sent', `Not allowed: ${odd}`, odd],
  ['the ends of one', 'Incorrect API key provided: sk-proj-********tU1v.', 'tU1v'],
]
for (const [name, said, leak] of leaks) {
  test(`a key in an upstream's error goes no further: ${name}`, () => {
    for (const dialect of dialects) {
      const body = JSON.stringify({ error: { message: said, metadata: { raw: said } }, message: said })
      const read = upstreamFailure(dialect, { status: 401, headers: [] }, bytesOf(body), {
        ...context,
        secrets: () => [odd],
      })
      assert.equal(read.code, 'auth')
      assert.ok(!JSON.stringify(read).includes(leak), JSON.stringify(read))
    }
  })
}

test('words that are no keys stay', () => {
  const [chat] = dialects
  assert.ok(chat !== undefined)
  const said = 'The model `gpt-5.1-2025-11-13` does not exist ** or *you* have no access'
  const body = bytesOf(JSON.stringify({ error: { message: said } }))
  assert.equal(upstreamFailure(chat, { status: 404, headers: [] }, body, context).message, said)
})

/** Begins an answer in a dialect, then fails: at each origin the same. */
async function breakingOff(
  name: string,
  cause: Failure,
): Promise<AsyncDisposable & { readonly origin: string }> {
  const dialect = dialects.find((one) => one.name === name)
  assert.ok(dialect !== undefined)
  const server = createServer((_request, response) => {
    const relay = streamRelay(dialect, dialect, custom, { ...context, url: '/?alt=sse' })
    response.writeHead(200, { 'content-type': relay.contentType })
    response.write(relay.push(beginning(dialect)))
    response.end(relay.fail(cause))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function beginning(dialect: Dialect): Uint8Array {
  const head = { id: 'gen-1', model: 'm', created: 1_790_000_000, url: '/?alt=sse' }
  const encoder = dialect.server.encodeStream(head)
  return Buffer.concat(['Hel', 'lo'].map((text) => encoder.push({ type: 'text', text })))
}

const overloaded = failure('overloaded', 'The provider has too much to do')

async function read<Event>(
  events: AsyncIterable<Event>,
  textOf: (event: Event) => string | false | null | undefined,
): Promise<string> {
  let said = ''
  for await (const event of events) said += textOf(event) || ''
  return said
}

for (const [name, cause, wanted] of [
  ['a failure', overloaded, /too much to do/],
  ['a connection that broke', reset, /reset/],
] as const) {
  test(`openai: ${name} in a chat is thrown`, async () => {
    await using server = await breakingOff('openai-chat', cause)
    const client = new OpenAI({ apiKey: 'x', baseURL: server.origin, maxRetries: 0 })
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
    await assert.rejects(
      read(stream, ({ choices }) => choices[0]?.delta.content),
      wanted,
    )
  })

  test(`openai: ${name} in a response is told`, async () => {
    await using server = await breakingOff('openai-responses', cause)
    const client = new OpenAI({ apiKey: 'x', baseURL: server.origin, maxRetries: 0 })
    const stream = await client.responses.create({ model: 'm', input: '', stream: true })
    const said = await read(
      stream,
      (event) => event.type === 'response.failed' && event.response.error?.message,
    )
    assert.match(said, wanted)
  })

  test(`@anthropic-ai/sdk: ${name} in a message is thrown`, async () => {
    await using server = await breakingOff('anthropic-messages', cause)
    const client = new Anthropic({ apiKey: 'x', baseURL: server.origin, maxRetries: 0 })
    const stream = client.messages.stream({ model: 'm', max_tokens: 9, messages: [] })
    await assert.rejects(stream.finalMessage(), wanted)
  })

  test(`@google/genai: ${name} in an answer is thrown`, async () => {
    await using server = await breakingOff('gemini', cause)
    const client = new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: server.origin } })
    const stream = await client.models.generateContentStream({ model: 'm', contents: 'Hi' })
    await assert.rejects(
      read(stream, ({ text }) => text),
      wanted,
    )
  })

  test(`@openrouter/sdk: ${name} is read, and its schema holds`, async () => {
    await using server = await breakingOff('openai-chat', cause)
    const client = new OpenRouter({ apiKey: 'x', serverURL: server.origin })
    const stream = await client.chat.send({
      chatRequest: { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true },
    })
    assert.ok(Symbol.asyncIterator in stream)
    assert.match(await read(stream, ({ error }) => error?.message), wanted)
  })
}
