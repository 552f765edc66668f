/** What is changed in a request that stays in its dialect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custom, groq, mistral, openai, openrouter, type Provider, together, zai } from '@playhead/wire'
import { askOf, bodyOf, said } from './asking.ts'

const text =
  '{ "model" : "a/b", "messages":[{"role":"user","content":"Hi \\u00e9"}], "temperature": 1.0 , "seed":12345678901234567890}'

test('in the same dialect only the model is another', () => {
  const asked = askOf(text)
  assert.ok(asked.isSame)
  assert.equal(asked.dialect.name, 'openai-chat')
  assert.equal(asked.request.body, text.replace('a/b', 'up/model'))
  assert.equal(asked.request.url, 'https://api.together.xyz/v1/chat/completions')
})

test('a body that needs no change is the same text', () => {
  assert.equal(bodyOf(text, { endpoint: { upstreamModel: 'a/b' } }), text)
})

const stream = { model: 'a', messages: said, stream: true }
const asks = ',"stream_options":{"include_usage":true}'
const start = '{"model":"up/model","messages":[{"role":"user","content":"Hello"}]'
const rows: readonly (readonly [name: string, body: object, provider: Provider, sent: string])[] = [
  ['what it used is asked for', stream, together, `${start},"stream":true${asks}}`],
  [
    'what it used is asked for, whatever the client wants',
    { ...stream, stream_options: { include_usage: false, x: 1 } },
    together,
    `${start},"stream":true,"stream_options":{"include_usage":true,"x":1}}`,
  ],
  [
    'what it used comes by itself',
    { ...stream, stream_options: { include_usage: true } },
    mistral,
    `${start},"stream":true}`,
  ],
  [
    'OpenRouter says by itself what it used',
    { ...stream, usage: { include: true } },
    openrouter,
    `${start},"stream":true,"usage":{"include":true}}`,
  ],
  ['no stream is not asked what it used', { model: 'a', messages: said }, together, `${start}}`],
  [
    'fields that were for the gateway stay here',
    {
      model: 'a',
      models: ['b'],
      messages: said,
      provider: { order: ['groq'] },
      route: 'fallback',
      session_id: 's',
      usage: { include: true },
      trace: {},
      transforms: ['middle-out'],
    },
    together,
    `${start}}`,
  ],
  [
    'OpenRouter gets what is for it',
    {
      model: 'a',
      models: ['b'],
      messages: said,
      provider: { order: ['groq'] },
      session_id: 's',
      usage: { include: true },
      plugins: [{ id: 'web' }],
    },
    openrouter,
    `${start},"provider":{"order":["groq"]},"session_id":"s","usage":{"include":true},"plugins":[{"id":"web"}]}`,
  ],
  [
    'OpenRouter is asked for the cost',
    { model: 'a', messages: said },
    openrouter,
    `${start},"usage":{"include":true}}`,
  ],
  [
    'OpenRouter knows both names of the limit',
    { model: 'a', messages: said, max_completion_tokens: 5, usage: { include: true } },
    openrouter,
    `${start},"max_completion_tokens":5,"usage":{"include":true}}`,
  ],
  [
    'the limit has the name that the provider knows',
    { model: 'a', messages: said, max_tokens: 5 },
    openai,
    `${start},"max_completion_tokens":5}`,
  ],
  [
    'the limit has the older name where that is known',
    { model: 'a', messages: said, max_completion_tokens: 5 },
    together,
    `${start},"max_tokens":5}`,
  ],
  [
    'the limit stands once',
    { model: 'a', messages: said, max_tokens: 9, max_completion_tokens: 5 },
    together,
    `${start},"max_tokens":5}`,
  ],
  [
    'what a strict API refuses is left out',
    { model: 'a', messages: said, top_k: 1, min_p: 0, top_p: 1 },
    openai,
    `${start},"top_p":1}`,
  ],
  [
    'what others take goes on',
    { model: 'a', messages: said, top_k: 1, min_p: 0 },
    together,
    `${start},"top_k":1,"min_p":0}`,
  ],
  [
    'plugins that are off are not missed',
    { model: 'a', messages: said, plugins: [{ id: 'web', enabled: false }] },
    together,
    `${start}}`,
  ],
]
for (const [name, body, provider, sent] of rows) {
  test(`chat completions at ${provider.name}: ${name}`, () => {
    assert.equal(bodyOf(body, { provider }), sent)
  })
}

test('what says a thing twice is sent as it was understood', () => {
  const twice = '{"model":"evil","max_tokens":9000,"messages":[],"max_tokens":5,"model":"a"}'
  const body = bodyOf(twice)
  assert.deepEqual(JSON.parse(body), { model: 'up/model', max_tokens: 5, messages: [] })
  assert.equal(body.match(/"(model|max_tokens)":/g)?.length, 2)
})

const reasoning: readonly (readonly [name: string, body: object, provider: Provider, sent: object])[] = [
  [
    'OpenRouter, which has the form',
    { reasoning: { effort: 'low' } },
    openrouter,
    { reasoning: { effort: 'low' } },
  ],
  ['OpenAI, which has an effort', { reasoning: { effort: 'low' } }, openai, { reasoning_effort: 'low' }],
  ['Groq, which has an effort', { reasoning: { enabled: false } }, groq, { reasoning_effort: 'none' }],
  [
    'z.ai, which thinks or does not',
    { reasoning: { enabled: true } },
    zai,
    { thinking: { type: 'enabled' } },
  ],
  ['z.ai, in its own form', { thinking: { type: 'disabled' } }, zai, { thinking: { type: 'disabled' } }],
  [
    'a server that is not known, in a form of its own',
    { thinking: { type: 'enabled' } },
    custom,
    { thinking: { type: 'enabled' } },
  ],
]
for (const [name, fields, provider, sent] of reasoning) {
  test(`reasoning is asked of ${name}`, () => {
    const body = JSON.parse(bodyOf({ model: 'a', messages: said, ...fields }, { provider })) as Record<
      string,
      unknown
    >
    const { model: _model, messages: _messages, usage: _usage, ...rest } = body
    assert.deepEqual(rest, sent)
  })
}

test('reasoning goes back in the field that the provider knows', () => {
  const thought = {
    role: 'assistant',
    content: 'Hi',
    reasoning: 'Hm.',
    reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }],
  }
  const body = { model: 'a', messages: [...said, thought, ...said] }
  const fieldsAt = (provider: Provider): string[] => {
    const { messages: sent } = JSON.parse(bodyOf(body, { provider })) as { messages: object[] }
    return Object.keys(sent[1] ?? {}).toSorted()
  }
  assert.deepEqual(fieldsAt(openrouter), ['content', 'reasoning', 'reasoning_details', 'role'])
  assert.deepEqual(fieldsAt(zai), ['content', 'reasoning_content', 'role'])
  assert.deepEqual(fieldsAt(groq), ['content', 'role'])
})

test('a mark for caches is not shown to who refuses it', () => {
  const part = { type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } }
  const body = { model: 'a', messages: [{ role: 'user', content: [part] }] }
  assert.match(bodyOf(body, { provider: together }), /cache_control/)
  assert.doesNotMatch(bodyOf(body, { provider: openai }), /cache_control/)
})
