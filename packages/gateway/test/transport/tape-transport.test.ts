/** A tape answers as an upstream would: the recorded question gets the recorded bytes. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Interaction, openCassette } from '@playhead/tape'
import {
  type Answer,
  baseUrlOf,
  dialects,
  type ModelRequest,
  openaiChat,
  providerOf,
  understand,
} from '@playhead/wire'
import { corporaFiles } from '../../../../test/corpora.ts'
import { otherForm } from '../../src/transport/other-form.ts'
import { type RecordedModel, recordedModels } from '../../src/transport/recorded-models.ts'
import { type TapeTransport, tapeTransport } from '../../src/transport/tape-transport.ts'
import { codeOf, endingOf, exchange, requestTo, type Told } from './exchanges.ts'

const seed = (name: string): string =>
  join(import.meta.dirname, '../../../../examples/calculator', `${name}.yaml`)

async function interactionsOf(file: string): Promise<readonly Interaction[]> {
  using cassette = await openCassette(file)
  return [...(cassette ?? [])]
}

/** The request of an interaction as a gateway sends it: with a key, and fields of its own. */
function again(transport: TapeTransport, { request }: Interaction, changes: object = {}): Promise<Told> {
  const body: unknown = typeof request.body === 'string' ? JSON.parse(request.body) : {}
  return exchange(
    transport,
    requestTo(request.url, {
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-none' },
      body: JSON.stringify({ ...(body as object), ...changes }),
    }),
  )
}

function bodyOf({ response }: Interaction): string {
  return Buffer.from(response?.body ?? '').toString('latin1')
}

for (const name of ['baseten', 'retry']) {
  test(`the seed ${name} says what was asked on it`, async () => {
    const [only, ...others] = await recordedModels(seed(name))
    assert.deepEqual(others, [])
    assert.equal(only?.model, 'moonshotai/kimi-k2-0905')
    assert.deepEqual(only?.dialects, ['openai-chat'])
    assert.equal(only?.provider.name, 'openrouter')
    assert.equal(only?.provider.keyVariable, null)
    assert.equal(baseUrlOf(only.provider, 'openai-chat'), 'https://openrouter.ai/api/v1')
  })

  test(`the seed ${name} gives its answers in order, byte for byte, and then from the start`, async (t) => {
    const transport = await tapeTransport(seed(name))
    t.after(() => transport.close())
    const interactions = await interactionsOf(seed(name))
    for (const round of [1, 2, 3]) {
      for (const interaction of interactions) {
        const told = await again(transport, interaction)
        assert.equal(endingOf(told), 'end', `round ${round}`)
        assert.equal(told.head?.status, interaction.response?.status)
        assert.equal(told.body, bodyOf(interaction))
      }
    }
  })
}

test('the refusal on the seed comes first, and the same question then gets its answer', async (t) => {
  const transport = await tapeTransport(seed('retry'))
  t.after(() => transport.close())
  const [, second] = await interactionsOf(seed('retry'))
  assert.ok(second !== undefined)
  const statuses: unknown[] = []
  for (let ask = 0; ask < 4; ask += 1) statuses.push((await again(transport, second)).head?.status)
  assert.deepEqual(statuses, [429, 200, 429, 200])
})

/** Each row: what is changed about the first request of a seed, and whether it is still the same question. */
const changes: readonly (readonly [name: string, changes: object, ending: RegExp])[] = [
  ['nothing', {}, /^end$/],
  ['where it is routed', { provider: { order: ['groq'], allow_fallbacks: false } }, /^end$/],
  ['no routing at all', { provider: undefined, usage: undefined, stream_options: undefined }, /^end$/],
  ['fallback models', { models: ['a/b'], route: 'fallback' }, /^end$/],
  [
    'other settings',
    { max_tokens: 7, temperature: 0.3, seed: 1, user: 'u', tool_choice: undefined },
    /^end$/,
  ],
  ['whose cache is used', { session_id: 's', prompt_cache_key: 'k' }, /^end$/],
  ['another model', { model: 'openai/gpt-5' }, /^miss: .*model/s],
  [
    'another question',
    { messages: [{ role: 'user', content: 'Hello' }] },
    /^miss: .*nearest is interaction 0/s,
  ],
  ['no tools', { tools: undefined, tool_choice: undefined }, /^miss: .*tools `add`, `multiply` are missing/s],
]
for (const [name, change, ending] of changes) {
  test(`a request that differs in ${name} is ${ending.source.startsWith('^end') ? 'answered' : 'a miss that says so'}`, async (t) => {
    const transport = await tapeTransport(seed('baseten'))
    t.after(() => transport.close())
    const [first] = await interactionsOf(seed('baseten'))
    assert.ok(first !== undefined)
    const told = await again(transport, first, change)
    assert.match(endingOf(told), ending)
    if (told.last === 'end') assert.equal(told.body, bodyOf(first))
    else assert.doesNotMatch(endingOf(told), /mode "new"|sk-none/)
  })
}

