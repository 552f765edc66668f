/** What an independent decoder read from the corpora, we read too, in every dialect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, dialects, textOf } from '../../src/index.ts'
import { allExpected, type Expected, recordings, skip } from '../recordings.ts'
import { law, outcomeOf } from './law.ts'

interface Line extends Expected {
  readonly name: string
}

const lines: readonly Line[] = allExpected.map((line) => ({ ...line, name: line.recording.name }))

/** Each row: what is compared, what we read, what was expected. */
const table: readonly [
  name: string,
  ours: (answer: Answer, line: Expected) => unknown,
  theirs: (line: Expected) => unknown,
][] = [
  ['the text', ({ message }) => textOf(message.content), ({ text }) => text],
  [
    'the tool calls',
    ({ message }, line) =>
      message.content
        .filter((part) => part.type === 'tool-call')
        // Where the provider gave no id, ours may be any.
        .map(({ id, name, input }, index) => ({
          id: line.toolCalls[index]?.id === null ? null : id,
          name,
          input,
        })),
    ({ toolCalls }) => toolCalls,
  ],
  ['the input tokens', ({ usage }) => usage?.inputTokens || null, ({ inputTokens }) => inputTokens],
  ['the output tokens', ({ usage }) => usage?.outputTokens ?? null, ({ outputTokens }) => outputTokens],
  ['the cost', ({ cost }) => atto(cost), ({ cost }) => atto(cost)],
  ['the model', ({ model }) => model, ({ responseModel }) => responseModel],
]

const answered = ({ name }: { readonly name: string }): readonly Line[] =>
  lines.filter(({ dialect, error }) => dialect === name && error !== true)

for (const [name, ours, theirs] of table) {
  law(`agrees on ${name}`, answered, (line) => {
    const outcome = outcomeOf(line.recording)
    assert.deepEqual(outcome.type === 'answer' ? ours(outcome, line) : outcome, theirs(line))
  })
}

law('agrees on whether there was reasoning, which may have been kept secret', answered, (line) => {
  const outcome = outcomeOf(line.recording)
  assert.ok(outcome.type === 'answer')
  const parts = outcome.message.content.filter(({ type }) => type === 'reasoning')
  if (line.hasReasoning) assert.ok(parts.length > 0)
  else assert.equal(parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''), '')
})

law('agrees on the finish reason, where either of two may be right', answered, (line) => {
  const outcome = outcomeOf(line.recording)
  assert.ok(outcome.type === 'answer')
  assert.ok(line.finishReason.split('|').includes(outcome.finishReason), outcome.finishReason)
})

law(
  'an error status is a failure that says so',
  ({ name }) => lines.filter(({ dialect, error }) => dialect === name && error === true),
  ({ recording }) => {
    const outcome = outcomeOf(recording)
    assert.ok(outcome.type === 'failure')
    assert.equal(outcome.status, recording.response.status)
  },
)

/** How many lines there are, and how many of them are errors. */
const counts: Readonly<Record<string, readonly [lines: number, errors: number]>> = {
  'openai-chat': [751, 39],
  gemini: [205, 1],
  'openai-responses': [136, 2],
  'anthropic-messages': [117, 2],
}

for (const { name } of dialects) {
  test(`${name}: the corpora are all there`, { skip }, () => {
    const found = lines.filter(({ dialect }) => dialect === name)
    const errors = found.filter(({ error }) => error === true)
    assert.deepEqual([found.length, errors.length], counts[name] ?? [0, 0])
    assert.ok(found.every(({ recording, dialect }) => recording.dialect.name === dialect))
    assert.ok(recordings.some(({ dialect }) => dialect.name === name))
  })
}

/** An amount times 10^40, so that amounts compare exactly. */
function atto(amount: string | null): string | null {
  if (amount === null) return null
  const [digits = '', exponent = '0'] = amount.toLowerCase().split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  return String(BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length + Number(exponent)))
}
