/** What a test looks at in an answer that was streamed. */
import assert from 'node:assert/strict'
import { type Provider, textOf } from '../src/index.ts'
import { eventsOfText } from './streams.ts'

/** What is looked at; what a row leaves out may be anything. */
export interface Read {
  readonly text?: string
  readonly reasoning?: string
  readonly finish?: string
  readonly raw?: string | null
  /** Input and output tokens. */
  readonly usage?: readonly [number, number] | null
  readonly cost?: string | null
  readonly head?: readonly [id: string, model: string]
}

/** Each row: what a server does, its stream, what is read, and the provider where it matters. */
export type Row = readonly [name: string, stream: string, read: Read, provider?: Provider]

/** Checks that the stream is an answer that reads so, and that its deltas are its text. */
export function checkReading(stream: string, expected: Read, provider: Provider): void {
  const events = eventsOfText(stream, provider)
  const last = events.at(-1)
  assert.ok(last?.type === 'finish', JSON.stringify(last))
  const { answer } = last
  const { content } = answer.message
  const read: Required<Read> = {
    text: textOf(content),
    reasoning: content.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    finish: answer.finishReason,
    raw: answer.rawFinishReason,
    usage: answer.usage && [answer.usage.inputTokens, answer.usage.outputTokens],
    cost: answer.cost,
    head: [answer.id, answer.model],
  }
  assert.deepEqual({ ...read, ...expected }, read)
  const streamed = events.map((event) => (event.type === 'text' ? event.text : '')).join('')
  assert.equal(streamed, read.text, 'the deltas are the text')
}
