/** Requests of Ollama's native chat, read and written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  custom,
  type Message,
  type ModelRequest,
  ollamaChat,
  ollamaDialect,
  WireError,
} from '../../src/index.ts'

const url = 'http://127.0.0.1:11434/api/chat'
const decode = (body: unknown): ModelRequest => ollamaDialect.server.decodeRequest(body, url)
const encode = (request: ModelRequest): unknown => JSON.parse(ollamaChat.encodeRequest(request, custom))
const hi: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }

/** What is written another way than it came: each says the same. */
function normalised(body: Record<string, unknown>): unknown {
  const { stream = true, options, ...rest } = structuredClone(body)
  const isEmpty = typeof options === 'object' && Object.keys(options ?? {}).length === 0
  for (const message of rest['messages'] as Record<string, unknown>[]) message['content'] ??= ''
  return { ...rest, ...(options !== undefined && !isEmpty && { options }), stream }
}

const tool = {
  type: 'function',
  function: { name: 'add', description: 'Adds', parameters: { type: 'object' } },
}

const bodies: readonly [name: string, body: Record<string, unknown>][] = [
  ['nothing but a question', { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }],
  ['no stream', { model: 'm', messages: [], stream: false, options: {} }],
  [
    'every setting',
    {
      model: 'm',
      messages: [],
      stream: false,
      format: { type: 'object' },
      think: 'low',
      logprobs: true,
      top_logprobs: 2,
      keep_alive: '5m',
      options: { temperature: 0, top_p: 1, top_k: 5, num_predict: 9, stop: ['x'], seed: 1, num_ctx: 4096 },
    },
  ],
  [
    'no limit, which only Ollama knows',
    { model: 'm', messages: [], stream: true, options: { num_predict: -1 } },
  ],
  ['no thinking', { model: 'm', messages: [], stream: true, think: false, format: 'json', tools: [] }],
  [
    'a step',
    {
      model: 'm',
      stream: true,
      tools: [tool],
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', images: ['iVBORw0KGgo'] },
        {
          role: 'assistant',
          content: '',
          thinking: 'Hm',
          tool_calls: [
            { id: 'a', type: 'function', function: { index: 0, name: 'add', arguments: { a: 1 } } },
          ],
        },
        { role: 'tool', content: '3', tool_name: 'add', tool_call_id: 'a' },
      ],
    },
  ],
  [
    'a step without ids, as before Ollama 0.12',
    {
      model: 'm',
      messages: [
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'add', arguments: {} } }] },
        { role: 'tool', content: '3', tool_name: 'add' },
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'add', arguments: {} } }] },
        { role: 'tool', content: '3' },
      ],
    },
  ],
]

for (const [name, body] of bodies) {
  test(`${name} is written as it was read`, () => {
    const request = decode(body)
    assert.deepEqual(normalised(encode(request) as Record<string, unknown>), normalised(body))
    assert.deepEqual(decode(encode(request)), request)
  })
}

const call = (name: string): unknown => ({ function: { name, arguments: {} } })

test('calls and results without ids find each other', () => {
  const { messages } = decode({
    messages: [
      { role: 'assistant', content: '', tool_calls: [call('add'), call('sub')] },
      { role: 'tool', content: '1', tool_name: 'sub' },
      { role: 'tool', content: '2', tool_name: 'add' },
    ],
  })
  assert.equal(messages.length, 2)
  assert.deepEqual(
    messages.flatMap(({ content }) => content.map((part) => ('id' in part ? part.id : ''))),
    ['call_0', 'call_1', 'call_1', 'call_0'],
  )
})

test('a result of another dialect names its tool', () => {
  const request: ModelRequest = {
    model: 'm',
    stream: false,
    messages: [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: 'x', name: 'add', input: undefined, inputText: '{"a":' }],
      },
      { role: 'tool', content: [{ type: 'tool-result', id: 'x', name: '', output: [], isError: false }] },
    ],
  }
  assert.deepEqual((encode(request) as { messages: unknown }).messages, [
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'x', function: { name: 'add', arguments: { input: '{"a":' } } }],
    },
    { role: 'tool', content: '', tool_name: 'add', tool_call_id: 'x' },
  ])
})

test('where calls are forbidden, there are no tools', () => {
  const tools = [{ type: 'function', name: 'f', description: '', inputSchema: {} }] as const
  const sent = encode({ model: 'm', stream: false, messages: [hi], tools, toolChoice: { type: 'none' } })
  assert.equal('tools' in (sent as object), false)
})

const refusals: readonly [name: string, body: unknown, path: string][] = [
  ['a role that is not known', { messages: [{ role: 'x' }] }, 'messages[0].role'],
  ['content that is a list', { messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
  ['calls of a user', { messages: [{ role: 'user', tool_calls: [{}] }] }, 'messages[0].tool_calls'],
  [
    'input that is text',
    { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }] },
    'messages[0].tool_calls[0].function.arguments',
  ],
  ['a format that is not known', { messages: [], format: 'xml' }, 'format'],
  ['an option of another type', { messages: [], options: { top_k: 'x' } }, 'options.top_k'],
  ['a tool that is not known', { messages: [], tools: [{ type: 'web' }] }, 'tools[0].type'],
]

for (const [name, body, path] of refusals) {
  test(`${name} is refused, and where it stands is said`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof WireError && error.path === path,
    )
  })
}

test('what Ollama cannot say is refused', () => {
  const image = { type: 'media', mediaType: 'image/png', source: { type: 'url', url: 'https://x' } } as const
  const base = { model: 'm', stream: false, messages: [hi] }
  const paths: readonly [request: ModelRequest, path: string][] = [
    [{ ...base, messages: [{ role: 'user', content: [image] }] }, 'messages[0].content[0]'],
    [{ ...base, toolChoice: { type: 'required' } }, 'toolChoice'],
    [{ ...base, tools: [{ type: 'provider', dialect: 'x', definition: {} }] }, 'tools[0]'],
  ]
  for (const [request, path] of paths)
    assert.throws(
      () => encode(request),
      (error) => error instanceof WireError && error.path === path,
    )
})

test('a stream is asked for unless it is not', () => {
  assert.ok(ollamaDialect.matches(`${url}?x`, { messages: [] }))
  assert.ok(!ollamaDialect.matches('https://x/api/chat', {}))
  assert.ok(ollamaDialect.asksForStream(url, { messages: [] }))
  assert.ok(!ollamaDialect.asksForStream(url, { stream: false }))
})

test('input that is nested too deeply is refused, and what is written is never cut', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
  const body = {
    messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: { deep } } }] }],
  }
  assert.throws(
    () => decode(body),
    (error) => error instanceof WireError && error.path === 'messages[0].tool_calls[0].function.arguments',
  )
  const request = decode({ messages: [], deep })
  assert.throws(() => encode(request), WireError)
})
