/**
 * Spans by the conventions for generative AI, where those have a word for what the ledger knows. Neither what was asked and
 * answered nor what a failure said is in them: words of others may be secret.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
import type * as opentelemetry from '@opentelemetry/api'
import manifest from '#package' with { type: 'json' }
import type { AttemptRecord, OpenGeneration, Settlement } from '../store/store.ts'
import type { AttemptSpan, GenerationAbout, Telemetry } from '../telemetry.ts'
import { readTraceParent, writeTraceParent } from './trace-parent.ts'

type Api = typeof opentelemetry

/** Spans for whatever tracer provider the process has, or will have. `propagates`: upstreams are told the trace. */
export function spansOf(api: Api, propagates: boolean): Telemetry {
  const tracer = api.trace.getTracer(manifest.name, manifest.version)
  const kind = api.SpanKind.CLIENT
  return {
    flush: () => flush(api),
    begin(opening, about) {
      const parent = parentOf(api, about.headers)
      const name = `${about.operation} ${cut(opening.model)}`
      const startTime = new Date(opening.at)
      const span = tracer.startSpan(name, { kind, startTime, attributes: asked(opening, about) }, parent)
      const inside = api.trace.setSpan(parent, span)
      return {
        attempt: (endpoint, startedAfter) => {
          const at = opening.at + startedAfter
          const attributes = { 'playhead.endpoint': endpoint }
          const name = `attempt ${endpoint}`
          const child = tracer.startSpan(name, { kind, startTime: new Date(at), attributes }, inside)
          return attemptSpan(api, child, at, propagates)
        },
        end: (settlement) => {
          span.setAttributes(settled(settlement))
          const last = settlement.attempts.at(-1)
          if (settlement.outcome === 'failed') failed(api, span, last?.outcome ?? String(settlement.status))
          span.end(new Date(opening.at + settlement.duration))
        },
      }
    },
  }
}

function attemptSpan(api: Api, span: opentelemetry.Span, at: number, propagates: boolean): AttemptSpan {
  return {
    headers: propagates ? writeTraceParent(span.spanContext(), api) : {},
    end: ({ status, outcome, duration, firstTokenAfter, provider }: AttemptRecord) => {
      span.setAttributes({
        'playhead.provider': provider,
        'playhead.outcome': outcome,
        ...(status !== null && { 'http.response.status_code': status }),
        ...(firstTokenAfter !== null && { 'playhead.first_token_seconds': firstTokenAfter / 1000 }),
      })
      if (outcome !== 'answer' && outcome !== 'cancelled') failed(api, span, outcome)
      span.end(new Date(at + duration))
    },
  }
}

/** The API has no word for it, but every SDK's provider has this one. What goes wrong is for the log of whoever set it. */
async function flush({ ProxyTracerProvider, trace }: Api): Promise<void> {
  const known = trace.getTracerProvider()
  const provider = known instanceof ProxyTracerProvider ? known.getDelegate() : known
  if (!('forceFlush' in provider) || typeof provider.forceFlush !== 'function') return
  const flushing: unknown = Reflect.apply(provider.forceFlush, provider, [{ timeoutMillis: 5000 }])
  await Promise.resolve(flushing).catch(() => undefined)
}

/** What the process itself is at, such as a server's span; else what the client's headers name. */
function parentOf(api: Api, headers: GenerationAbout['headers']): opentelemetry.Context {
  const active = api.context.active()
  if (api.trace.getSpanContext(active) !== undefined) return active
  const parent = readTraceParent(headers, api)
  return parent === null ? active : api.trace.setSpanContext(active, parent)
}

function failed({ SpanStatusCode }: Api, span: opentelemetry.Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function asked(
  { id, requestId, keyId, model, isStream, session }: OpenGeneration,
  { operation, maxOutputTokens }: GenerationAbout,
): opentelemetry.Attributes {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.request.model': cut(model),
    ...(operation === 'chat' && { 'gen_ai.request.stream': isStream }),
    ...(maxOutputTokens !== null && { 'gen_ai.request.max_tokens': maxOutputTokens }),
    ...(session !== null && { 'gen_ai.conversation.id': cut(session) }),
    'playhead.generation': id,
    'playhead.request_id': requestId,
    'playhead.key': keyId,
  }
}

/** Dollars as a number, for sums in a tracer: the ledger has them exactly. */
function settled(settlement: Settlement): opentelemetry.Attributes {
  const { outcome, provider, upstreamId, finishReason, rawFinishReason, firstTokenAfter, endpoint } =
    settlement
  const reason = rawFinishReason ?? finishReason
  return {
    ...(provider !== null && { 'gen_ai.provider.name': providers.get(provider) ?? provider }),
    ...(upstreamId !== null && { 'gen_ai.response.id': cut(upstreamId) }),
    ...(reason !== null && { 'gen_ai.response.finish_reasons': [cut(reason)] }),
    ...(firstTokenAfter !== null && { 'gen_ai.response.time_to_first_chunk': firstTokenAfter / 1000 }),
    'gen_ai.usage.input_tokens': settlement.inputTokens,
    'gen_ai.usage.output_tokens': settlement.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': settlement.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': settlement.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': settlement.reasoningTokens,
    ...(endpoint !== null && { 'playhead.endpoint': endpoint }),
    'playhead.outcome': outcome,
    'playhead.attempts': settlement.attempts.length,
    'playhead.cost_dollars': Number(settlement.cost) / 1e12,
    'playhead.is_estimated': settlement.isEstimated,
  }
}

/** Ours that the conventions have another name for. https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/ */
const providers: ReadonlyMap<string, string> = new Map([
  ['azure', 'azure.ai.openai'],
  ['bedrock', 'aws.bedrock'],
  ['google', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['vertex', 'gcp.vertex_ai'],
  ['xai', 'x_ai'],
])

/** What clients and upstreams make up has no bound of its own. */
function cut(text: string): string {
  return text.slice(0, 500)
}
