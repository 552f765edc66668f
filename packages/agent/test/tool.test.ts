/** Tools: their schemas, what reaches them, and what the model reads of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { agent, AgentError, tool, type ToolOptions } from '../src/index.ts'
import { ofType, play, plainModel, says, script, sse } from './servers.ts'
import { callOnce, jsonSchema, showing } from './tools.ts'

test('a tool without parameters may be called with nothing', async () => {
  assert.deepEqual(await callOnce([showing(z.object({}))], ''), { content: '{}', isError: false })
})

test('an unknown tool is an error result that names the tools there are', async () => {
  assert.deepEqual(await callOnce([showing(jsonSchema)], '{}', 'multiply'), {
    content: 'Error: There is no tool "multiply". Tools: it',
    isError: true,
  })
  assert.match(String((await callOnce([], '{}')).content), /Tools: none$/)
})

for (const inputText of ['{"a":', '{a: 1}', 'a', '{"a":1}}']) {
  test(`the input ${inputText} is an error result`, async () => {
    const { content, isError } = await callOnce([showing(jsonSchema)], inputText)
    assert.equal(isError, true)
    assert.equal(content, `Error: The input of it is not valid JSON: ${inputText}`)
  })
}

const anything = { type: 'object' }
const circular: { self?: unknown } = {}
circular.self = circular

const gives: readonly [name: string, run: () => unknown, content: unknown][] = [
  ['text', () => 'five', 'five'],
  ['empty text', () => '', ''],
  ['a promise of text', async () => 'five', 'five'],
  ['a number', () => 5, '5'],
  ['0', () => 0, '0'],
  ['false', () => false, 'false'],
  ['an object', () => ({ sum: 5, nothing: undefined }), '{"sum":5}'],
  ['a list', () => [1, 'a', null], '[1,"a",null]'],
  ['an empty list', () => [], '[]'],
  ['a date', () => new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['null', () => null, 'null'],
  ['nothing', () => undefined, 'null'],
  ['one text part', () => [{ type: 'text', text: 'five' }], 'five'],
  ['objects that look like parts and are none', () => [{ type: 'text' }], '[{"type":"text"}]'],
  ['an object without a prototype', () => Object.assign(Object.create(null), { a: 1 }) as unknown, '{"a":1}'],
]
for (const [name, run, content] of gives) {
  test(`a tool that gives ${name}`, async () => {
    const it = tool({ name: 'it', description: 'd', input: anything, run })
    assert.deepEqual(await callOnce([it], '{}'), { content, isError: false })
  })
}

test('a tool that gives several parts', async () => {
  const parts = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ]
  const it = tool({ name: 'it', description: 'd', input: anything, run: () => parts })
  assert.deepEqual(
    (await callOnce([it], '{}')).content,
    parts.map(({ type, text }) => ({ text, type })),
  )
})

const fails: readonly [name: string, run: () => unknown, content: RegExp][] = [
  [
    'throws',
    () => {
      throw new Error('out of stock')
    },
    /^Error: out of stock$/,
  ],
  [
    'rejects',
    async () => {
      throw new Error('out of stock')
    },
    /^Error: out of stock$/,
  ],
  [
    'throws text',
    () => {
      throw 'out of stock'
    },
    /^Error: out of stock$/,
  ],
  [
    'throws an object',
    () => {
      throw { reason: 'out of stock' }
    },
    /^Error: \{"reason":"out of stock"\}$/,
  ],
  [
    'throws an error without words',
    () => {
      throw new RangeError()
    },
    /^Error: RangeError$/,
  ],
  [
    'throws nothing',
    () => {
      throw undefined
    },
    /^Error: \S+/,
  ],
  [
    'throws a symbol',
    () => {
      throw Symbol('x')
    },
    /^Error: symbol was thrown$/,
  ],
  [
    'throws what cannot be written',
    () => {
      throw circular
    },
    /^Error: \S+/,
  ],
  [
    'throws what has no prototype',
    () => {
      throw Object.create(null)
    },
    /^Error: \S+/,
  ],
  [
    'throws an error of an agent',
    () => {
      throw new AgentError('model', 'the inner agent failed')
    },
    /^Error: the inner agent failed$/,
  ],
  ['gives a bigint', () => 5n, /^Error: .*BigInt/],
  ['gives a circle', () => circular, /^Error: .*circular/],
  [
    'throws an error whose message is no text',
    () => {
      throw Object.assign(new Error('x'), { message: Symbol('odd') })
    },
    /^Error: symbol was thrown$/,
  ],
  [
    'throws what cannot even be looked at',
    () => {
      throw new Proxy({}, { getPrototypeOf: () => assert.fail('looked at') })
    },
    /^Error: \S+/,
  ],
  ['gives a function', () => () => 5, /^Error: The tool gave a function, which is not JSON$/],
  ['gives a symbol', () => Symbol('x'), /^Error: The tool gave a symbol, which is not JSON$/],
]
for (const [name, run, content] of fails) {
  test(`a tool that ${name} is an error that the model can read`, async () => {
    const it = tool({ name: 'it', description: 'd', input: anything, run })
    const answered = await callOnce([it], '{}')
    assert.equal(answered.isError, true)
    assert.equal(typeof answered.content, 'string')
    assert.match(String(answered.content), content)
  })
}

test('a tool that fails takes nothing from the others', async () => {
  const bad = tool({
    name: 'bad',
    description: 'd',
    input: anything,
    run: () => Promise.reject(new Error('no')),
  })
  const server = script(
    says({
      calls: [
        ['a', 'bad', '{}'],
        ['b', 'it', '{"a":1}'],
        ['c', 'bad', '{}'],
      ],
    }),
    says({ text: 'Done' }),
  )
  const { requests, result } = await play(server, { tools: [bad, showing(jsonSchema)] })
  assert.deepEqual(
    requests[1]?.body.messages.slice(-3).map(({ content }) => content),
    ['Error: no', '{"a":1}', 'Error: no'],
  )
  assert.deepEqual(
    result.steps[0]?.toolResults.map(({ isError }) => isError),
    [true, false, true],
  )
})

test('a tool is given its call and a signal', async () => {
  const it = tool({
    name: 'it',
    description: 'd',
    input: anything,
    run: (_, { call: { id, inputText }, signal }) => `${id} ${inputText} ${signal.aborted}`,
  })
  assert.equal((await callOnce([it], '{ }')).content, 'a { } false')
})

test('an agent may be a tool of another', async () => {
  const inner = agent({ model: plainModel })
  const it = tool({
    name: 'it',
    description: 'asks another agent',
    input: z.object({ question: z.string() }),
    run: async ({ question }, { signal }) =>
      (await inner.run(question, { signal, fetch: script(says({ text: 'Inner' })).fetch }).result).text,
  })
  assert.deepEqual(await callOnce([it], '{"question":"Who?"}'), { content: 'Inner', isError: false })
})

for (const name of ['', 'a b', 'functions.add', 'é', 'a'.repeat(65), 'add\n', undefined, null, 5]) {
  test(`${JSON.stringify(name)?.slice(0, 20)} is no name of a tool`, () => {
    const options = { name: name as string, description: 'd', input: anything, run: () => 1 }
    assert.throws(() => tool(options), { code: 'configuration', message: /is no tool name/ })
  })
}

test('two tools of one name are refused', () => {
  const one = showing(anything)
  assert.throws(() => agent({ model: plainModel, tools: [one, one] }), {
    code: 'configuration',
    message: 'Two tools are named "it"',
  })
})

test('a tool that cannot be run is refused when it is made', () => {
  const options = { name: 'it', description: 'd', input: anything } as unknown as ToolOptions<unknown>
  assert.throws(() => tool(options), { code: 'configuration', message: /tool "it" .*run/ })
})

test('a call in two deltas of which the first has no input reaches the tool whole', async () => {
  const stream = sse([
    { choices: [{ delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'it' } }] } }] },
    { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] } }] },
    {
      choices: [
        { delta: { tool_calls: [{ index: 0, function: { arguments: '1}' } }] }, finish_reason: 'stop' },
      ],
    },
    '[DONE]',
  ])
  const { events } = await play(script(new Response(stream), says({ text: 'Done' })), {
    tools: [showing(jsonSchema)],
  })
  assert.deepEqual(ofType(events, 'tool-result')[0]?.result.output, [{ type: 'text', text: '{"a":1}' }])
})
