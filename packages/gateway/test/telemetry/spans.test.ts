/** What a tracer hears of generations: real gateways, upstreams and tracer, and what they make in memory. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as api from '@opentelemetry/api'
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
  StackContextManager,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Configuration } from '../../src/config/configuration.ts'
import type { GenerationRecord } from '../../src/store/store.ts'
import { spansOf } from '../../src/telemetry/spans.ts'
import { readSeeds } from '../recorded.ts'
import { modelsOf, providersOf, startGateway, upstreamKeyOf } from '../running.ts'
import { aGeneration, settlementOf } from '../store/records.ts'
import { type Act, refusal, startUpstream } from '../upstream.ts'

const seeds = await readSeeds()
const answer: Act = { type: 'answer', recorded: seeds.text.chutes }
const prompt = 'a prompt that nobody else is to read'
const exporter = new InMemorySpanExporter()

beforeEach(() => {
  const processor = new SimpleSpanProcessor({ exporter })
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }))
})
afterEach(() => {
  api.trace.disable()
  exporter.reset()
})

interface Heard {
  readonly spans: readonly ReadableSpan[]
  readonly generation: GenerationRecord | undefined
  /** Of the client. */
  readonly key: string
  /** What the upstream was asked with, the first time. */
  readonly headers: Readonly<Record<string, unknown>>
}

interface Ask {
  readonly acts: readonly Act[]
  readonly path?: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly telemetry?: Configuration['telemetry']
  /** What the client does with the answer. Default: reads it. */
  readonly use?: (response: Response, leave: AbortController) => Promise<unknown>
}

/** Asks once, and gives what was heard when all of it was over. */
async function hear(ask: Ask): Promise<Heard> {
  await using upstream = await startUpstream()
  upstream.play(...ask.acts)
  const asked = await askOnce(ask, upstream.baseUrl)
  return { ...asked, spans: exporter.getFinishedSpans(), headers: upstream.requests[0]?.headers ?? {} }
}

async function askOnce(
  { path = 'chat/completions', body, headers, telemetry, use = (response) => response.text() }: Ask,
  baseUrl: string,
): Promise<Pick<Heard, 'generation' | 'key'>> {
  await using running = await startGateway({
    providers: providersOf({ first: { baseUrl }, xai: { baseUrl } }),
    models: modelsOf({
      'm/one': [
        ['first', ['1', '2']],
        ['xai', ['9', '9']],
      ],
    }),
    telemetry: telemetry ?? { spans: 'auto', propagate: false },
  })
  const leave = new AbortController()
  const asked = {
    model: 'm/one',
    messages: [{ role: 'user', content: prompt }],
    provider: { order: ['first'] },
  }
  const response = await fetch(`${running.baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.key}`, ...headers },
    body: JSON.stringify({ ...asked, ...body }),
    signal: leave.signal,
  })
  await use(response, leave)
  const { store } = running.gateway
  let [generation] = await store.listGenerations({}, 1, null)
  while (generation?.outcome === 'open') {
    await delay(5)
    ;[generation] = await store.listGenerations({}, 1, null)
  }
  return { generation, key: running.key }
}

/** When it began and ended, in milliseconds since 1970. */
function timesOf({ startTime, endTime }: ReadableSpan): readonly number[] {
  return [startTime, endTime].map(([seconds, nanoseconds]) => seconds * 1000 + nanoseconds / 1e6)
}

/** The span of the generation, and those of its attempts. */
function treeOf(spans: readonly ReadableSpan[]): readonly [ReadableSpan, ...ReadableSpan[]] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId))
  const [root, ...others] = spans.filter(({ parentSpanContext: parent }) => !ids.has(parent?.spanId ?? ''))
  assert.ok(root !== undefined && others.length === 0, 'there is one root')
  return [root, ...spans.filter((span) => span !== root)]
}

test('a generation is a span with one below it for each attempt, and both say what the ledger says', async () => {
  const { spans, generation } = await hear({
    acts: [refusal(429, 'slow down', { headers: { 'retry-after': '60' } }), answer],
  })
  const [root, failed, answered] = treeOf(spans)
  assert.ok(generation !== undefined && failed !== undefined && answered !== undefined && spans.length === 3)
  assert.equal(root.name, 'chat m/one')
  assert.equal(root.kind, api.SpanKind.CLIENT)
  assert.equal(root.status.code, api.SpanStatusCode.UNSET)
  assert.deepEqual(root.attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm/one',
    'gen_ai.request.stream': false,
    'gen_ai.provider.name': 'x_ai',
    'gen_ai.response.id': seeds.text.chutes.answer.id,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': generation.inputTokens,
    'gen_ai.usage.output_tokens': generation.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': generation.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': 0,
    'gen_ai.usage.reasoning.output_tokens': generation.reasoningTokens,
    'playhead.generation': generation.id,
    'playhead.request_id': generation.requestId,
    'playhead.key': generation.keyId,
    'playhead.endpoint': 'xai:m/one',
    'playhead.outcome': 'answered',
    'playhead.attempts': 2,
    'playhead.cost_dollars': Number(generation.cost) / 1e12,
    'playhead.is_estimated': false,
  })
  assert.ok(generation.inputTokens > 0 && generation.cost > 0n)
  assert.equal(failed.name, 'attempt first:m/one')
  assert.deepEqual(failed.attributes, {
    'playhead.endpoint': 'first:m/one',
    'playhead.provider': 'first',
    'playhead.outcome': 'rate-limited',
    'http.response.status_code': 429,
    'error.type': 'rate-limited',
  })
  assert.deepEqual(failed.status, { code: api.SpanStatusCode.ERROR })
  assert.equal(answered.attributes['playhead.outcome'], 'answer')
  assert.equal(answered.status.code, api.SpanStatusCode.UNSET)
  const traces = new Set(spans.map((span) => span.spanContext().traceId))
  assert.equal(traces.size, 1)
  const { at, duration, attempts } = generation
  assert.deepEqual([root, failed, answered].map(timesOf), [
    [at, at + duration],
    ...attempts.map((attempt) => [at + attempt.startedAfter, at + attempt.startedAfter + attempt.duration]),
  ])
})

