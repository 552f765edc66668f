/** How long an answer may be, and which parameters are in use, in every dialect's words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect as messages,
  type Dialect,
  geminiDialect as gemini,
  openaiChatDialect as chat,
  openaiResponsesDialect as responses,
} from '@playhead/wire'
import { geminiUrl, read } from './reading.ts'

const limits: readonly (readonly [name: string, dialect: Dialect, body: object, most: number | null])[] = [
  ['the older name', chat, { max_tokens: 5 }, 5],
  ['the newer name, which counts', chat, { max_tokens: 50, max_completion_tokens: 5 }, 5],
  ['several answers', chat, { max_tokens: 5, n: 3 }, 15],
  ['several answers of any length', chat, { n: 3 }, null],
  ['responses', responses, { max_output_tokens: 7 }, 7],
  ['messages', messages, { max_tokens: 9 }, 9],
  ['Gemini', gemini, { generationConfig: { maxOutputTokens: 4, candidateCount: 2 } }, 8],
  ['Gemini in its other form', gemini, { generation_config: { max_output_tokens: 4 } }, 4],
]
for (const [name, dialect, body, most] of limits) {
  test(`the longest answer: ${name}`, () => {
    const url = dialect === gemini ? geminiUrl : ''
    assert.equal(read({ model: 'a', ...body }, dialect, url).maxOutputTokens, most)
  })
}

const tool = { type: 'function', function: { name: 'add', parameters: {} } }
const schema = { type: 'json_schema', json_schema: { name: 'x', schema: {} } }
const parameters: readonly (readonly [
  name: string,
  dialect: Dialect,
  body: object,
  used: readonly string[],
])[] = [
  ['tools', chat, { tools: [tool], tool_choice: 'auto' }, ['tools']],
  ['no tools', chat, { tools: [] }, []],
  ['a choice', chat, { tools: [tool], tool_choice: 'required' }, ['tools', 'tool_choice']],
  ['plain text', chat, { response_format: { type: 'text' } }, []],
  ['JSON', chat, { response_format: { type: 'json_object' } }, ['response_format']],
  ['a schema', chat, { response_format: schema }, ['response_format', 'structured_outputs']],
  ['reasoning by effort', chat, { reasoning_effort: 'low' }, ['reasoning']],
  ['reasoning by OpenRouter', chat, { reasoning: { max_tokens: 5 } }, ['reasoning']],
  ['no thinking', chat, { thinking: { type: 'disabled' }, enable_thinking: false }, []],
  ['no logprobs', chat, { logprobs: false }, []],
  [
    'sampling',
    chat,
    { temperature: 0, top_k: 1, seed: 7, max_tokens: 1 },
    ['temperature', 'max_tokens', 'seed', 'top_k'],
  ],
  ['verbosity', responses, { text: { verbosity: 'low', format: { type: 'text' } } }, ['verbosity']],
  [
    'a schema',
    responses,
    { text: { format: { type: 'json_schema' } } },
    ['response_format', 'structured_outputs'],
  ],
  ['stop words', messages, { max_tokens: 1, stop_sequences: ['x'] }, ['stop', 'max_tokens']],
  ['thinking', messages, { thinking: { type: 'enabled', budget_tokens: 1024 } }, ['reasoning']],
  ['a choice of its own accord', messages, { tools: [{}], tool_choice: { type: 'auto' } }, ['tools']],
  ['a mode', gemini, { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, ['tool_choice']],
  ['both forms of names', gemini, { generation_config: { top_p: 1, topK: 2 } }, ['top_p', 'top_k']],
  ['JSON', gemini, { generationConfig: { responseMimeType: 'application/json' } }, ['response_format']],
]
for (const [name, dialect, body, used] of parameters) {
  test(`parameters of ${dialect.name}: ${name}`, () => {
    const url = dialect === gemini ? geminiUrl : ''
    assert.deepEqual(read({ model: 'a', ...body }, dialect, url).parameters, used)
  })
}
