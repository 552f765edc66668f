/** Answers of `openai-responses`, item by item and event by event, and what is read of them. */
import assert from 'node:assert/strict'
import { type Answer, type Failure, openaiResponses, type StreamEvent } from '../../src/index.ts'
import type { Unread } from '../../src/json.ts'
import { openai } from '../../src/providers.ts'

export const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 14,
  cost: 0.00012,
}
export const response = (fields: object): Unread => ({
  id: 'resp_1',
  model: 'm',
  status: 'completed',
  usage,
  ...fields,
})
export const text = (words: string, more = {}): Unread => ({
  type: 'output_text',
  text: words,
  annotations: [],
  ...more,
})
export const message = (...content: readonly unknown[]): Unread => ({
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  role: 'assistant',
  content,
})
export const call = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'c1',
  name: 'add',
  arguments: '{"a": 1}',
  status: 'completed',
}
export const thought = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [
    { type: 'summary_text', text: 'One' },
    { type: 'summary_text', text: 'Two' },
  ],
  encrypted_content: 'gAAA',
}

export function plain(body: unknown): Answer | Failure {
  return openaiResponses.decodeResponse(JSON.stringify(body))
}

export function events(...wire: readonly (Unread | string)[]): readonly StreamEvent[] {
  const decoder = openaiResponses.decodeStream(openai)
  const frames = wire.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
  return [...decoder.push(new TextEncoder().encode(frames.join(''))), ...decoder.end()]
}

export function streamed(...wire: readonly (Unread | string)[]): Answer | Failure {
  const last = events(...wire).at(-1)
  if (last?.type === 'finish') return last.answer
  assert.ok(last?.type === 'error')
  return last.failure
}

export function answered(outcome: Answer | Failure): Answer {
  assert.ok(outcome.type === 'answer', JSON.stringify(outcome))
  return outcome
}

export function failed(outcome: Answer | Failure): Failure {
  assert.ok(outcome.type === 'failure', JSON.stringify(outcome))
  return outcome
}

export const completed = (output: readonly unknown[], fields = {}): Unread => ({
  type: 'response.completed',
  response: response({ output, ...fields }),
})
export const added = (output_index: number, item: Unread): Unread => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
export const done = (output_index: number, item: Unread): Unread => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
export const delta = (kind: string, output_index: number, words: string, more = {}): Unread => ({
  type: `response.${kind}.delta`,
  output_index,
  delta: words,
  ...more,
})
