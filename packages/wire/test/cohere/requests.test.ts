/** Requests of version 2 of Cohere's chat, read and written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cohereChat,
  cohereDialect,
  custom,
  type Message,
  type ModelRequest,
  WireError,
} from '../../src/index.ts'

const url = 'https://api.cohere.com/v2/chat'
const decode = (body: unknown): ModelRequest => cohereDialect.server.decodeRequest(body, url)
const encode = (request: ModelRequest): Record<string, unknown> =>
  JSON.parse(cohereChat.encodeRequest(request, custom)) as Record<string, unknown>
const hi: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }

/** What is written another way than it came: each says the same. */
function normalised(body: Record<string, unknown>): unknown {
  const { stream = false, tool_choice: choice, ...rest } = structuredClone(body)
  for (const message of rest['messages'] as Record<string, unknown>[]) {
    const parts = message['content']
    const [only] = Array.isArray(parts) && parts.length === 1 ? (parts as Record<string, unknown>[]) : []
    if (only?.['type'] === 'text') message['content'] = only['text']
    const isEmpty = message['content'] === null || message['content'] === ''
    if (isEmpty && 'tool_calls' in message) delete message['content']
  }
  return { ...rest, ...(typeof choice === 'string' && { tool_choice: choice.toUpperCase() }), stream }
}

const call = { id: 'a', type: 'function', function: { name: 'add', arguments: '{"a": 1}' } }

const bodies: readonly [name: string, body: Record<string, unknown>][] = [
  ['nothing but a question', { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }],
  [
    'every setting',
    {
      model: 'm',
      messages: [{ role: 'system', content: [{ type: 'text', text: 'Be brief' }] }],
      stream: true,
      max_tokens: 9,
      temperature: 0,
      p: 1,
      k: 5,
      seed: 1,
      frequency_penalty: 0.5,
      presence_penalty: 0.5,
      stop_sequences: ['x'],
      logprobs: true,
      response_format: { type: 'json_object', json_schema: { type: 'object' } },
      thinking: { type: 'enabled', token_budget: 100 },
      documents: [{ id: 'd', data: { snippet: 's' } }],
      safety_mode: 'STRICT',
    },
  ],
  ['no thinking', { model: 'm', messages: [], thinking: { type: 'disabled' }, logprobs: false }],
  [
    'a step',
    {
      model: 'command-r',
      tools: [
        { type: 'function', function: { name: 'add', description: 'Adds', parameters: { type: 'object' } } },
      ],
      strict_tools: true,
      tool_choice: 'required',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          content: [{ type: 'text', text: '' }],
          tool_plan: 'I will add',
          tool_calls: [call],
        },
        {
          role: 'tool',
          tool_call_id: 'a',
          content: [{ type: 'document', document: { id: '1', data: { answer: '3' } } }],
        },
        { role: 'tool', tool_call_id: 'b', content: '3' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm' },
            { type: 'text', text: 'It is 3' },
          ],
          citations: [
            { start: 6, end: 7, text: '3', sources: [{ type: 'tool', id: 'a:0' }], content_index: 1 },
          ],
        },
      ],
    },
  ],
]

for (const [name, body] of bodies) {
  test(`${name} is written as it was read`, () => {
    const request = decode(body)
    assert.deepEqual(normalised(encode(request)), normalised(body))
    assert.deepEqual(decode(encode(request)), request)
  })
}

test('what a model thought goes where the model has a place for it', () => {
  const thought: Message = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm' },
      { type: 'tool-call', id: 'a', name: 'f', input: {}, inputText: '{}' },
    ],
  }
  const sent = (model: string): object =>
    (encode({ model, messages: [thought], stream: false })['messages'] as object[])[0] ?? {}
  assert.equal((sent('command-r') as { tool_plan: unknown }).tool_plan, 'Hm')
  assert.deepEqual((sent('command-a-reasoning-08-2025') as { content: unknown }).content, [
    { type: 'thinking', thinking: 'Hm' },
  ])
})

test('a document of a result is text to everyone else', () => {
  const content = [{ type: 'document', document: { data: { answer: '3' } } }]
  const { messages } = decode({ messages: [{ role: 'tool', tool_call_id: 'a', content }] })
  const [result] = messages[0]?.role === 'tool' ? messages[0].content : []
  const [part] = result?.output ?? []
  assert.equal(part?.type === 'text' && part.text, '{"answer":"3"}')
})

const refusals: readonly [name: string, body: unknown, path: string][] = [
  ['a role that is not known', { messages: [{ role: 'x' }] }, 'messages[0].role'],
  [
    'an image of the assistant',
    { messages: [{ role: 'assistant', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    'messages[0].content[0].type',
  ],
  ['a choice that is not known', { messages: [], tool_choice: { type: 'x' } }, 'tool_choice'],
  ['a format that is not known', { messages: [], response_format: { type: 'xml' } }, 'response_format.type'],
  ['a limit that is no number', { messages: [], max_tokens: '5' }, 'max_tokens'],
  [
    'a call that is no function',
    { messages: [{ role: 'assistant', tool_calls: [{ type: 'x' }] }] },
    'messages[0].tool_calls[0].type',
  ],
]

for (const [name, body, path] of refusals) {
  test(`${name} is refused, and where it stands is said`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof WireError && error.path === path,
    )
  })
}

test('what Cohere cannot say is refused', () => {
  const sound = { type: 'media', mediaType: 'audio/wav', source: { type: 'base64', base64: 'AA' } } as const
  const base = { model: 'm', stream: false, messages: [hi] }
  const paths: readonly [request: ModelRequest, path: string][] = [
    [{ ...base, messages: [{ role: 'user', content: [sound] }] }, 'messages[0].content[0]'],
    [{ ...base, toolChoice: { type: 'tool', name: 'f' } }, 'toolChoice'],
    [{ ...base, tools: [{ type: 'provider', dialect: 'x', definition: {} }] }, 'tools[0]'],
  ]
  for (const [request, path] of paths)
    assert.throws(
      () => encode(request),
      (error) => error instanceof WireError && error.path === path,
    )
})