test('a stream tells the time to its first token, its conversation and what it may say at most', async () => {
  const body = { stream: true, session_id: 'conversation 7', max_tokens: 77 }
  const { spans } = await hear({ acts: [answer], body })
  const [{ attributes }, attempt] = treeOf(spans)
  assert.equal(attributes['gen_ai.request.stream'], true)
  assert.equal(attributes['gen_ai.conversation.id'], 'conversation 7')
  assert.equal(attributes['gen_ai.request.max_tokens'], 77)
  assert.equal(typeof attributes['gen_ai.response.time_to_first_chunk'], 'number')
  assert.equal(typeof attempt?.attributes['playhead.first_token_seconds'], 'number')
})

test('embeddings are an operation of their own', async () => {
  const embedded = {
    object: 'list',
    data: [{ embedding: [1] }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  }
  const given: Act = { type: 'refusal', status: 200, body: embedded }
  const { spans } = await hear({
    acts: [given],
    path: 'embeddings',
    body: { input: 'x', messages: undefined },
  })
  const [{ name, attributes }] = treeOf(spans)
  assert.equal(name, 'embeddings m/one')
  assert.equal(attributes['gen_ai.operation.name'], 'embeddings')
  assert.equal(attributes['gen_ai.usage.input_tokens'], 3)
  assert.equal(attributes['gen_ai.request.stream'], undefined)
})

test('what failed says the kind of error, and nothing of what was asked or said', async () => {
  const message = `no: ${prompt}, Bearer ${upstreamKeyOf('first')}`
  const { spans, key } = await hear({ acts: [refusal(400, message)] })
  const [root, attempt] = treeOf(spans)
  for (const span of [root, attempt]) {
    assert.deepEqual(span?.status, { code: api.SpanStatusCode.ERROR })
    assert.equal(span?.attributes['error.type'], 'invalid-request')
  }
  const text = JSON.stringify(
    spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  )
  for (const secret of [prompt, key, upstreamKeyOf('first')]) assert.ok(!text.includes(secret), text)
})

test('a client that leaves is no error', async () => {
  const { spans } = await hear({
    acts: [{ type: 'stall', recorded: seeds.text.chutes, events: 4 }],
    body: { stream: true },
    use: async (response, leave) => {
      await response.body?.getReader().read()
      leave.abort()
    },
  })
  const [root, attempt] = treeOf(spans)
  assert.equal(root.attributes['playhead.outcome'], 'cancelled')
  assert.equal(root.status.code, api.SpanStatusCode.UNSET)
  assert.equal(attempt?.attributes['playhead.outcome'], 'cancelled')
  assert.equal(attempt?.status.code, api.SpanStatusCode.UNSET)
})

test('what is refused before anybody is asked has no span', async () => {
  const { spans } = await hear({ acts: [answer], body: { model: 'nobody/knows' } })
  assert.deepEqual(spans, [])
})

const traceId = '0af7651916cd43dd8448eb211c80319c'
const sent = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'acme=1' }

test('the trace of the client goes on', async () => {
  const { spans, headers } = await hear({ acts: [answer], headers: sent })
  const [root] = treeOf(spans)
  assert.equal(root.spanContext().traceId, traceId)
  assert.equal(root.parentSpanContext?.spanId, 'b7ad6b7169203331')
  assert.equal(root.parentSpanContext?.isRemote, true)
  assert.ok('x-request-id' in headers)
  for (const name of Object.keys(sent)) assert.ok(!(name in headers), name)
})

test('what the process itself traces comes before the headers of the client', async (t) => {
  api.context.setGlobalContextManager(new StackContextManager().enable())
  t.after(() => api.context.disable())
  const server = api.trace.getTracer('test').startSpan('POST')
  const about = { operation: 'chat', maxOutputTokens: null, headers: sent } as const
  const inside = api.trace.setSpan(api.context.active(), server)
  const generation = aGeneration()
  const span = api.context.with(inside, () => spansOf(api, false).begin(generation, about))
  span.end(settlementOf(generation))
  const [ended] = exporter.getFinishedSpans()
  assert.deepEqual(ended?.parentSpanContext, server.spanContext())
})

test('providers are told the trace where the configuration says so', async () => {
  const telemetry = { spans: 'auto', propagate: true } as const
  const { spans, headers } = await hear({ acts: [answer], headers: sent, telemetry })
  const [, attempt] = treeOf(spans)
  assert.equal(headers['traceparent'], `00-${traceId}-${attempt?.spanContext().spanId}-01`)
  assert.equal(headers['tracestate'], 'acme=1')
})

test('a gateway that closes waits for spans that are on their way', async () => {
  api.trace.disable()
  const slow: SpanExporter = {
    export: (spans, done) => void setTimeout(() => exporter.export(spans, done), 50),
    shutdown: () => exporter.shutdown(),
  }
  const processor = new BatchSpanProcessor({ exporter: slow, scheduledDelayMillis: 3_600_000 })
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }))
  const { spans } = await hear({ acts: [answer] })
  assert.equal(spans.length, 2)
})

test('there are no spans where the configuration says never', async () => {
  const { spans, generation } = await hear({ acts: [answer], telemetry: { spans: 'never', propagate: true } })
  assert.equal(generation?.outcome, 'answered')
  assert.deepEqual(spans, [])
})
