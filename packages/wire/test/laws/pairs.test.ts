/** One question that was recorded twice, plain and streamed, has answers of the same shape. */
import assert from 'node:assert/strict'
import type { Answer, AssistantPart, Dialect } from '../../src/index.ts'
import type { Recording } from '../recordings.ts'
import { every, law, outcomeOf } from './law.ts'

interface Pair {
  readonly name: string
  readonly plain: Answer
  readonly streamed: Answer
}

/** Models are random: they need not say the same, nor think each time. */
law('an answer has the same shape plain and streamed', pairs, ({ plain, streamed }) => {
  assert.deepEqual(shapeOf(streamed), shapeOf(plain))
  // Some servers report no usage in a stream.
  if (streamed.usage !== null) assert.ok(plain.usage !== null)
})

function shapeOf({ message, model, finishReason, id, logprobs }: Answer): unknown {
  return {
    model,
    finishReason,
    parts: [...new Set(message.content.flatMap(kindOf))].toSorted(),
    isNamed: id !== '',
    hasLogprobs: logprobs !== undefined,
  }
}

function kindOf(part: AssistantPart): string[] {
  if (part.type === 'reasoning') return []
  if (part.type === 'tool-call') return [`${part.type} ${part.name}`]
  return [part.type === 'text' && part.citations !== undefined ? 'text with citations' : part.type]
}

/** genai's recordings: `GenSync-Text.yaml` beside `GenStream-Text.yaml`. */
function pairs(dialect: Dialect): readonly Pair[] {
  const plain = new Map(every(dialect).map((recording) => [recording.name, recording]))
  return every(dialect).flatMap(({ name, ...rest }) => {
    const other = name.includes('/GenStream') ? plain.get(name.replace('/GenStream', '/GenSync')) : undefined
    return other === undefined ? [] : pairOf({ name, ...rest }, other)
  })
}

function pairOf(streamed: Recording, plain: Recording): Pair[] {
  const [one, other] = [outcomeOf(streamed), outcomeOf(plain)]
  if (one.type === 'failure' || other.type === 'failure') return []
  return [{ name: streamed.name, plain: other, streamed: one }]
}
