/** A request is read strictly: what cannot be carried is refused, and where it stands is said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Message,
  type ModelRequest,
  openaiChat,
  openaiChatDialect,
  type Provider,
  openrouter,
  WireError,
} from '../src/index.ts'

const decodeRequest = (body: unknown): ModelRequest => openaiChatDialect.server.decodeRequest(body, '')
const encodeRequest = (request: ModelRequest, provider: Provider): string =>
  openaiChat.encodeRequest(request, provider)

const ask = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }

/** Each row: a request, and the place and the reason of its refusal. */
const refusals: readonly [name: string, body: unknown, message: RegExp][] = [
  ['no object', [], /^a request is a JSON object$/],
  ['nothing', undefined, /^a request is a JSON object$/],
  ['no messages', { model: 'm' }, /^messages: an array is needed$/],
  ['messages that are no list', { messages: {} }, /^messages: an array/],
  ['a message that is no object', { messages: ['Hi'] }, /^messages\[0\]: a message is/],
  [
    'a role that is not known',
    { messages: [...ask.messages, { role: 'critic', content: 'x' }] },
    /^messages\[1\]\.role: unknown role "critic"$/,
  ],
  [
    'a role that is no word',
    { messages: [{ role: { a: 1 } }] },
    /^messages\[0\]\.role: unknown role of type object$/,
  ],
  [
    'content that is a number',
    { messages: [{ role: 'user', content: 5 }] },
    /^messages\[0\]\.content: text or/,
  ],
  [
    'a part that is not known',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'smell' }] }] },
    /^messages\[0\]\.content\[1\]\.type: unknown part "smell"$/,
  ],
  [
    'a part that is not known after a thought',
    { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: [] }, { type: 'x' }] }] },
    /^messages\[0\]\.content\[1\]\.type: unknown part "x"$/,
  ],
  [
    'a part named like a property of every object',
    { messages: [{ role: 'user', content: [{ type: 'constructor' }] }] },
    /unknown part "constructor"$/,
  ],
  [
    'a thought of a user',
    { messages: [{ role: 'user', content: [{ type: 'thinking', thinking: [] }] }] },
    /^messages\[0\]\.content\[0\]\.type: unknown part "thinking"$/,
  ],
  [
    'a text that is a number',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] },
    /^messages\[0\]\.content\[0\]\.text: a string is needed$/,
  ],
  [
    'an image without a URL',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    /^messages\[0\]\.content\[0\]\.image_url\.url: a string/,
  ],
  [
    'a sound without data',
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { format: 'mp3' } }] }] },
    /input_audio\.data: a string/,
  ],
  [
    'a file whose id is no word',
    { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 5 } }] }] },
    /^messages\[0\]\.content\[0\]\.file\.file_id: a string/,
  ],
  [
    'an image of the system',
    { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    /^messages\[0\]\.content\[0\]: only text/,
  ],
  [
    'a call that is no function',
    {
      messages: [{ role: 'assistant', tool_calls: [{ type: 'mcp', mcp: { name: 'x', input: 'y' } }] }],
    },
    /^messages\[0\]\.tool_calls\[0\]: only functions/,
  ],
  [
    'calls that are no list',
    { messages: [{ role: 'assistant', tool_calls: {} }] },
    /^messages\[0\]\.tool_calls: an array/,
  ],
  [
    'the call of an old function that is no object',
    { messages: [{ role: 'assistant', content: null, function_call: 'x' }] },
    /^messages\[0\]\.function_call: an object/,
  ],
  [
    'a sound of the assistant without an id',
    { messages: [{ role: 'assistant', content: null, audio: {} }] },
    /^messages\[0\]\.audio\.id: a string/,
  ],
  ['tools that are no list', { ...ask, tools: {} }, /^tools: an array/],
  ['a tool without a type', { ...ask, tools: [{}] }, /^tools\[0\]\.type: a string/],
  [
    'a tool without a name',
    { ...ask, tools: [{ type: 'function', function: {} }] },
    /^tools\[0\]\.function\.name: a string/,
  ],
  [
    'a tool choice that is not known',
    { ...ask, tool_choice: 'perhaps' },
    /^tool_choice: unknown choice "perhaps"$/,
  ],
  [
    'a tool choice that names no tools',
    { ...ask, tool_choice: { type: 'allowed_tools' } },
    /^tool_choice\.allowed_tools: an object/,
  ],
  ['a model that is no name', { ...ask, model: 5 }, /^model: a string/],
  ['a limit that is no number', { ...ask, max_tokens: '100' }, /^max_tokens: a number/],
  ['a temperature that is no number', { ...ask, temperature: 'hot' }, /^temperature: a number/],
  ['a stop that is no word', { ...ask, stop: [5] }, /^stop: a string/],
]

for (const [name, body, message] of refusals) {
  test(`${name} is refused, and where it stands is said`, () => {
    assert.throws(
      () => decodeRequest(body),
      (error) => error instanceof WireError && message.test(error.message),
    )
  })
}

test('what chat completions cannot say is refused', () => {
  const sound = {
    type: 'media',
    mediaType: 'audio/wav',
    source: { type: 'url', url: 'https://x/y.wav' },
  } as const
  const result = { type: 'tool-result', id: 'a', name: 'f', output: [sound], isError: false } as const
  refuse({ role: 'tool', content: [result] }, /^WireError: messages\[0\]\.content\[0\]\.output\[0\]: /)
  refuse({ role: 'user', content: [sound] }, /^WireError: messages\[0\]\.content\[0\]: audio/)
})

test('media from a tool follows behind all results', () => {
  const image = { type: 'media', mediaType: 'image/png', source: { type: 'base64', base64: 'AAAA' } } as const
  const results = [
    { type: 'tool-result', id: 'a', name: 'f', output: [image], isError: false },
    { type: 'tool-result', id: 'b', name: 'g', output: [{ type: 'text', text: '5' }], isError: false },
  ] as const
  const message: Message = { role: 'tool', content: results }
  const sent = JSON.parse(encodeRequest({ model: 'm', messages: [message], stream: false }, openrouter)) as {
    readonly messages: unknown
  }
  assert.deepEqual(sent.messages, [
    { content: '[image/png]', tool_call_id: 'a', role: 'tool' },
    { content: '5', tool_call_id: 'b', role: 'tool' },
    {
      content: [
        { text: '[image/png] of tool call a:', type: 'text' },
        { image_url: { url: 'data:image/png;base64,AAAA' }, type: 'image_url' },
      ],
      role: 'user',
    },
  ])
})

function refuse(message: Message, place: RegExp): void {
  assert.throws(() => encodeRequest({ model: 'm', messages: [message], stream: false }, openrouter), place)
}