test('a streamed answer is put together for who wants no stream', async (t) => {
  const transport = await tapeTransport(seed('baseten'))
  t.after(() => transport.close())
  for (const interaction of await interactionsOf(seed('baseten'))) {
    const told = await again(transport, interaction, { stream: false, stream_options: undefined })
    assert.equal(endingOf(told), 'end')
    assert.deepEqual(told.head?.headers, [['content-type', 'application/json']])
    const body = Buffer.from(told.body, 'latin1').toString()
    assert.deepEqual(openaiChat.decodeResponse(body), understand(interaction).outcome)
  }
})

test('another question without a stream is no miss for that', async (t) => {
  const transport = await tapeTransport(seed('baseten'))
  t.after(() => transport.close())
  const [first] = await interactionsOf(seed('baseten'))
  assert.ok(first !== undefined)
  const asked = { stream: false, stream_options: undefined, messages: [{ role: 'user', content: 'Hello' }] }
  assert.doesNotMatch(endingOf(await again(transport, first, asked)), /stream: /)
})

test('a refusal with 200 is the last event of a stream, with its tokens', async () => {
  const asked = '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}]}'
  const other = otherForm('http://x/v1/chat/completions', asked)
  const refusal =
    '{"error":{"code":"insufficient_quota","message":"No"},"usage":{"prompt_tokens":10,"completion_tokens":5}}'
  const response = await other?.answer(
    new Response(refusal, { headers: { 'content-type': 'application/json' } }),
  )
  assert.deepEqual([response?.status, response?.headers.get('content-type')], [200, 'text/event-stream'])
  const decoder = openaiChat.decodeStream(providerOf('http://x/'))
  const [last] = [...decoder.push(new Uint8Array(await (response ?? new Response()).arrayBuffer()))].slice(-1)
  assert.ok(last?.type === 'error')
  const { code, message, usage } = last.failure
  assert.deepEqual([code, message, usage?.inputTokens, usage?.outputTokens], ['payment', 'No', 10, 5])
})

test('a path that is written in another way has no other form', () => {
  const body = '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'
  const place = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-2-lite-v1'
  assert.equal(otherForm(`${place}:0/converse`, body), null)
  assert.equal(otherForm(`${place}%3A0/converse`, body)?.url, `${place}%3A0/converse-stream`)
})

test('a refusal is the same for who wants no stream', async (t) => {
  const transport = await tapeTransport(seed('retry'))
  t.after(() => transport.close())
  const [, second] = await interactionsOf(seed('retry'))
  assert.ok(second !== undefined)
  const told = await again(transport, second, { stream: false, stream_options: undefined })
  assert.deepEqual([told.head?.status, told.body], [429, bodyOf(second)])
})

test('a question that was translated from another dialect is the same question', async (t) => {
  const transport = await tapeTransport(seed('baseten'))
  t.after(() => transport.close())
  const [model] = transport.models
  const [, second] = await interactionsOf(seed('baseten'))
  assert.ok(model !== undefined && second !== undefined)
  const canonical = decoded(second)
  for (const { name, client, server } of dialects.filter(({ name }) => name !== 'openai-chat')) {
    const { provider } = model
    // As a client says it, and what the gateway makes of that.
    const said: unknown = JSON.parse(client.encodeRequest(canonical, provider))
    const url = `https://gateway.example.com${client.path(canonical, provider)}`
    const request = { ...server.decodeRequest(said, url), model: model.model, stream: true }
    const told = await exchange(
      transport,
      requestTo(baseUrlOf(provider, 'openai-chat') + openaiChat.path(request, provider), {
        body: openaiChat.encodeRequest(request, provider),
      }),
    )
    assert.equal(endingOf(told), 'end', name)
  }
})

