/** What the tests of this dialect share: streams from events, and events from streams. */
import { anthropicMessagesDialect } from '../../src/anthropic-messages/dialect.ts'
import { anthropicMessagesServer } from '../../src/anthropic-messages/server.ts'
import { encodeAwsFrame } from '../../src/aws-event-stream-encoder.ts'
import type { Answer, Failure, ModelRequest, Provider, StreamEvent } from '../../src/index.ts'

export const url = 'https://api.anthropic.com/v1/messages'
export const bedrockUrl =
  'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-opus-4-6-v1%3A0/invoke-with-response-stream'

export const provider: Provider = {
  name: 'anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  keyVariable: null,
  auth: 'x-api-key',
  dialects: ['anthropic-messages'],
  quirks: { maxTokensField: 'max_tokens', streamEnd: 'done', reasoningField: null, body: {} },
}
export const bedrock: Provider = { ...provider, host: 'bedrock' }
export const vertex: Provider = { ...provider, host: 'vertex' }

export const head = { id: 'msg_1', model: 'claude', created: 0 }

/** Events of a stream, from its start to its end. */
export function message(...events: readonly object[]): readonly object[] {
  return [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'claude', content: [], usage: { input_tokens: 7 } },
    },
    ...events,
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ]
}

/** A whole block: its start, its deltas, its end. */
export function block(index: number, start: object, ...deltas: readonly object[]): readonly object[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

export function sse(events: readonly object[]): string {
  return events
    .map((event) => `event: ${'type' in event ? String(event.type) : ''}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')
}

export function aws(events: readonly object[]): Uint8Array {
  const headers = { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }
  return Buffer.concat(
    events.map((event) => {
      const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
      return encodeAwsFrame(headers, JSON.stringify({ bytes, p: 'abcdefg' }))
    }),
  )
}

/** All events of a stream, in chunks of a length. */
export function eventsOf(stream: string | Uint8Array, length = 1_000_000): readonly StreamEvent[] {
  const bytes = typeof stream === 'string' ? new TextEncoder().encode(stream) : stream
  const decoder = anthropicMessagesDialect.client.decodeStream(provider)
  const events: StreamEvent[] = []
  for (let start = 0; start < bytes.length; start += length)
    events.push(...decoder.push(bytes.slice(start, start + length)))
  return [...events, ...decoder.end()]
}

/** What a stream comes to. */
export function outcomeOf(stream: string | Uint8Array, length?: number): Answer | Failure {
  const last = eventsOf(stream, length).at(-1)
  if (last?.type === 'finish') return last.answer
  if (last?.type === 'error') return last.failure
  throw new Error('No last event')
}

/** The answer of a stream. */
export function answerOf(stream: string | Uint8Array): Answer {
  const outcome = outcomeOf(stream)
  if (outcome.type === 'answer') return outcome
  throw new Error(outcome.message)
}

/** The events written by the server half, as bytes. */
export function written(events: readonly StreamEvent[], at = url): Uint8Array {
  const encoder = anthropicMessagesServer.encodeStream({ ...head, url: at })
  return Buffer.concat(events.map((event) => encoder.push(event)))
}

/** A request's body, encoded and parsed. */
export function bodyOf(request: Partial<ModelRequest>, at: Provider = provider): Record<string, unknown> {
  const whole = { model: 'claude-opus-4-8', messages: [], stream: false, ...request }
  return JSON.parse(anthropicMessagesDialect.client.encodeRequest(whole, at)) as Record<string, unknown>
}

/** A request with these fields, decoded. */
export function requestOf(fields: object, at = url): ModelRequest {
  const body = { model: 'claude-opus-4-8', max_tokens: 9000, messages: [], ...fields }
  return anthropicMessagesServer.decodeRequest(body, at)
}
