/** How long an answer may be is told in the words of who is asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropic,
  anthropicMessagesDialect as messages,
  type Dialect,
  geminiDialect as gemini,
  google,
  openai,
  openaiChatDialect as chat,
  openaiResponsesDialect as responses,
  openrouter,
  type Provider,
  together,
} from '@playhead/wire'
import { contents } from '../question/reading.ts'
import { bodyOf, said } from './asking.ts'

const limits: readonly (readonly [
  name: string,
  body: object,
  dialect: Dialect,
  provider: Provider,
  sent: object,
])[] = [
  ['none is put in', {}, chat, together, { max_tokens: 100 }],
  ['none is put in, by its newer name', {}, chat, openai, { max_completion_tokens: 100 }],
  ['a higher one is lowered', { max_tokens: 500 }, chat, together, { max_tokens: 100 }],
  [
    'a higher one is lowered where it stands',
    { max_completion_tokens: 500 },
    chat,
    openrouter,
    { max_completion_tokens: 100, usage: { include: true } },
  ],
  ['a lower one stays', { max_tokens: 50 }, chat, together, { max_tokens: 50 }],
  ['several answers share it', { n: 3 }, chat, together, { n: 3, max_tokens: 33 }],
  ['a response', {}, responses, openai, { max_output_tokens: 100 }],
  ['a message', { max_tokens: 500 }, messages, anthropic, { max_tokens: 100 }],
]
for (const [name, body, dialect, provider, sent] of limits) {
  test(`an answer is held to a limit: ${name}`, () => {
    const whole = dialect === responses ? { input: 'Hello' } : { messages: said }
    const asked = bodyOf(
      { model: 'a', ...whole, ...body },
      { provider, dialect, about: { maxOutputTokens: 100 } },
    )
    const {
      model: _model,
      messages: _messages,
      input: _input,
      ...rest
    } = JSON.parse(asked) as Record<string, unknown>
    assert.deepEqual(rest, sent)
  })
}

const generate = '/v1beta/models/a:generateContent'

test('an answer of Gemini is held to a limit, in either form of its names', () => {
  const asking = { dialect: gemini, provider: google, url: generate, about: { maxOutputTokens: 100 } }
  const sent = (body: object): unknown => JSON.parse(bodyOf({ contents, ...body }, asking))
  assert.deepEqual(sent({}), { contents, generationConfig: { maxOutputTokens: 100 } })
  const own = { generation_config: { max_output_tokens: 500, top_p: 1 } }
  assert.deepEqual(sent(own), { contents, generation_config: { max_output_tokens: 100, top_p: 1 } })
  const twice = { generationConfig: { max_output_tokens: 500, maxOutputTokens: 50, topK: 1 } }
  assert.deepEqual(sent(twice), { contents, generationConfig: { maxOutputTokens: 50, topK: 1 } })
})

test('several answers of unknown length share what the endpoint can write', () => {
  const endpoint = { maxOutputTokens: 1000, contextLength: 8000 }
  assert.match(bodyOf({ model: 'a', messages: said, n: 4 }, { endpoint }), /"max_tokens":250}/)
})

function limitOf(fields: object): unknown {
  const endpoint = { dialects: ['anthropic-messages'] } as const
  const body = { model: 'a', messages: said, ...fields }
  const asked = bodyOf(body, { provider: anthropic, endpoint, about: { maxOutputTokens: 100 } })
  return (JSON.parse(asked) as Record<string, unknown>)['max_tokens']
}

test('a limit holds in another dialect', () => {
  assert.equal(limitOf({}), 100)
  assert.equal(limitOf({ max_tokens: 7 }), 7)
  assert.equal(limitOf({ max_tokens: 700 }), 100)
})
