/** Chat completions of very many parts are read in a time that grows with them and not with their square. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AssistantPart } from '../src/index.ts'
import { chunk, eventsOfText, sse } from './streams.ts'

/** So many that their square would take minutes. */
const count = 50_000

/** Each row: what there are many of, the delta of each, and how many parts of a type they make. */
const table: readonly [
  name: string,
  delta: (index: number) => unknown,
  type: AssistantPart['type'],
  parts: number,
][] = [
  [
    'calls by index',
    (index) => call({ index, id: `c${index}`, function: { name: 'f', arguments: '{' } }),
    'tool-call',
    count,
  ],
  [
    'calls by index, without ids',
    (index) => call({ index, function: { arguments: '{' } }),
    'tool-call',
    count,
  ],
  [
    'calls by id',
    (index) => call({ id: `c${index}`, function: { name: 'f', arguments: '{' } }),
    'tool-call',
    count,
  ],
  ['calls by name', (index) => call({ function: { name: `f${index}` } }), 'tool-call', count],
  ['whole calls of one name', () => call({ function: { name: 'f', arguments: '{}' } }), 'tool-call', count],
  [
    'pieces of one call, each of which may be the end',
    (index) => call({ function: { name: 'f', arguments: index === 0 ? '{"a":"' : '}' } }),
    'tool-call',
    1,
  ],
  [
    'thoughts',
    (index) => ({ reasoning_details: [{ type: 'reasoning.text', index, text: 'a' }] }),
    'reasoning',
    1,
  ],
  [
    'encrypted thoughts',
    (index) => ({ reasoning_details: [{ type: 'reasoning.encrypted', index, data: `${index}` }] }),
    'reasoning',
    1,
  ],
  [
    'texts with their sources between thoughts',
    (index) => ({ reasoning: 'a', content: 'b', annotations: [{ url_citation: { url: `u${index}` } }] }),
    'text',
    1,
  ],
  ['fields of a sound', (index) => ({ audio: { [`f${index}`]: index } }), 'media', 1],
]

for (const [name, delta, type, parts] of table) {
  test(name, () => {
    const deltas = Array.from({ length: count }, (_, index) => chunk(delta(index)))
    const last = eventsOfText(sse(...deltas, chunk({}, 'stop'), '[DONE]')).at(-1)
    assert.ok(last?.type === 'finish')
    assert.equal(last.answer.message.content.filter((part) => part.type === type).length, parts)
  })
}

function call(wire: object): object {
  return { tool_calls: [wire] }
}
