/** Every shape in which servers are known to stream tool calls gives the calls that the model meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openrouter, type StreamEvent } from '../src/index.ts'
import { chunk, eventsOfText, sse } from './streams.ts'

type Call = readonly [id: string, name: string, inputText: string]

const add: Call = ['functions.add:0', 'add', '{"a": 2, "b": 3}']
const multiply: Call = ['functions.multiply:1', 'multiply', '{"a": 4}']

/** Each row: who sends it, the elements of `tool_calls` (one chunk each), and the calls. */
const table: readonly [name: string, deltas: readonly unknown[], calls: readonly Call[]][] = [
  [
    'Chutes: id and name are null after the first delta',
    [
      { index: 0, id: add[0], type: 'function', function: { name: 'add', arguments: '' } },
      { index: 0, id: null, type: 'function', function: { name: null, arguments: '{"a": 2,' } },
      { index: 0, id: null, type: 'function', function: { name: null, arguments: ' "b": 3}' } },
      { index: 1, id: multiply[0], type: 'function', function: { name: 'multiply', arguments: '' } },
      { index: 1, id: null, type: 'function', function: { name: null, arguments: multiply[2] } },
    ],
    [add, multiply],
  ],
  [
    'SiliconFlow, Fireworks: id is null and name absent after the first delta, which has no arguments',
    [
      { index: 0, id: add[0], type: 'function', function: { name: 'add' } },
      { index: 0, id: null, type: null, function: { arguments: '{"a": 2,' } },
      { index: 0, id: null, type: null, function: { arguments: ' "b": 3}' } },
    ],
    [add],
  ],
  [
    'Moonshot, Together: id is absent after the first delta',
    [
      { index: 0, id: add[0], type: 'function', function: { name: 'add', arguments: '' } },
      { index: 0, function: { arguments: '{"a": 2, "b"' } },
      { index: 0, function: { arguments: ': 3}' } },
    ],
    [add],
  ],
  [
    'BaseTen: id is repeated and name empty after the first delta',
    [
      { index: 0, id: add[0], type: 'function', function: { name: 'add', arguments: '{"a"' } },
      { index: 0, id: add[0], type: 'function', function: { name: '', arguments: ': 2, "b": 3}' } },
    ],
    [add],
  ],
  [
    'DeepInfra: a whole call in one delta, ids count from 0',
    [
      { index: 0, id: '0', type: 'function', function: { name: 'add', arguments: add[2] } },
      { index: 1, id: '1', type: 'function', function: { name: 'multiply', arguments: multiply[2] } },
    ],
    [
      ['0', 'add', add[2]],
      ['1', 'multiply', multiply[2]],
    ],
  ],
  [
    'Gemini: whole calls without an index',
    [
      { id: 'a', function: { name: 'add', arguments: add[2] } },
      { id: 'b', function: { name: 'add', arguments: add[2] } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'add', add[2]],
    ],
  ],
  [
    'Gemini: whole calls with neither index nor id',
    [{ function: { name: 'add', arguments: add[2] } }, { function: { name: 'add', arguments: add[2] } }],
    [
      ['call_0', 'add', add[2]],
      ['call_1', 'add', add[2]],
    ],
  ],
  [
    'SGLang: calls without an index that continue by id',
    [
      { id: 'a', function: { name: 'add', arguments: '{"a": 2' } },
      { id: 'b', function: { name: 'multiply', arguments: '{"a"' } },
      { id: 'a', function: { name: null, arguments: ', "b": 3}' } },
      { id: 'b', function: { name: null, arguments: ': 4}' } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'multiply', multiply[2]],
    ],
  ],
  [
    'two calls without input, index or id are told apart by their names',
    [{ function: { name: 'now', arguments: '' } }, { function: { name: 'here', arguments: null } }],
    [
      ['call_0', 'now', '{}'],
      ['call_1', 'here', '{}'],
    ],
  ],
  [
    'Ollama: the index is always 0 and a new id is a new call (ollama#7881, #15457)',
    [
      { index: 0, id: 'a', function: { name: 'add', arguments: add[2] } },
      { index: 0, id: 'b', function: { name: 'add', arguments: '{"a":5}' } },
      { index: 0, id: 'c', function: { name: 'multiply', arguments: multiply[2] } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'add', '{"a":5}'],
      ['c', 'multiply', multiply[2]],
    ],
  ],
  [
    'the index is reused for another call, which then goes on (vercel/ai#18333)',
    [
      { index: 0, id: 'a', function: { name: 'add', arguments: add[2] } },
      { index: 0, id: 'b', function: { name: 'multiply', arguments: '{"a"' } },
      { index: 0, function: { arguments: ': 4}' } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'multiply', multiply[2]],
    ],
  ],
  [
    'the index starts above 0 and skips (vercel/ai#18333)',
    [
      { index: 1, id: 'a', function: { name: 'add', arguments: '' } },
      { index: 1, function: { arguments: add[2] } },
      { index: 7, id: 'b', function: { name: 'multiply', arguments: multiply[2] } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'multiply', multiply[2]],
    ],
  ],
  [
    'later deltas have no index (vercel/ai#18333)',
    [
      { index: 0, id: 'a', function: { name: 'add', arguments: '{"a": 2,' } },
      { function: { arguments: ' "b": 3}' } },
      { index: 1, id: 'b', function: { name: 'multiply', arguments: '{"a"' } },
      { function: { arguments: ': 4}' } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'multiply', multiply[2]],
    ],
  ],
  [
    'the input of two calls is interleaved',
    [
      { index: 0, id: 'a', function: { name: 'add', arguments: '{"a": 2,' } },
      { index: 1, id: 'b', function: { name: 'multiply', arguments: '{"a"' } },
      { index: 0, function: { arguments: ' "b": 3}' } },
      { index: 1, function: { arguments: ': 4}' } },
    ],
    [
      ['a', 'add', add[2]],
      ['b', 'multiply', multiply[2]],
    ],
  ],
  [
    'id and name come late, after input (vercel/ai#14760)',
    [
      { index: 0, function: { arguments: '{"a": 2,' } },
      { index: 0, id: '', function: { name: '', arguments: ' "b"' } },
      { index: 0, id: add[0], function: { name: 'add', arguments: ': 3}' } },
    ],
    [add],
  ],
  [
    'the name is repeated in every delta, and not a part of it (lmstudio-bug-tracker#649)',
    [
      { index: 0, id: add[0], function: { name: 'add', arguments: '{"a": 2,' } },
      { index: 0, id: add[0], function: { name: 'add', arguments: ' "b": 3}' } },
    ],
    [add],
  ],
  [
    'the name is repeated in every delta without index and id',
    [
      { function: { name: 'add', arguments: '{"a": 2,' } },
      { function: { name: 'add', arguments: ' "b": 3}' } },
    ],
    [['call_0', 'add', add[2]]],
  ],
  [
    'every delta has a fresh id, but only the first a name',
    [
      { index: 0, id: 'x1', function: { name: 'add', arguments: '{"a": 2,' } },
      { index: 0, id: 'x2', function: { arguments: ' "b": 3}' } },
    ],
    [['x1', 'add', add[2]]],
  ],
  [
    'space after a whole input is no second call (OpenRouter provider #489)',
    [
      { index: 0, id: add[0], function: { name: 'add', arguments: add[2] } },
      { index: 0, function: { arguments: ' \n' } },
      { function: { arguments: ' ' } },
    ],
    [['functions.add:0', 'add', `${add[2]} \n `]],
  ],
  [
    'a prefix that can be parsed is not the whole input (AI SDK 45b3d76)',
    [
      { index: 0, id: 'a', function: { name: 'pay', arguments: '1' } },
      { index: 0, function: { arguments: '0' } },
      { index: 0, function: { arguments: '0' } },
    ],
    [['a', 'pay', '100']],
  ],
  [
    'input that is absent, null, empty or space is an empty object (OpenRouter provider #287, pydantic-ai#822)',
    [
      { index: 0, id: 'a', function: { name: 'now' } },
      { index: 1, id: 'b', function: { name: 'now', arguments: null } },
      { index: 2, id: 'c', function: { name: 'now', arguments: '' } },
      { index: 3, id: 'd', function: { name: 'now', arguments: ' \n' } },
    ],
    ['a', 'b', 'c', 'd'].map((id) => [id, 'now', '{}']),
  ],
  [
    'input that is JSON instead of text is its text',
    [
      { index: 0, id: 'a', function: { name: 'add', arguments: { a: 2, b: [null] } } },
      { index: 1, id: 'b', function: { name: 'add', arguments: [2, 3] } },
      { index: 2, id: 'c', function: { name: 'add', arguments: 5 } },
      { index: 3, id: 'd', function: { name: 'add', arguments: {} } },
    ],
    [
      ['a', 'add', '{"a":2,"b":[null]}'],
      ['b', 'add', '[2,3]'],
      ['c', 'add', '5'],
      ['d', 'add', '{}'],
    ],
  ],
  [
    'input that is not JSON is kept as it is',
    [{ index: 0, id: 'a', function: { name: 'add', arguments: '{"a": 2, "b"' } }],
    [['a', 'add', '{"a": 2, "b"']],
  ],
  [
    'the same id twice is two calls where the index says so (`functions.add:0` repeats)',
    [
      { index: 0, id: 'same', function: { name: 'add', arguments: add[2] } },
      { index: 1, id: 'same', function: { name: 'add', arguments: '{"a":5}' } },
    ],
    [
      ['same', 'add', add[2]],
      ['same', 'add', '{"a":5}'],
    ],
  ],
  [
    'the same name again with neither index nor id, braces in its words',
    [
      { function: { name: 'add', arguments: '{"a": "\\"}' } },
      { function: { name: 'add', arguments: '"}' } },
      { function: { name: 'add', arguments: ' ' } },
      { function: { name: 'add', arguments: '{"a": {}' } },
      { function: { name: 'add', arguments: '}' } },
    ],
    [
      ['call_0', 'add', '{"a": "\\"}"}'],
      ['call_1', 'add', ' {"a": {}}'],
    ],
  ],
  [
    'OpenAI: custom tools take any text, beside a function',
    [
      { index: 0, id: 'a', type: 'custom', custom: { name: 'run', input: '' } },
      { index: 0, custom: { input: 'print(' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'add', arguments: add[2] } },
      { index: 0, custom: { input: '1)' } },
      { index: 2, id: 'c', type: 'custom', custom: { name: 'run', input: '5' } },
    ],
    [
      ['a', 'run', 'print(1)'],
      ['b', 'add', add[2]],
      ['c', 'run', '5'],
    ],
  ],
  ['an element that is null, or a list of nothing, is no call', [null, 'add', []], []],
]

