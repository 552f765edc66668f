/** Requests of other dialects in `openai-responses`: what can be said is, what must not be left out is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Message, type ModelRequest, openaiResponses, WireError } from '../../src/index.ts'
import type { Unread } from '../../src/json.ts'
import { openaiResponsesServer } from '../../src/openai-responses/server.ts'
import { openai } from '../../src/providers.ts'

const decode = (body: unknown): ModelRequest => openaiResponsesServer.decodeRequest(body, '')
const encode = (request: ModelRequest): Unread =>
  JSON.parse(openaiResponses.encodeRequest(request, openai)) as Unread
const asked = (...input: readonly unknown[]): Unread => ({ model: 'm', input })
const ask = (messages: readonly Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'm',
  messages,
  stream: false,
  ...more,
})

const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' }
const call = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'add', arguments: '{"a": 1}' }

const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }

test('a tool of another dialect is not strict unless it says so, and has an object for a schema', () => {
  const { tools } = encode(
    ask([user], { tools: [{ type: 'function', name: 'a', description: '', inputSchema: {} }] }),
  )
  assert.deepEqual(tools, [
    { type: 'function', name: 'a', parameters: { type: 'object', properties: {} }, strict: false },
  ])
})

test('reasoning, citations and calls of another dialect: what can be said is', () => {
  const data = { gemini: { signature: 'x' } }
  const { input } = encode(
    ask([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', data },
          { type: 'provider-call', id: 'p', name: 'search', input: {}, data },
          { type: 'text', text: 'A', citations: [{ url: 'u', title: 't' }, { quote: 'q' }], data },
          { type: 'text', text: 'B' },
          { type: 'tool-call', id: 'c', name: 'add', input: {}, inputText: '{ }', data },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', id: 'c', name: '', output: [], isError: true, data }],
      },
    ]),
  )
  const cited = { type: 'url_citation', start_index: 0, end_index: 1, title: 't', url: 'u' }
  assert.deepEqual(input, [
    {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'A', annotations: [cited] },
        { type: 'output_text', text: 'B', annotations: [] },
      ],
    },
    { type: 'function_call', call_id: 'c', name: 'add', arguments: '{ }' },
    { type: 'function_call_output', call_id: 'c', output: '' },
  ])
})

test('settings of another dialect: an effort for a budget, a summary for what is shown, a name for a schema', () => {
  const body = encode(
    ask([user], {
      reasoning: { budget: 4000, isShown: true },
      logprobs: 0,
      seed: 1,
      topK: 2,
      outputFormat: { type: 'json-schema', name: '', schema: {} },
    }),
  )
  assert.deepEqual(body, {
    model: 'm',
    input: [{ role: 'user', content: 'Hi' }],
    text: { format: { type: 'json_schema', name: 'answer', schema: {} } },
    reasoning: { effort: 'medium', summary: 'auto' },
    include: ['message.output_text.logprobs'],
  })
})

test('reasoning that OpenAI does not find where nothing is stored is left out', () => {
  const lost = { type: 'reasoning', id: 'rs_1', summary: [] }
  assert.deepEqual(encode(decode({ ...asked(lost, call), store: false }))['input'], [call])
  assert.deepEqual(encode(decode({ ...asked(reasoning, call), store: false }))['input'], [reasoning, call])
})

const media = (part: object): Message =>
  ({ role: 'user', content: [{ type: 'media', mediaType: '', ...part }] }) as unknown as Message
const unsaid: readonly [path: string, request: ModelRequest][] = [
  ['messages[0].content[0]', ask([media({ source: { type: 'file', id: 'f' }, data: { gemini: {} } })])],
  ['messages[0].content[0]', ask([media({ mediaType: 'video/mp4', source: { type: 'url', url: 'u' } })])],
  ['messages[0].content[0]', ask([media({ mediaType: 'audio/wav', source: { type: 'url', url: 'u' } })])],
  [
    'messages[1].content[0]',
    ask([user, { ...media({ source: { type: 'url', url: 'u' } }), role: 'assistant' } as Message]),
  ],
  ['tools[0]', ask([user], { tools: [{ type: 'provider', dialect: 'gemini', definition: {} }] })],
  ['stop', ask([user], { stop: ['END'] })],
]
for (const [index, [path, request]] of unsaid.entries()) {
  test(`cannot be said, ${index}: ${path}`, () => {
    assert.throws(
      () => encode(request),
      (error) => error instanceof WireError && error.code === 'unsupported' && error.path === path,
    )
  })
}
