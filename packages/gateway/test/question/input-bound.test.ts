/** Whether the bytes of a prompt bound its tokens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect as messages,
  type Dialect,
  geminiDialect as gemini,
  openaiChatDialect as chat,
  openaiResponsesDialect as responses,
} from '@playhead/wire'
import { contents, geminiUrl, hello, read } from './reading.ts'

const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
const pixel = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
const says = (content: unknown): object => ({ messages: [{ role: 'user', content }] })
const bounds: readonly (readonly [name: string, dialect: Dialect, body: object, isBound: boolean])[] = [
  ['text', chat, says('Hello'), true],
  ['text in parts', chat, says([{ type: 'text', text: 'Hello' }]), true],
  ['an image', chat, says([{ type: 'text', text: 'See' }, image]), false],
  ['a sound', chat, says([{ type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } }]), false],
  ['a part of the future', chat, says([{ type: 'hologram', text: 'x' }]), false],
  [
    'a tool whose input is named like a file',
    chat,
    {
      ...hello,
      tools: [
        {
          type: 'function',
          function: { name: 'a', parameters: { properties: { file: {}, source: {}, image_url: {} } } },
        },
      ],
    },
    true,
  ],
  ['a tool of the provider', chat, { ...hello, tools: [{ type: 'openrouter:web_search' }] }, false],
  ['a list of lists of tools', chat, { ...hello, tools: [[{ type: 'function', name: 'a' }]] }, false],
  ['a search', chat, { ...hello, plugins: [{ id: 'web' }] }, false],
  [
    'an image in a result',
    messages,
    says([{ type: 'tool_result', content: [{ type: 'image', source: pixel }] }]),
    false,
  ],
  [
    'text in a result',
    messages,
    says([{ type: 'tool_result', content: [{ type: 'text', text: 'x' }] }]),
    true,
  ],
  [
    'a call with a source',
    messages,
    {
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: { source: pixel } }] },
      ],
    },
    true,
  ],
  ['a tool of Anthropic', messages, { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, false],
  ['a tool of the client', messages, { tools: [{ name: 'a', input_schema: {} }] }, true],
  ['a response that is kept', responses, { input: 'x', previous_response_id: 'resp_1' }, false],
  ['an item that is kept', responses, { input: [{ type: 'item_reference', id: 'x' }] }, false],
  [
    'an image',
    responses,
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
    false,
  ],
  [
    'an image in an output',
    responses,
    { input: [{ type: 'function_call_output', call_id: 'a', output: [{ type: 'input_image' }] }] },
    false,
  ],
  ['text', gemini, { contents }, true],
  ['an image', gemini, { contents: [{ parts: [{ inlineData: { data: 'AA' } }] }] }, false],
  ['a file', gemini, { contents: [{ parts: [{ file_data: { file_uri: 'x' } }] }] }, false],
  [
    'an image in a result',
    gemini,
    {
      contents: [{ parts: [{ functionResponse: { name: 'a', response: {}, parts: [{ inlineData: {} }] } }] }],
    },
    false,
  ],
  ['a search', gemini, { contents, tools: [{ functionDeclarations: [], googleSearch: {} }] }, false],
  ['functions', gemini, { contents, tools: [{ functionDeclarations: [{ name: 'a' }] }] }, true],
]
for (const [name, dialect, body, isBound] of bounds) {
  test(`the prompt of ${dialect.name} is ${isBound ? '' : 'not '}bounded by its bytes: ${name}`, () => {
    const url = dialect === gemini ? geminiUrl : ''
    assert.equal(read({ model: 'a', ...body }, dialect, url).inputTokensBound !== null, isBound)
  })
}

test('tools bring more tokens than their bytes: Anthropic’s own words about them have up to 530', () => {
  const bound = read(
    { model: 'a', messages: [], tools: [{ name: 'a', input_schema: {} }] },
    messages,
  ).inputTokensBound
  assert.ok(bound !== null && bound > 530)
})

function boundOf(content: string): number | null {
  return read(`{"model":"a","messages":[{"role":"user","content":${content}}]}`).inputTokensBound
}

test('a text in escapes has no more tokens than in letters, and a number no fewer than its digits', () => {
  assert.equal(boundOf(String.raw`"\u00e9\n\""`), boundOf(JSON.stringify('é\n"')))
  assert.equal((boundOf(`"${'é'.repeat(100)}"`) ?? 0) - (boundOf(`"${'e'.repeat(100)}"`) ?? 0), 100)
  const digits = (length: number): number => boundOf('1'.repeat(length)) ?? 0
  assert.ok(digits(200) - digits(100) >= 100)
  assert.ok(digits(400) > 4300)
})
