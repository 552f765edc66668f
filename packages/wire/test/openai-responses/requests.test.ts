/** Requests of `openai-responses`: read and written again, or refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type ModelRequest, openaiResponses, WireError } from '../../src/index.ts'
import { isObject, type Unread } from '../../src/json.ts'
import { openaiResponsesServer } from '../../src/openai-responses/server.ts'
import { openai } from '../../src/providers.ts'

const decode = (body: unknown): ModelRequest => openaiResponsesServer.decodeRequest(body, '')
const encode = (request: ModelRequest): Unread =>
  JSON.parse(openaiResponses.encodeRequest(request, openai)) as Unread
const asked = (...input: readonly unknown[]): Unread => ({ model: 'm', input })

/**
 * What is written in one way where the API takes several that say the same: `input` as a list; one text
 * without `prompt_cache_breakpoint` as such and not as a list of one; no `type` on what was asked; no
 * empty logprobs; annotations even where there are none; no `stream: false`.
 */
function normalised(body: Unread): Unread {
  const { input = [], stream, ...rest } = structuredClone(body)
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : (input as Unread[])
  return { ...rest, input: items.map(normalisedItem), ...(stream === true && { stream }) }
}

function normalisedItem(item: Unread): Unread {
  const { type, content, output, ...rest } = item
  const isAsked = (type ?? 'message') === 'message' && item['role'] !== 'assistant'
  return {
    ...rest,
    ...(!isAsked && type !== undefined && { type }),
    ...(content !== undefined && { content: isAsked ? oneText(content) : texts(content) }),
    ...(output !== undefined && { output: oneText(output) }),
  }
}

function oneText(content: unknown): unknown {
  const [first, ...others] = Array.isArray(content) ? (content as unknown[]) : []
  const isOne = isObject(first) && others.length === 0 && Object.keys(first).length === 2
  return isOne && first['type'] === 'input_text' ? first['text'] : content
}

function texts(content: unknown): unknown {
  if (!Array.isArray(content)) return content
  return content.map((part: Unread) => {
    const { logprobs, ...others } = part
    const isSaid = Array.isArray(logprobs) && logprobs.length > 0
    return {
      ...others,
      ...(part['type'] === 'output_text' && { annotations: part['annotations'] ?? [] }),
      ...(isSaid && { logprobs }),
    }
  })
}

const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' }
const call = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'add', arguments: '{"a": 1}' }
const result = { type: 'function_call_output', call_id: 'c1', output: '2' }
const message = {
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  phase: 'commentary',
  role: 'assistant',
  content: [
    { type: 'output_text', text: 'One', annotations: [] },
    {
      type: 'output_text',
      text: 'Two',
      annotations: [{ type: 'file_citation', file_id: 'f', filename: 'a.pdf', index: 3 }],
    },
  ],
}
const answer = { role: 'assistant', content: 'Hello' }
const tool = { type: 'function', name: 'add', description: 'Adds', parameters: { type: 'object' } }

const same: readonly [name: string, body: Unread][] = [
  ['a string', { model: 'm', input: 'Hi' }],
  ['instructions before a system message', { ...asked({ role: 'system', content: 'S' }), instructions: 'I' }],
  ['a developer message', asked({ role: 'developer', content: [{ type: 'input_text', text: 'D' }] })],
  ['reasoning that stays before its call', asked(reasoning, call, result)],
  ['reasoning that is only a name', asked({ type: 'reasoning', id: 'rs_1', summary: [] }, answer)],
  ['reasoning in its own words', asked({ ...reasoning, content: [{ type: 'reasoning_text', text: 'I' }] })],
  ['a message of two texts', asked(message)],
  ['two messages of one answer', asked(answer, answer, message, { ...message, id: 'msg_2' }, answer)],
  ['a refusal', asked({ ...message, content: [{ type: 'refusal', refusal: 'No' }] })],
  ['an empty answer', asked({ role: 'assistant', content: '' }, { ...message, content: [] })],
  ['a call without input', asked({ ...call, arguments: '', namespace: 'n', status: 'completed' })],
  [
    'a custom tool',
    {
      ...asked(
        { type: 'custom_tool_call', id: 'ctc', call_id: 'c', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
      ),
      tools: [{ type: 'custom', name: 'apply_patch', format: { type: 'grammar' } }],
      tool_choice: { type: 'custom', name: 'apply_patch' },
    },
  ],
  [
    'what the provider did itself',
    asked(
      { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
      { type: 'code_interpreter_call', id: 'ci', code: null, outputs: [], container_id: 'c' },
      { type: 'image_generation_call', id: 'ig', status: 'completed', result: 'aGk=' },
      { type: 'item_reference', id: 'msg_0' },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'mcp_list_tools', id: 'mcpl', server_label: 's', tools: [] },
    ),
  ],
  [
    'media',
    asked({
      role: 'user',
      content: [
        { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'low' },
        { type: 'input_image', image_url: 'https://a/b.png', detail: 'auto' },
        { type: 'input_image', file_id: 'file-1', detail: 'high' },
        { type: 'input_file', file_data: 'data:application/pdf;base64,aGk=', filename: 'a.pdf' },
        { type: 'input_file', file_data: 'data:image/png;base64,aGk=', filename: 'a.png' },
        { type: 'input_file', file_data: 'aGk=' },
        { type: 'input_file', file_url: 'https://a/b.pdf' },
        { type: 'input_file', file_id: 'file-2' },
        { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
        { type: 'input_text', text: 'T', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
      ],
    }),
  ],
  ['a result with an image', asked({ ...result, output: [{ type: 'input_image', file_id: 'f' }] })],
  [
    'tools, strict or not, or not said',
    {
      ...asked(),
      tools: [
        { ...tool, strict: true },
        { ...tool, strict: false },
        tool,
        { type: 'function', name: 'a', parameters: null, strict: null, description: null },
        { type: 'web_search', search_context_size: 'low' },
      ],
      tool_choice: { type: 'function', name: 'add' },
    },
  ],
  [
    'settings',
    {
      ...asked(),
      max_output_tokens: 5,
      temperature: 0.5,
      top_p: 1,
      parallel_tool_calls: false,
      user: 'u',
      metadata: { a: 'b' },
      reasoning: { effort: 'high', summary: 'detailed', context: 'all_turns' },
      text: { format: { type: 'json_schema', name: 'n', schema: {}, strict: true }, verbosity: 'low' },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      top_logprobs: 2,
      store: true,
      previous_response_id: 'resp_1',
      service_tier: 'flex',
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'add' }] },
    },
  ],
  [
    'logprobs that are not included',
    { ...asked(), top_logprobs: 2, text: { verbosity: 'low' }, reasoning: {} },
  ],
]
for (const [name, body] of same) {
  test(`${name}: read and written again it is the same`, () => {
    const request = decode(body)
    const again = encode(JSON.parse(JSON.stringify(request)) as ModelRequest)
    assert.deepEqual(normalised(again), normalised(body))
    assert.deepEqual(decode(again), request)
  })
}

