/** Requests that did not come from Gemini's own dialect, written for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  gemini,
  google,
  type Message,
  type ModelRequest,
  text,
  type ToolCall,
  WireError,
} from '../../src/index.ts'

function encode(request: Partial<ModelRequest>): Record<string, unknown> {
  const whole = { model: 'gemini-3-pro', messages: [], stream: false, ...request }
  return JSON.parse(gemini.encodeRequest(whole, google)) as Record<string, unknown>
}

const call: ToolCall = { type: 'tool-call', id: 'c1', name: 'add', input: { a: 1 }, inputText: '{"a":1}' }
const user = (...parts: unknown[]): unknown => ({ role: 'user', parts })
const model = (...parts: unknown[]): unknown => ({ role: 'model', parts })

const history: readonly Message[] = [
  { role: 'assistant', content: [call, { ...call, id: 'c2' }] },
  {
    role: 'tool',
    content: [{ type: 'tool-result', id: 'c1', name: '', output: [text('3')], isError: false }],
  },
]

test('a history of another provider: named results, and a word in place of the first signature', () => {
  const functionCall = { id: 'c1', name: 'add', args: { a: 1 } }
  assert.deepEqual(encode({ messages: history })['contents'], [
    model(
      { functionCall, thoughtSignature: 'skip_thought_signature_validator' },
      { functionCall: { ...functionCall, id: 'c2' } },
    ),
    user({ functionResponse: { id: 'c1', name: 'add', response: { output: '3' } } }),
  ])
  const [first] = encode({ model: 'gemini-2.5-flash', messages: history })['contents'] as Record<
    string,
    unknown
  >[]
  assert.deepEqual(first?.['parts'], [{ functionCall }, { functionCall: { ...functionCall, id: 'c2' } }])
})

test('an empty text is left out, unless it carries a signature', () => {
  const signed = { ...text(''), data: { gemini: { thoughtSignature: 's' } } }
  const body = encode({
    messages: [
      { role: 'system', content: [text(''), text('brief')] },
      { role: 'user', content: [text(''), text('hi')] },
      { role: 'assistant', content: [text(''), signed, call] },
      { role: 'user', content: [text('')] },
    ],
  })
  const functionCall = { id: 'c1', name: 'add', args: { a: 1 } }
  assert.deepEqual(body['systemInstruction'], { parts: [{ text: 'brief' }] })
  assert.deepEqual(body['contents'], [
    user({ text: 'hi' }),
    model(
      { text: '', thoughtSignature: 's' },
      { functionCall, thoughtSignature: 'skip_thought_signature_validator' },
    ),
  ])
})

const unsayable: readonly [name: string, request: Partial<ModelRequest>, path: string][] = [
  ['a result of nobody', { messages: history.slice(1) }, 'messages[0].content[0].name'],
  [
    "another provider's file",
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'media', mediaType: 'image/png', source: { type: 'file', id: 'f' } }],
        },
      ],
    },
    'messages[0].content[0]',
  ],
  [
    "another provider's tool",
    { tools: [{ type: 'provider', dialect: 'anthropic-messages', definition: {} }] },
    'tools[0]',
  ],
]

for (const [name, request, path] of unsayable) {
  test(`cannot say ${name}`, () => {
    assert.throws(
      () => encode(request),
      (error) => error instanceof WireError && error.code === 'unsupported' && error.path === path,
    )
  })
}

const efforts: readonly [model: string, effort: string, config: unknown][] = [
  ['gemini-3-pro', 'xhigh', { thinkingLevel: 'HIGH' }],
  ['gemini-3-pro', 'none', { thinkingLevel: 'MINIMAL' }],
  ['gemini-2.5-pro', 'medium', { thinkingBudget: 8192 }],
  ['gemini-2.5-pro', 'none', { thinkingBudget: 0 }],
]

for (const [name, effort, thinkingConfig] of efforts) {
  test(`${name} thinks with effort ${effort}`, () => {
    assert.deepEqual(encode({ model: name, reasoning: { effort } })['generationConfig'], { thinkingConfig })
  })
}

test('what has no place is left out, and what Gemini lacks does no harm', () => {
  const encoded = encode({
    messages: [
      { role: 'system', content: [{ ...text('be brief'), cache: {} }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: '', data: { 'anthropic-messages': { redacted: 'x' } } },
          { type: 'provider-call', id: 'p', name: 'web_search', input: {}, data: {} },
          { ...text('a'), citations: [{ url: 'https://a' }], data: { 'openai-chat': { x: 1 } } },
        ],
      },
    ],
    parallelToolCalls: false,
    user: 'u',
    metadata: { a: 'b' },
    outputFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
    tools: [{ type: 'function', name: 'f', description: 'd', inputSchema: { type: 'object' }, strict: true }],
    toolChoice: { type: 'tool', name: 'f' },
    data: { 'openai-chat': { x: 1 } },
  })
  assert.deepEqual(encoded, {
    contents: [model({ text: 'a' })],
    systemInstruction: { parts: [{ text: 'be brief' }] },
    tools: [
      { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: { type: 'object' } }] },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
  })
})

test('media in a result stand in it, or behind it where a model is too old', () => {
  const media = {
    type: 'media',
    mediaType: 'image/*',
    source: { type: 'url', url: 'https://a/b.png?c' },
  } as const
  const messages: readonly Message[] = [
    { role: 'tool', content: [{ type: 'tool-result', id: 'c1', name: 'f', output: [media], isError: true }] },
  ]
  const file = { fileData: { mimeType: 'image/png', fileUri: 'https://a/b.png?c' } }
  const functionResponse = { id: 'c1', name: 'f', response: { error: '' } }
  assert.deepEqual(encode({ messages })['contents'], [
    user({ functionResponse: { ...functionResponse, parts: [file] } }),
  ])
  assert.deepEqual(encode({ model: 'gemini-2.5-pro', messages })['contents'], [
    user({ functionResponse }, { text: 'From f:' }, file),
  ])
})
