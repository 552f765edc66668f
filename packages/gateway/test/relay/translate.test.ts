/** Every recorded stream and answer, relayed into every other dialect: its client reads the same message. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Answer,
  type Dialect,
  dialects,
  geminiDialect,
  openaiChatDialect,
  providerOf,
  textOf,
} from '@playhead/wire'
import {
  answerOf,
  decodeStream,
  law,
  outcomeOf,
  plain,
  some,
  streamed,
  wholeOf,
} from '../../../wire/test/laws/law.ts'
import type { Recording } from '../../../wire/test/recordings.ts'
import { cut, random, sse, chunk } from '../../../wire/test/streams.ts'
import { plainRelay } from '../../src/relay/plain-relay.ts'
import type { RelayContext } from '../../src/relay/relay.ts'
import { streamRelay } from '../../src/relay/stream-relay.ts'
import { bytesOf, context, reset, textOf as textOfBytes, through } from './relaying.ts'

interface Crossing {
  readonly name: string
  readonly recording: Recording
  readonly to: Dialect
}

/** What clients speak to the gateway. */
const spoken = new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'])

function crossings(find: (dialect: Dialect) => readonly Recording[]) {
  return (dialect: Dialect): readonly Crossing[] =>
    some(
      find,
      60,
    )(dialect).flatMap((recording) =>
      dialects
        .filter(({ name }) => name !== dialect.name && spoken.has(name))
        .map((to) => ({ name: `${recording.name} to ${to.name}`, recording, to })),
    )
}

law('a stream reads the same in another dialect, however it is cut', crossings(streamed), (crossing) => {
  const { recording, to } = crossing
  const { response, dialect } = recording
  const wanted = answerOf(wholeOf(recording))
  for (const pieces of [[response.body], cut(response.body, places(response.body))]) {
    const relay = streamRelay(to, dialect, providerOf(response.url), context)
    const events = decodeStream(to, context.url, [through(relay, pieces)])
    const answer = answerOf(events)
    assert.equal(relay.outcome?.type, wanted === undefined ? 'failure' : 'answer')
    if (wanted === undefined) assert.equal(events.at(-1)?.type, 'error')
    else if (wanted.finishReason !== 'error') check(answer, wanted)
  }
})

law('a stream that breaks off is an error in another dialect', crossings(streamed), ({ recording, to }) => {
  const { body, url } = recording.response
  const half = body.subarray(0, body.length >> 1)
  if (answerOf(decodeStream(recording.dialect, url, [half])) !== undefined) return
  const relay = streamRelay(to, recording.dialect, providerOf(url), context)
  const last = decodeStream(to, context.url, [through(relay, [half], reset)]).at(-1)
  assert.equal(last?.type, 'error')
  assert.ok(relay.outcome?.type === 'failure')
  assert.match(relay.outcome.failure.code, /network|truncated|malformed|server/)
})

law('a plain answer reads the same in another dialect', crossings(plain), ({ recording, to }) => {
  const { dialect, response } = recording
  const said = plainRelay(to, dialect, context, undefined, response.body)
  const wanted = outcomeOf(recording)
  assert.equal(said.outcome.type, wanted.type)
  if (wanted.type === 'failure' || wanted.finishReason === 'error') return
  const read = to.client.decodeResponse(typeof said.body === 'string' ? said.body : textOfBytes(said.body))
  check(read.type === 'answer' ? read : undefined, wanted)
})

test('all events of a piece come as one piece', () => {
  const stream = bytesOf(sse(chunk({ content: 'a' }), chunk({ content: 'b' })))
  const relay = streamRelay(geminiDialect, openaiChatDialect, providerOf('http://x'), context)
  assert.match(textOfBytes(relay.push(stream)), /"text":"a"[^]*"text":"b"/)
  assert.equal(relay.hasBegun, true)
})

test("an answer has our id, the client's name for the model, and who gave it", () => {
  const own: RelayContext = { ...context, cost: () => '0.5' }
  const usage = { prompt_tokens: 1, completion_tokens: 2 }
  const body = bytesOf(
    JSON.stringify({
      model: 'claude',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage,
    }),
  )
  const upstream = dialects.find(({ name }) => name === 'anthropic-messages')
  assert.ok(upstream !== undefined)
  const said = plainRelay(openaiChatDialect, upstream, own, undefined, body)
  const read = openaiChatDialect.client.decodeResponse(String(said.body))
  assert.ok(read.type === 'answer')
  assert.deepEqual([read.id, read.model, read.provider, read.cost], [own.id, own.model, own.provider, '0.5'])
})

test('a failure is how the connection ended, unless the upstream said why', () => {
  const error = sse({ error: { code: 429, message: 'Slow down' } })
  for (const [stream, code] of [
    ['', 'network'],
    [error, 'rate-limited'],
  ] as const) {
    const relay = streamRelay(geminiDialect, openaiChatDialect, providerOf('http://x'), context)
    through(relay, [bytesOf(sse(chunk({ content: 'a' })) + stream)], reset)
    assert.ok(relay.outcome?.type === 'failure')
    assert.equal(relay.outcome.failure.code, code)
  }
})

test('nothing has begun while parts are only announced', () => {
  const relay = streamRelay(openaiChatDialect, openaiChatDialect, providerOf('http://x'), context)
  relay.push(bytesOf(sse(chunk({ role: 'assistant', content: '' }))))
  relay.push(bytesOf(': OPENROUTER PROCESSING\n\n'))
  assert.equal(relay.hasBegun, false)
  relay.push(bytesOf(sse(chunk({ content: 'a' }))))
  assert.equal(relay.hasBegun, true)
})

function check(answer: Answer | undefined, wanted: Answer): void {
  assert.ok(answer !== undefined)
  assert.equal(textOf(answer.message.content).trim(), textOf(wanted.message.content).trim())
  assert.deepEqual(calls(answer), calls(wanted))
}

function calls({ message }: Answer): unknown {
  return message.content.flatMap((part) => (part.type === 'tool-call' ? [part.name] : []))
}

function places(body: Uint8Array): number[] {
  const next = random(body.length)
  const chosen: number[] = []
  for (let place = 0; place < body.length; place += 1 + Math.floor(next() ** 3 * 900)) chosen.push(place)
  return chosen
}