test('what a model wrote is one message, and so are results', () => {
  const question = { role: 'user', content: 'Hi' }
  const { messages } = decode(asked(question, reasoning, message, call, call, result, result))
  assert.deepEqual(
    messages.map(({ role, content }) => [role, content.length]),
    [
      ['user', 1],
      ['assistant', 5],
      ['tool', 2],
    ],
  )
})

test("OpenRouter's settings are read, and sent on to OpenRouter", () => {
  const body = { ...asked({ role: 'user', content: 'Hi' }), top_k: 5, models: ['a', 'b'] }
  assert.equal(decode(body).topK, 5)
  assert.deepEqual(encode(decode(body)), body)
})

test('settings are read', () => {
  const { logprobs, reasoning: thinking, outputFormat, toolChoice } = decode(same.at(-2)?.[1])
  assert.equal(logprobs, 2)
  assert.deepEqual(thinking, { effort: 'high', isShown: true })
  assert.equal(outputFormat?.type, 'json-schema')
  assert.equal(toolChoice, undefined)
})

const refused: readonly [path: string, body: unknown][] = [
  ['', 'Hi'],
  ['input', { input: 5 }],
  ['input[0]', asked(5)],
  ['input[0].type', asked({ type: 'telepathy' })],
  ['input[0].role', asked({ role: 'tool', content: '' })],
  [
    'input[0].content[1].type',
    asked({ role: 'user', content: [{ type: 'input_text', text: '' }, { type: 'x' }] }),
  ],
  ['input[0].content[0]', asked({ role: 'system', content: [{ type: 'input_image', file_id: 'f' }] })],
  ['input[0].content[0].type', asked({ role: 'assistant', content: [{ type: 'output_smell' }] })],
  ['input[0].content[0].image_url', asked({ role: 'user', content: [{ type: 'input_image' }] })],
  ['input[0].call_id', asked({ ...result, call_id: 5 })],
  ['input[0].arguments', asked({ ...call, arguments: {} })],
  ['input[0].summary', asked({ ...reasoning, summary: 'S' })],
  ['instructions', { input: '', instructions: [] }],
  ['tools[0].type', { input: '', tools: [{}] }],
  ['tools[0].strict', { input: '', tools: [{ ...tool, strict: 'yes' }] }],
  ['tool_choice', { input: '', tool_choice: 'maybe' }],
  ['text.format.type', { input: '', text: { format: { type: 'grammar' } } }],
  ['temperature', { input: '', temperature: '1' }],
]
for (const [path, body] of refused) {
  test(`refused at "${path}": ${JSON.stringify(body).slice(0, 60)}`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof WireError && error.path === path,
    )
  })
}

test('any body is read or refused', () => {
  const types = ['message', 'reasoning', 'function_call', 'function_call_output', 'web_search_call', 'x']
  const item = fc.record(
    {
      type: fc.constantFrom(...types),
      role: fc.constantFrom('user', 'assistant', 'system'),
      content: fc.oneof(fc.string(), fc.array(fc.jsonValue()), fc.jsonValue()),
      call_id: fc.jsonValue(),
      output: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ input: fc.array(item) })), (body) => {
      try {
        encode(decode(body))
      } catch (error) {
        assert.ok(error instanceof WireError, String(error))
      }
    }),
  )
})
