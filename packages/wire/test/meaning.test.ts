/** What a request asks, and how a difference is told. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { conversation } from '../src/index.ts'
import { seeds } from './recordings.ts'

const chatUrl = 'https://a/v1/chat/completions'

function of(body: unknown, url = chatUrl, method = 'POST'): object | undefined {
  return conversation.of({ method, url, body: typeof body === 'string' ? body : JSON.stringify(body) })
}

interface Tool {
  readonly type: 'function'
  readonly function: { readonly name: string; readonly description?: string; readonly parameters: object }
}
const tool = (name: string, type = 'integer'): Tool => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { a: { type } } } },
})
const call = (id: string, name: string, text: string): object => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})
const asked = {
  model: 'a',
  messages: [
    { role: 'user', content: 'Add and multiply 2 and 3' },
    {
      role: 'assistant',
      content: 'Both.',
      tool_calls: [call('c:0', 'add', '{"a":2}'), call('c:1', 'multiply', '{"a":3}')],
    },
    { role: 'tool', tool_call_id: 'c:0', content: '5' },
    { role: 'tool', tool_call_id: 'c:1', content: '6' },
    { role: 'assistant', content: 'Done.' },
    { role: 'user', content: 'Thanks' },
  ],
  tools: [tool('add'), tool('multiply')],
  temperature: 0,
}
const [question, calls, five, six, done, thanks] = asked.messages
const [add, multiply] = asked.tools
const long = 'The quick brown fox jumps over the lazy dog. '.repeat(50)
const image = (url: string): object => ({ type: 'image_url', image_url: { url } })

const table: readonly [sentence: string, change: object, lines: readonly string[]][] = [
  ['nothing', {}, []],
  ['another model', { model: 'b' }, ['model: a → b']],
  ['a setting', { temperature: 1 }, ['temperature: 0 → 1']],
  ['a setting less', { temperature: undefined }, ['temperature: 0 → nothing']],
  ['a setting of words', { stop: ['a b'] }, ['stop: nothing → ["a b"]']],
  ['a field of one dialect', { provider: { only: ['x'] } }, ['provider: nothing → {"only":["x"]}']],
  ['a stream', { stream: true }, ['stream: false → true']],
  ['a tool less', { tools: [add] }, ['tool `multiply` is missing']],
  ['no tools', { tools: undefined }, ['tools `add`, `multiply` are missing']],
  ['a tool more', { tools: [add, multiply, tool('divide')] }, ['tool `divide` is new']],
  [
    'a tool for another input',
    { tools: [tool('add', 'number'), multiply] },
    ['tool `add`, inputSchema.properties.a.type: integer → number'],
  ],
  ['tools in another order', { tools: [multiply, add] }, ['the tools stand in another order']],
  [
    'another result',
    { messages: [question, calls, { ...five, content: '6' }, six, done, thanks] },
    ['message 3 (tool), result of `add`: 5 → 6'],
  ],
  [
    'a result less',
    { messages: [question, calls, five, done, thanks] },
    ['message 3 (tool): result of `multiply` "6" is missing'],
  ],
  [
    'a result of another call',
    { messages: [question, calls, five, { ...six, tool_call_id: 'c:9' }, done, thanks] },
    ['message 3 (tool), result of call `c:9`, id: c:1 → c:9'],
  ],
  [
    'a call with another input',
    { messages: [question, { ...calls, tool_calls: [call('c:0', 'add', '{"a":3}')] }, five, done, thanks] },
    [
      'message 2 (assistant), call of `add`, input.a: 2 → 3',
      'message 2 (assistant): call of `multiply` {"a":3} is missing',
      'message 3 (tool): result of `multiply` "6" is missing',
    ],
  ],
  [
    'a text less beside calls',
    { messages: [question, { ...calls, content: null }, five, six, done, thanks] },
    ['message 2 (assistant): "Both." is missing'],
  ],
  [
    'a text less, and another call',
    {
      messages: [
        question,
        {
          ...calls,
          content: null,
          tool_calls: [call('c:0', 'add', '{"a":3}'), call('c:1', 'multiply', '{"a":3}')],
        },
      ],
    },
    [
      'message 2 (assistant): "Both." is missing',
      'message 2 (assistant), call of `add`, input.a: 2 → 3',
      'messages 3 to 5 are missing, the first of them: tool: result of `add` "5", result of `multiply` "6"',
    ],
  ],
  [
    'messages more in the middle',
    { messages: [question, thanks, thanks, calls, five, six, done, thanks] },
    ['messages 2 to 3 are new, the first of them: user: "Thanks"'],
  ],
  [
    'a message more at the end',
    { messages: [...asked.messages, { role: 'user', content: 'And\nthen?' }] },
    ['message 6 is new: user: "And\\nthen?"'],
  ],
  [
    'a message more in the middle',
    { messages: [{ role: 'system', content: 'Be kind.' }, ...asked.messages] },
    ['message 1 is new: system: "Be kind."'],
  ],
  [
    'a message more of the same role',
    { messages: [{ role: 'user', content: 'First' }, ...asked.messages] },
    ['message 1 is new: user: "First"'],
  ],
  [
    'messages less',
    { messages: [question] },
    [
      'messages 2 to 5 are missing, the first of them: assistant: "Both.", call of `add` {"a":2}, call of `multiply` {"a":3}',
    ],
  ],
  [
    'another role',
    { messages: [{ role: 'system', content: 'Hi' }, ...asked.messages.slice(1)] },
    ['message 1: user: "Add and multiply 2 and 3" → system: "Hi"'],
  ],
  [
    'a word in a long text, cut to where they differ',
    { messages: [{ role: 'user', content: `${long}five` }] },
    ['message 1 (user): … over the lazy dog. six" → … over the lazy dog. five"'],
  ],
  [
    'an image',
    {
      messages: [{ role: 'user', content: [{ type: 'text', text: `${long}six` }, image('https://b/c.png')] }],
    },
    ['message 1 (user): image/* (url) is new'],
  ],
]

for (const [sentence, change, lines] of table) {
  test(`it tells of ${sentence}`, () => {
    const before =
      sentence.includes('long text') || sentence === 'an image'
        ? { messages: [{ role: 'user', content: `${long}six` }] }
        : {}
    assert.deepEqual(conversation.explain(of({ ...asked, ...before }), of({ ...asked, ...change })), lines)
  })
}

test('the seeds ask for the same calls, and one of them says so first', () => {
  const [baseten, retry] = ['baseten', 'retry'].map((name) =>
    seeds.findLast((seed) => seed.name.includes(name)),
  )
  assert.deepEqual(conversation.explain(of(baseten?.requestBody), of(retry?.requestBody)), [
    'provider: {"only":["baseten"]} → nothing',
    `message 3 (assistant): "I'll perform both addition and multiplication on the number… is missing`,
  ])
})

test('what a name holds is shown as JSON has it', () => {
  const tools = [add, tool('a\u001b[31m`\n')]
  assert.deepEqual(conversation.explain(of(asked), of({ ...asked, tools })), [
    'tool `multiply` is missing',
    String.raw`tool ` + '`a\\u001b[31m`\\n` is new',
  ])
})

const many = (word: string): object => ({
  model: 'm',
  messages: Array.from({ length: 20_000 }, (_, index) => ({ role: 'user', content: `${word} ${index}` })),
})

test('many changes of many messages are told in a time that grows with their number', () => {
  const [before, after] = [of(many('a')), of(many('b'))]
  const started = performance.now()
  assert.equal(conversation.explain(before, after).length, 20_000)
  assert.ok(performance.now() - started < 2000)
})

test('anything may be explained', () => {
  for (const value of [
    null,
    undefined,
    1,
    'a',
    [],
    {},
    { messages: 1, tools: [null] },
    { messages: [null, 1] },
  ])
    for (const other of [null, {}, { messages: [{ content: [3] }], tools: {} }])
      assert.ok(Array.isArray(conversation.explain(value, other)))
})

const same: readonly [sentence: string, change: object][] = [
  [
    'the input of a call, written otherwise',
    {
      messages: [
        question,
        { ...calls, tool_calls: [call('c:0', 'add', '{ "a": 2.0 }'), call('c:1', 'multiply', '{"a":3}')] },
        five,
        six,
        done,
        thanks,
      ],
    },
  ],
  ['the newer name of a limit', { max_completion_tokens: 5, max_tokens: undefined }],
  ['what is the default', { stream: false, tool_choice: 'auto' }],
]
for (const [sentence, change] of same) {
  test(`the same: ${sentence}`, () =>
    assert.deepEqual(of({ ...asked, max_tokens: 5, ...change }), of({ ...asked, max_tokens: 5 })))
}

const withInput = (text: string): object | undefined =>
  of({ model: 'm', messages: [{ role: 'assistant', tool_calls: [call('c', 'f', text)] }] })

test('an input that is no JSON, or holds a number too large for one, is its text', () => {
  assert.notDeepEqual(withInput('{"a":'), withInput('{"a": '))
  assert.notDeepEqual(withInput('9007199254740993'), withInput('9007199254740992'))
})

const unknown: readonly [sentence: string, body: unknown, url?: string, method?: string][] = [
  ['no model', { a: 1 }, 'https://a/'],
  ['no JSON', '{'],
  ['a list', []],
  ['a part that nobody knows', { model: 'm', messages: [{ role: 'user', content: [{ type: 'dream' }] }] }],
  ['a request for what is there', asked, chatUrl, 'GET'],
  ['what is nested too deeply', `{"messages":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
]
for (const [sentence, ...request] of unknown) {
  test(`it knows nothing of ${sentence}`, () => assert.equal(of(...request), undefined))
}

/** A small request of each dialect. */
const words = 'Hi'
const samples: readonly [url: string, body: object][] = [
  [chatUrl, asked],
  ['https://a/v1/responses', { model: 'm', input: words, stream: true }],
  ['https://a/v1/messages', { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: words }] }],
  ['https://a/v1beta/models/m:generateContent', { contents: [{ role: 'user', parts: [{ text: words }] }] }],
  ['https://a/model/m/converse', { messages: [{ role: 'user', content: [{ text: words }] }] }],
  ['https://a/v2/chat', { model: 'm', messages: [{ role: 'user', content: words }] }],
  ['https://a/api/chat', { model: 'm', messages: [{ role: 'user', content: words }] }],
]

test('what is stored under a name stays: another meaning needs another name', () => {
  const meanings = samples.map(([url, body]) => JSON.stringify(sorted(of(body, url))))
  assert.equal(conversation.name, 'conversation-2')
  assert.ok(meanings.every((meaning) => meaning.length > 50))
  assert.equal(hash('sha256', meanings.join('\n'), 'base64url').slice(0, 12), 'nHmwJNXMwLuX')
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  )
}
