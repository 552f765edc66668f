/** A request that no endpoint of its dialect takes is refused before anyone is asked, and none that one takes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect as messages,
  type Dialect,
  geminiDialect as gemini,
  openaiChatDialect as chat,
  openaiResponsesDialect as responses,
} from '@playhead/wire'
import { recordings, skip } from '../../../wire/test/recordings.ts'
import { checkQuestion } from '../../src/generate/check-question.ts'
import { embeddings } from '../../src/generate/embeddings.ts'
import { HttpError } from '../../src/http-error.ts'
import { modelsOf, providersOf, startGateway } from '../running.ts'
import { readSeeds } from '../recorded.ts'
import { startUpstream } from '../upstream.ts'

const hello = { role: 'user', content: 'Hello' }

const refused: readonly (readonly [dialect: Dialect, body: object, message: RegExp])[] = [
  [chat, {}, /^messages: a list is needed$/],
  [chat, { messages: null }, /^messages: a list is needed$/],
  [chat, { messages: 'Hello' }, /^messages: a list is needed$/],
  [chat, { input: 'Hello' }, /^messages: a list is needed$/],
  [chat, { messages: [hello, 'Hello'] }, /^messages\[1\]: an object is needed$/],
  [chat, { messages: [{ content: 'Hello' }] }, /^messages\[0\]\.role: a string is needed$/],
  [chat, { messages: [hello, { role: 1 }] }, /^messages\[1\]\.role: a string is needed$/],
  [
    chat,
    { messages: [{ role: 'user', content: 42 }] },
    /^messages\[0\]\.content: a string or a list is needed$/,
  ],
  [chat, { messages: [hello], tools: 'add' }, /^tools: a list is needed$/],
  [chat, { messages: [hello], temperature: 'hot' }, /^temperature: a number is needed$/],
  [chat, { messages: [hello], top_p: [1] }, /^top_p: a number is needed$/],
  [responses, {}, /^input: a string or a list is needed$/],
  [responses, { messages: [hello] }, /^input: a string or a list is needed$/],
  [responses, { input: { role: 'user' } }, /^input: a string or a list is needed$/],
  [responses, { input: ['Hello'] }, /^input\[0\]: an object is needed$/],
  [messages, { max_tokens: 5 }, /^messages: a list is needed$/],
  [messages, { messages: [{ content: 'Hello' }] }, /^messages\[0\]\.role: a string is needed$/],
  [gemini, {}, /^contents: a list is needed$/],
  [gemini, { contents: 'Hello' }, /^contents: a list is needed$/],
  [gemini, { contents: [[]] }, /^contents\[0\]: an object is needed$/],
  [
    gemini,
    { contents: [{ parts: [] }], generationConfig: { temperature: 'hot' } },
    /^generationConfig\.temperature: a number is needed$/,
  ],
  [embeddings, { messages: null }, /^input: a string or a list is needed$/],
  [embeddings, { input: 5 }, /^input: a string or a list is needed$/],
]
for (const [dialect, body, message] of refused) {
  test(`${JSON.stringify(body)} is refused: ${message.source}`, () => {
    assert.throws(
      () => checkQuestion({ dialect, body: { ...body } }),
      (error) => error instanceof HttpError && error.status === 400 && message.test(error.message),
    )
  })
}

const taken: readonly (readonly [why: string, dialect: Dialect, body: object])[] = [
  ['some servers take an empty list', chat, { messages: [] }],
  ['OpenRouter takes a prompt in the place of messages', chat, { prompt: 'Hello' }],
  [
    'calls of tools have no content',
    chat,
    { messages: [{ role: 'assistant', content: null, tool_calls: [] }] },
  ],
  ['servers have roles and fields of their own', chat, { messages: [{ role: 'critic', x: 1 }], y: {} }],
  ['servers in Python read a number in its text', chat, { messages: [hello], temperature: '0.5' }],
  ['null is nothing', chat, { messages: [hello], temperature: null, tools: null }],
  ['the conversation is kept by the provider', responses, { previous_response_id: 'resp_1' }],
  ['a prompt is kept by the provider', responses, { prompt: { id: 'pmpt_1' } }],
  ['a text is a conversation', responses, { input: 'Hello' }],
  ['an item may be a reference', responses, { input: [{ id: 'msg_1' }] }],
  [
    "Google's own examples have one for a list",
    gemini,
    { contents: { parts: { text: 'Hello' } }, tools: {} },
  ],
  ['who speaks first needs no role', gemini, { contents: [{ parts: [{ text: 'Hello' }] }] }],
  ['both forms are good', gemini, { contents: [{}], generation_config: { top_p: '0.5' } }],
  ['tokens are embedded too', embeddings, { input: [[1, 2]] }],
  ['some servers embed conversations', embeddings, { messages: [hello] }],
]
for (const [why, dialect, body] of taken) {
  test(`${JSON.stringify(body)} is taken: ${why}`, () => checkQuestion({ dialect, body: { ...body } }))
}

test('every request that a provider has answered is taken', { skip }, () => {
  const answered = recordings.filter(({ response }) => response.status < 400)
  assert.ok(answered.length > 1400)
  for (const { dialect, request, name } of answered)
    assert.doesNotThrow(() => checkQuestion({ dialect, body: request as Record<string, unknown> }), name)
})

test('the client is told where, nobody is asked, and nothing is written down', async () => {
  await using upstream = await startUpstream()
  upstream.play({ type: 'answer', recorded: (await readSeeds()).text.baseten })
  await using running = await startGateway({
    providers: providersOf({ one: { baseUrl: upstream.baseUrl } }),
    models: modelsOf({ 'a/b': [['one', ['1', '2']]] }),
  })
  const response = await fetch(`${running.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.key}` },
    body: JSON.stringify({ model: 'a/b', messages: [{ content: 'Hello' }] }),
  })
  const { error } = (await response.json()) as { error: { code: number; message: string } }
  assert.deepEqual([response.status, error.code], [400, 400])
  assert.equal(error.message, 'messages[0].role: a string is needed')
  assert.equal(upstream.requests.length, 0)
  assert.deepEqual(await running.gateway.store.listGenerations({}, 10, null), [])
})
