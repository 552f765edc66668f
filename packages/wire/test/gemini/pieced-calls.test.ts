/** Calls whose arguments come in pieces, as Vertex streams them where it is asked to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AssistantPart, gemini, google } from '../../src/index.ts'

type Chunk = Record<string, unknown>

function chunk(parts: readonly unknown[], finishReason?: string): Chunk {
  return { candidates: [{ content: { parts, role: 'model' }, finishReason }] }
}

/** A chunk with a piece of a call. */
function pieces(functionCall: Chunk, thoughtSignature?: string): Chunk {
  return chunk([{ functionCall, thoughtSignature }])
}

function contentOf(chunks: readonly Chunk[]): readonly AssistantPart[] {
  const decoder = gemini.decodeStream(google)
  const wire = chunks.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('')
  const last = [...decoder.push(new TextEncoder().encode(wire)), ...decoder.end()].at(-1)
  assert.ok(last?.type === 'finish')
  return last.answer.message.content
}

const table: readonly [name: string, chunks: readonly Chunk[], content: unknown][] = [
  [
    'calls whose arguments come in pieces (Vertex), and a call that comes whole',
    [
      pieces({ name: 'f', willContinue: true }),
      pieces({
        partialArgs: [{ jsonPath: '$.place', stringValue: 'New ', willContinue: true }],
        willContinue: true,
      }),
      pieces({ partialArgs: [{ jsonPath: '$.place', stringValue: 'Delhi' }], willContinue: true }),
      pieces({
        partialArgs: [
          { jsonPath: "$['a b'].list[0].n", numberValue: 1 },
          { jsonPath: "$['a b'].list[1]", boolValue: false },
          { jsonPath: '$.none', nullValue: null },
        ],
        willContinue: true,
      }),
      pieces({}, 's'),
      pieces({ id: 'x', name: 'g', willContinue: true }),
      pieces({}),
      chunk([{ functionCall: { id: 'y', name: 'h', args: { a: 1 } } }], 'STOP'),
    ],
    [
      {
        type: 'tool-call',
        id: 'call_0',
        name: 'f',
        input: { place: 'New Delhi', 'a b': { list: [{ n: 1 }, false] }, none: null },
        inputText: '{"place":"New Delhi","a b":{"list":[{"n":1},false]},"none":null}',
        data: { gemini: { id: null, thoughtSignature: 's' } },
      },
      { type: 'tool-call', id: 'x', name: 'g', input: {}, inputText: '{}' },
      { type: 'tool-call', id: 'y', name: 'h', input: { a: 1 }, inputText: '{"a":1}' },
    ],
  ],
  [
    'arguments in pieces whose end never came',
    [
      pieces({
        id: 'x',
        name: 'f',
        partialArgs: [{ jsonPath: '$.a', stringValue: 'b' }],
        willContinue: true,
      }),
      chunk([], 'STOP'),
    ],
    [{ type: 'tool-call', id: 'x', name: 'f', input: { a: 'b' }, inputText: '{"a":"b"}' }],
  ],
  [
    'what continues no call is none',
    [pieces({ partialArgs: [] }), pieces({}), pieces({ args: { a: 1 } }), chunk([{ text: 'a' }], 'STOP')],
    [{ type: 'text', text: 'a' }],
  ],
]

for (const [name, chunks, content] of table) {
  test(`${name}: streamed, and as a list`, () => {
    assert.deepEqual(contentOf(chunks), content)
    const answer = gemini.decodeResponse(JSON.stringify(chunks))
    assert.deepEqual(answer.type === 'answer' && answer.message.content, content)
  })
}

test('places in pieced arguments that nobody means are put together in bounded time and memory', () => {
  const places = [
    '$.__proto__.polluted',
    '$.constructor.prototype.polluted',
    '$[4294967295][999999999].a',
    '$.length',
    '$',
    `$${'.a'.repeat(200_000)}`,
    'nonsense',
  ]
  const args = places.map((jsonPath) => ({ jsonPath, stringValue: 'x' }))
  const many = Array.from({ length: 50_000 }, () => ({ jsonPath: '$.text', stringValue: 'ab' }))
  const [first] = contentOf([
    pieces({ name: 'f', partialArgs: [...args, ...many, null, 5] }),
    chunk([], 'STOP'),
  ])
  assert.ok(first?.type === 'tool-call')
  assert.ok(first.inputText.length < 200_000, `${first.inputText.length}`)
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  assert.equal((first.input as { text: string }).text.length, 100_000)
})
