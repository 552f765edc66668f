/** An answer that is read, written again by the same dialect, and read again is the same answer. */
import assert from 'node:assert/strict'
import type { Answer, AnswerHead, AssistantPart, Dialect, Failure, StreamEvent } from '../../src/index.ts'
import type { Recording } from '../recordings.ts'
import { bytesOf, textOfBytes } from '../streams.ts'
import { eventsOfAnswer, fold } from './fold.ts'
import {
  answerOf,
  decodeStream,
  every,
  law,
  outcomeOf,
  plain,
  refused,
  same,
  streamed,
  wholeOf,
} from './law.ts'

law('a plain answer survives being written and read again', plain, ({ dialect, response }) => {
  const answer = dialect.client.decodeResponse(textOfBytes(response.body))
  if (answer.type === 'failure') return
  const body = dialect.server.encodeResponse(answer, headOf(answer, response.url))
  assert.equal(typeof JSON.parse(body), 'object')
  assert.deepEqual(unnamed(dialect.client.decodeResponse(body)), unnamed(answer))
})

law('a streamed answer survives being written and read again', streamed, (recording) => {
  const answer = answerOf(wholeOf(recording))
  if (answer === undefined) return
  const again = rewritten(recording, wholeOf(recording))
  const last = again.at(-1)
  assert.deepEqual(unnamed(last?.type === 'error' ? last.failure : answerOf(again)), unnamed(answer))
})

law(
  'a stream that was written again has the same text and reasoning in its deltas',
  streamed,
  (recording) => {
    const answer = answerOf(wholeOf(recording))
    if (answer === undefined) return
    const again = rewritten(recording, wholeOf(recording))
    for (const type of ['text', 'reasoning'] as const)
      same(wordsOf(again, type), wordsOf(wholeOf(recording), type))
  },
)

law('a stream that failed is written as one that fails, and is as retryable', streamed, (recording) => {
  const last = wholeOf(recording).at(-1)
  if (last?.type !== 'error') return
  const again = rewritten(recording, wholeOf(recording)).at(-1)
  assert.ok(again?.type === 'error')
  assert.equal(again.failure.retryable, last.failure.retryable, again.failure.code)
})

law('a stream that is broken off while it is written is one that fails', streamed, (recording) => {
  const events = wholeOf(recording)
  if (answerOf(events) === undefined) return
  const last = rewritten(recording, events.slice(0, -1)).at(-1)
  assert.ok(last?.type === 'error')
  assert.equal(last.failure.retryable, true)
})

law('a refusal survives being written and read again', refused, (recording) => {
  const outcome = outcomeOf(recording)
  assert.ok(outcome.type === 'failure')
  const { status, headers, body } = recording.dialect.server.encodeError(outcome)
  const again = recording.dialect.client.decodeError(status, new Headers(headers), body)
  assert.equal(status, outcome.status)
  same([again.code, again.message, again.retryable], [outcome.code, outcome.message, outcome.retryable])
  same(again.retryAfter, outcome.retryAfter === null ? null : Math.ceil(outcome.retryAfter / 1000) * 1000)
})

law('a plain answer and the stream that says the same are the same answer', plain, (recording) => {
  const { dialect, response } = recording
  const answer = dialect.client.decodeResponse(textOfBytes(response.body))
  if (answer.type === 'failure') return
  const again = rewritten(recording, eventsOfAnswer(answer))
  const last = again.at(-1)
  assert.deepEqual(unnamed(last?.type === 'error' ? last.failure : answerOf(again)), unnamed(answer))
})

law('a streamed answer and the plain one that says the same are the same answer', streamed, (recording) => {
  const { dialect, response } = recording
  const answer = answerOf(wholeOf(recording))
  if (answer === undefined) return
  const body = dialect.server.encodeResponse(answer, headOf(answer, response.url))
  const again = dialect.client.decodeResponse(body)
  assert.deepEqual(unnamed(again), unnamed(objectInputs.has(dialect.name) ? rewrittenInputs(answer) : answer))
})

law('the events add up to the answer', streamed, (recording) => {
  const events = wholeOf(recording)
  const answer = answerOf(events)
  if (answer === undefined) return
  const shape = gathered.has(recording.dialect.name) ? gather : (parts: readonly AssistantPart[]) => parts
  assert.deepEqual(shape(fold(events)), shape(answer.message.content))
})

law('an answer survives JSON', every, (recording) => {
  const outcome = outcomeOf(recording)
  assert.deepEqual(JSON.parse(JSON.stringify(outcome)), withoutUndefined(outcome))
})

/** Where a plain answer holds a tool call's input as an object, and not as the text that the model wrote. */
const objectInputs: ReadonlySet<string> = new Set(['anthropic-messages', 'bedrock-converse'])

function rewrittenInputs(answer: Answer): Answer {
  const content = answer.message.content.map((part) =>
    part.type === 'tool-call' ? { ...part, inputText: JSON.stringify(part.input) } : part,
  )
  return { ...answer, message: { ...answer.message, content } }
}

/** Where the answer's parts do not stand in the order in which they came: a message has a field for each kind. */
const gathered: ReadonlySet<string> = new Set(['openai-chat'])

/** Reasoning first, then text, then the rest. */
function gather(parts: readonly AssistantPart[]): unknown {
  const joined = (type: 'text' | 'reasoning') =>
    parts.map((part) => (part.type === type ? part.text : '')).join('')
  return [
    joined('reasoning'),
    joined('text'),
    parts.filter(({ type }) => type !== 'text' && type !== 'reasoning'),
  ]
}

function rewritten({ dialect, response }: Recording, events: readonly StreamEvent[]): StreamEvent[] {
  const head = headOf(answerOf(events) ?? { id: 'id', model: 'model' }, response.url)
  return decodeStream(dialect, response.url, written(dialect, head, events))
}

function written(dialect: Dialect, head: AnswerHead, events: readonly StreamEvent[]): Uint8Array[] {
  const encoder = dialect.server.encodeStream(head)
  const chunks = events.map((event) => encoder.push(event))
  return [...chunks, bytesOf('')]
}

function headOf({ id, model }: Pick<Answer, 'id' | 'model'>, url: string): AnswerHead {
  return { id, model, created: 1_700_000_000, url }
}

/** Without what the head gives. */
function unnamed(outcome: Answer | Failure | undefined): unknown {
  return outcome?.type === 'answer' ? { ...outcome, id: '', model: '' } : outcome
}

function wordsOf(events: readonly StreamEvent[], type: 'text' | 'reasoning'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

/** The input of a tool call that is not JSON is undefined, which JSON leaves out. Nothing else may be. */
function withoutUndefined(outcome: Answer | Failure): unknown {
  if (outcome.type === 'failure') return outcome
  const content = outcome.message.content.map((part) => {
    if (part.type !== 'tool-call' || part.input !== undefined) return part
    const { input: _input, ...rest } = part
    return rest
  })
  return { ...outcome, message: { ...outcome.message, content } }
}
