/** Requests are written so that equal requests are equal bytes, and nothing is lost that was not listed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  custom,
  type ModelRequest,
  openai,
  openaiChat,
  openaiChatDialect,
  openrouter,
  type Provider,
  providerOf,
  textOf,
} from '../src/index.ts'
import { corpora, seeds, skip } from './recordings.ts'

const decodeRequest = (body: unknown): ModelRequest => openaiChatDialect.server.decodeRequest(body, '')
const encodeRequest = (request: ModelRequest, provider: Provider): string =>
  openaiChat.encodeRequest(request, provider)

test("the seeds' requests are written byte for byte as they were recorded", () => {
  assert.deepEqual(
    seeds.map(({ requestBody }) => requestBody.length),
    [922, 1389, 890, 1275, 1275],
  )
  for (const { name, requestBody } of seeds) {
    assert.equal(encodeRequest(decodeRequest(JSON.parse(requestBody)), openrouter), requestBody, name)
  }
})

test('every recorded request is read', { skip }, () => {
  for (const { name, requestBody } of corpora) {
    assert.doesNotThrow(() => decodeRequest(JSON.parse(requestBody)), name)
  }
})

test('most recorded requests are written byte for byte as they were recorded', { skip }, () => {
  const same = corpora.filter(({ requestBody, response }) => {
    const request = decodeRequest(JSON.parse(requestBody))
    return encodeRequest(request, providerOf(response.url)) === requestBody
  })
  // The others have another order, or what test/laws/normalisations.ts lists.
  assert.equal(same.length, 511)
})

const ask = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }

/** Each row: fields of a request, and what it is then asked with at a provider that knows them. */
const rewritten: readonly [name: string, fields: object, written: object][] = [
  [
    'fields without a canonical form',
    { provider: { order: ['a'] }, n: 2, logit_bias: { 5: -1 } },
    { provider: { order: ['a'] }, n: 2, logit_bias: { 5: -1 } },
  ],
  ['nulls', { max_tokens: null, temperature: null, stop: null, tools: null, tool_choice: null }, {}],
  ['the limit under its new name', { max_completion_tokens: 5 }, { max_tokens: 5 }],
  ['one stop', { stop: 'x' }, { stop: ['x'] }],
  [
    "a choice by Mistral's word",
    { tools: [tool('f')], tool_choice: 'any' },
    { tools: [tool('f')], tool_choice: 'required' },
  ],
  [
    'a choice of one tool',
    { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'f' } } },
    { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'f' } } },
  ],
  ['tools without a choice', { tools: [tool('f')] }, { tools: [tool('f')], tool_choice: 'auto' }],
  ['no tools', { tools: [], tool_choice: 'auto' }, { tools: [], tool_choice: 'auto' }],
  ['a stream', { stream: true }, { stream: true, stream_options: { include_usage: true } }],
  [
    'a key named __proto__',
    JSON.parse('{"__proto__":{"x":1}}') as object,
    JSON.parse('{"__proto__":{"x":1}}') as object,
  ],
]

for (const [name, fields, written] of rewritten) {
  test(`${name} can be asked for`, () => {
    const sent: unknown = JSON.parse(encodeRequest(decodeRequest({ ...ask, ...fields }), custom))
    assert.deepEqual(sent, { ...ask, ...written })
  })
}

/** Each row: a message, and how it goes back; as it came where nothing is given. */
const messages: readonly [name: string, message: object, written?: object][] = [
  ['a system message', { content: 'Be brief.', role: 'system' }],
  ['a developer message', { role: 'developer', content: 'Be brief.' }],
  [
    'texts',
    {
      content: [
        { text: 'a', type: 'text' },
        { text: 'b', type: 'text' },
      ],
      role: 'user',
    },
  ],
  [
    'an image',
    {
      content: [
        { text: 'a', type: 'text' },
        { image_url: { url: 'data:image/png;base64,AAAA' }, type: 'image_url' },
      ],
      role: 'user',
    },
  ],
  [
    'the URL of an image',
    { content: [{ image_url: { url: 'https://x/y.png' }, type: 'image_url' }], role: 'user' },
  ],
  [
    'a sound',
    { content: [{ input_audio: { data: 'AAAA', format: 'mp3' }, type: 'input_audio' }], role: 'user' },
  ],
  [
    'a file',
    {
      content: [{ file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' }, type: 'file' }],
      role: 'user',
    },
  ],
  ['an answer', { content: 'Hi', role: 'assistant' }],
  ['a refusal', { role: 'assistant', content: null, refusal: 'No' }, { role: 'assistant', content: 'No' }],
  [
    'a call whose input is no tidy JSON',
    {
      tool_calls: [{ id: 'a', function: { arguments: '{"b":1,  "a":2.0}', name: 'f' }, type: 'function' }],
      role: 'assistant',
    },
  ],
  [
    'a signed call',
    {
      tool_calls: [
        {
          id: 'a',
          function: { arguments: '{}', name: 'f' },
          type: 'function',
          extra_content: { google: { thought_signature: 'x' } },
        },
      ],
      role: 'assistant',
    },
  ],
  ['reasoning', { content: 'Hi', role: 'assistant', reasoning_content: 'Hm' }],
  ['a result', { content: '5', tool_call_id: 'a', role: 'tool' }],
]

for (const [name, message, written = message] of messages) {
  test(`${name} goes back as it came`, () => {
    const sent = JSON.parse(encodeRequest(decodeRequest({ model: 'm', messages: [message] }), custom)) as {
      messages: unknown
    }
    assert.deepEqual(sent.messages, [written])
  })
}

test('results in a row are one message, and go back one by one in call order', () => {
  const results = ['a', 'b', 'c'].map((id) => ({ content: id, tool_call_id: id, role: 'tool' }))
  const request = decodeRequest({ model: 'm', messages: results })
  assert.equal(request.messages.length, 1)
  assert.equal(
    textOf(request.messages[0]?.role === 'tool' ? (request.messages[0].content[1]?.output ?? []) : []),
    'b',
  )
  assert.deepEqual((JSON.parse(encodeRequest(request, openai)) as { messages: unknown }).messages, results)
})

test('a provider names the limit its way', () => {
  const request: ModelRequest = { model: 'm', messages: [], maxOutputTokens: 5, stream: false }
  assert.equal(encodeRequest(request, openai), '{"messages":[],"model":"m","max_completion_tokens":5}')
  assert.equal(
    encodeRequest(request, openrouter),
    '{"messages":[],"model":"m","max_tokens":5,"usage":{"include":true}}',
  )
})

function tool(name: string): object {
  return { function: { name, strict: false, description: '', parameters: {} }, type: 'function' }
}