function decoded({ request: { url, body } }: Interaction): ModelRequest {
  const wire: unknown = JSON.parse(String(body))
  const dialect = dialects.find((one) => one.matches(url, wire))
  assert.ok(dialect !== undefined)
  return dialect.server.decodeRequest(wire, url)
}

test('what is no cassette is an error that names the file', async () => {
  await assert.rejects(
    tapeTransport('/nowhere/a.yaml'),
    /^TapeError: \/nowhere\/a\.yaml: there is no such cassette/,
  )
  await assert.rejects(tapeTransport(import.meta.filename), /tape-transport\.test\.ts/)
})

const corpus = corporaFiles('go-vcr/fantasy', 'yaml')

test(
  'every recording of the corpora answers its own questions, with what was said to them',
  corpus,
  async () => {
    let [questions, models] = [0, 0]
    for (const file of corpus.files) {
      const transport = await tapeTransport(file)
      models += transport.models.length
      for (const interaction of await interactionsOf(file)) {
        const { method, url, body } = interaction.request
        if (method !== 'POST' || typeof body !== 'string') continue
        questions += 1
        const told = await exchange(transport, requestTo(url, { body }))
        assert.equal(codeOf(told), 'end', `${file} ${interaction.id}: ${endingOf(told)}`)
        assert.equal(told.head?.status, interaction.response?.status)
        assert.equal(told.body, bodyOf(interaction), `${file} ${interaction.id}`)
        assert.ok(asksFor(transport.models, interaction), `${file} ${interaction.id}`)
      }
      await transport.close()
    }
    assert.ok(questions > 500 && models > 300, `${questions} questions, ${models} models`)
  },
)

test('what the corpora recorded in one form is the same answer in the other', corpus, async () => {
  const seen = { stream: 0, plain: 0 }
  for (const file of corpus.files) {
    const transport = await tapeTransport(file)
    for (const interaction of await interactionsOf(file)) {
      const { url, body } = interaction.request
      const { outcome, isStream } = understand(interaction)
      const other = otherForm(url, body)
      if (other === null) continue
      const told = await exchange(transport, requestTo(other.url, { body: other.body }))
      assert.equal(endingOf(told), 'end', `${file} ${interaction.id}`)
      if (outcome?.type !== 'answer') continue
      const response = {
        status: 200,
        headers: told.head?.headers ?? [],
        body: Buffer.from(told.body, 'latin1'),
      }
      const { outcome: again } = understand({ request: other, response })
      assert.ok(again?.type === 'answer', `${file} ${interaction.id}: ${JSON.stringify(again)}`)
      assert.deepEqual(said(again), said(outcome), `${file} ${interaction.id}`)
      seen[isStream ? 'stream' : 'plain'] += 1
    }
    await transport.close()
  }
  assert.ok(seen.stream > 100 && seen.plain > 100, JSON.stringify(seen))
})

function said({ message, finishReason, usage, cost }: Answer): object {
  return {
    parts: message.content.map((part) => (part.type === 'text' ? part.text : part.type)),
    finishReason,
    usage,
    cost,
  }
}

/** Whether the request is among those that the tape's models would make. */
function asksFor(models: readonly RecordedModel[], { request: { url, body } }: Interaction): boolean {
  const wire: unknown = JSON.parse(String(body))
  const dialect = dialects.find((one) => one.matches(url, wire))
  if (dialect === undefined) return true
  const request = dialect.server.decodeRequest(wire, url)
  return models.some(({ model, provider }) => {
    const asked = baseUrlOf(provider, dialect.name) + dialect.client.path(request, provider)
    return model === request.model && asked.replace(/\?.*/, '') === url.replace(/\?.*/, '')
  })
}
