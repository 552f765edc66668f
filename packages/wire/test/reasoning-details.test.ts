/** Signed and secret reasoning is put together from its deltas as the model wants it back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openrouter } from '../src/index.ts'
import { chunk, eventsOfText, sse } from './streams.ts'

const thought = (fields: object): object => ({ type: 'reasoning.text', index: 0, ...fields })
const secret = (id: string, data: string): object => ({ type: 'reasoning.encrypted', id, data, index: 0 })

/** Each row: how it comes, the details of each delta, and the details that go back. */
const table: readonly [name: string, deltas: readonly (readonly object[])[], details: readonly object[]][] = [
  [
    'one thought in pieces',
    [[thought({ text: 'I ' })], [thought({ text: 'see' })]],
    [thought({ text: 'I see' })],
  ],
  [
    'a signature after the words (Anthropic)',
    [[thought({ text: 'I see', signature: null })], [thought({ text: '', signature: 's', format: 'a' })]],
    [thought({ text: 'I see', signature: 's', format: 'a' })],
  ],
  [
    'a null after the signature, which stays',
    [[thought({ text: 'I', signature: 's' })], [thought({ text: ' see', signature: null })]],
    [thought({ text: 'I see', signature: 's' })],
  ],
  [
    'two thoughts',
    [[thought({ text: 'One' })], [thought({ text: 'Two', index: 1 })], [thought({ text: '!', index: 1 })]],
    [thought({ text: 'One' }), thought({ text: 'Two!', index: 1 })],
  ],
  [
    'a summary in pieces',
    [
      [{ type: 'reasoning.summary', summary: 'I ', index: 0 }],
      [{ type: 'reasoning.summary', summary: 'see', index: 0 }],
    ],
    [{ type: 'reasoning.summary', summary: 'I see', index: 0 }],
  ],
  [
    'two secrets of one index, which stay apart',
    [[secret('a', 'x')], [secret('b', 'y')]],
    [secret('a', 'x'), secret('b', 'y')],
  ],
  [
    'one secret sent twice, which goes back once',
    [[secret('a', 'x')], [secret('a', 'x')]],
    [secret('a', 'x')],
  ],
  [
    'a secret after a thought (Gemini)',
    [[thought({ text: 'I' })], [secret('tool_0', 'x')]],
    [thought({ text: 'I' }), secret('tool_0', 'x')],
  ],
  [
    'a piece without words',
    [[thought({ text: 'I' })], [thought({})], [thought({ text: null })]],
    [thought({ text: 'I' })],
  ],
]

for (const [name, deltas, details] of table) {
  test(name, () => {
    const chunks = deltas.map((reasoning_details) => chunk({ reasoning_details }))
    const last = eventsOfText(sse(...chunks, chunk({}, 'stop'), '[DONE]'), openrouter).at(-1)
    assert.ok(last?.type === 'finish')
    const [part] = last.answer.message.content
    assert.ok(part?.type === 'reasoning')
    assert.deepEqual(part.data?.['openai-chat']?.['reasoning_details'], details)
  })
}