for (const [name, deltas, calls] of table) {
  test(name, () => {
    const stream = sse(
      ...deltas.map((delta) => chunk({ tool_calls: [delta] })),
      chunk({}, 'tool_calls'),
      '[DONE]',
    )
    checkCalls(eventsOfText(stream, openrouter), calls)
  })
  test(`${name}; all in one chunk`, () => {
    const stream = sse(chunk({ tool_calls: deltas }), chunk({}, 'tool_calls'), '[DONE]')
    checkCalls(eventsOfText(stream, openrouter), calls)
  })
}

function checkCalls(events: readonly StreamEvent[], expected: readonly Call[]): void {
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
  assert.deepEqual(
    calls.map(({ id, name, inputText }) => [id, name, inputText]),
    expected,
  )
  const last = events.at(-1)
  assert.ok(last?.type === 'finish')
  assert.deepEqual(last.answer.message.content, calls)
  for (const [index, { input, inputText }] of calls.entries()) {
    assert.deepEqual(input, parsed(inputText))
    const deltas = events.filter((event) => event.type === 'tool-input' && event.index === index)
    const streamed = deltas.map((event) => (event.type === 'tool-input' ? event.text : '')).join('')
    assert.equal(streamed.trim() === '' ? '{}' : streamed, inputText, 'the deltas are the input')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
