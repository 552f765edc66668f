/** What an independent decoder read from the corpora, we read too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, decodeExchange, openaiChat, textOf } from '../src/index.ts'
import { type Expected, expected, skip } from './recordings.ts'

const decoded = expected.map((line) => {
  const { response, isStream } = line.recording
  return { line, outcome: decodeExchange(openaiChat, response, isStream) }
})

/** Each row: what is compared, what we read, what was expected. */
const table: readonly [
  name: string,
  ours: (answer: Answer) => unknown,
  theirs: (line: Expected) => unknown,
][] = [
  ['the text', ({ message }) => textOf(message.content), ({ text }) => text],
  [
    'the tool calls',
    ({ message }) =>
      message.content.flatMap((part) =>
        part.type === 'tool-call' ? [{ id: part.id, name: part.name, input: part.input }] : [],
      ),
    ({ toolCalls }) => toolCalls,
  ],
  [
    'whether there was reasoning',
    ({ message }) => message.content.some(({ type }) => type === 'reasoning'),
    ({ hasReasoning }) => hasReasoning,
  ],
  ['the input tokens', ({ usage }) => usage?.inputTokens ?? null, ({ inputTokens }) => inputTokens],
  ['the output tokens', ({ usage }) => usage?.outputTokens ?? null, ({ outputTokens }) => outputTokens],
  ['the cost', ({ cost }) => atto(cost), ({ cost }) => atto(cost)],
  ['the model', ({ model }) => model, ({ responseModel }) => responseModel],
]

for (const [name, ours, theirs] of table) {
  test(`agrees on ${name}`, { skip }, () => {
    const disagreements = decoded.flatMap(({ line, outcome }) => {
      if (line.error === true) return []
      const read = outcome.type === 'answer' ? ours(outcome) : outcome
      return sameJson(read, theirs(line)) ? [] : [{ name: line.recording.name, read, expected: theirs(line) }]
    })
    assert.deepEqual(disagreements, [])
  })
}

test('agrees on the finish reason, where either of two may be right', { skip }, () => {
  for (const { line, outcome } of decoded) {
    if (line.error === true) continue
    assert.ok(outcome.type === 'answer', line.recording.name)
    assert.ok(line.finishReason.split('|').includes(outcome.finishReason), line.recording.name)
  }
})

test('an error status is a failure that says so', { skip }, () => {
  for (const { line, outcome } of decoded) {
    if (line.error !== true) continue
    assert.equal(outcome.type, 'failure', line.recording.name)
    assert.equal(outcome.type === 'failure' && outcome.status, line.recording.response.status)
  }
})

test('the corpora are all there', { skip }, () => {
  assert.equal(decoded.length, 751)
  assert.equal(decoded.filter(({ line }) => line.error).length, 39)
})

/** An amount times 10^40, so that amounts compare exactly. */
function atto(amount: string | null): string | null {
  if (amount === null) return null
  const [digits = '', exponent = '0'] = amount.toLowerCase().split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  return String(BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length + Number(exponent)))
}

function sameJson(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b)
    return true
  } catch {
    return false
  }
}
