/** `GET generation`: a line of the ledger in OpenRouter's shape. */
import { HttpError } from '../http-error.ts'
import type { GenerationRecord } from '../store/store.ts'
import { exact, json } from './json.ts'
import { type Answer, type Call, holderOf } from './operation.ts'

/** By our id or the upstream's; of the caller's key, or of all for an admin. */
export async function showGeneration(call: Call): Promise<Answer> {
  const { context, incoming } = call
  const who = holderOf(call)
  const id = incoming.query.get('id') ?? ''
  if (id === '') throw new HttpError(400, 'invalid-request', 'id must be given: gen-…')
  const record = await context.store.findGeneration(id, who.isAdmin ? null : who.id)
  if (record === null) throw new HttpError(404, 'not-found', notFound(id))
  return json({ data: { ...unknownHere, ...shown(record) } })
}

/** Repeats only what looks like an id: anything else may be somebody's key. */
function notFound(id: string): string {
  return /^gen-[\w-]{1,80}$/.test(id) ? `There is no generation ${id}` : 'There is no such generation'
}

/** Fields of OpenRouter's that nothing stands behind here. */
const unknownHere = {
  app_id: null,
  cache_discount: null,
  data_region: 'global',
  http_referer: null,
  moderation_latency: null,
  native_tokens_completion_images: null,
  num_fetches: null,
  num_input_audio_prompt: null,
  num_media_completion: null,
  num_media_prompt: null,
  num_search_results: null,
  origin: '',
  preset_id: null,
  response_cache_source_id: null,
  router: null,
  service_tier: null,
  user_agent: null,
  web_search_engine: null,
  workspace_id: null,
}

function shown(record: GenerationRecord): Readonly<Record<string, unknown>> {
  const isOpen = record.outcome === 'open'
  const { duration, firstTokenAfter } = record
  return {
    id: record.id,
    upstream_id: record.upstreamId,
    request_id: record.requestId,
    session_id: record.session,
    external_user: record.user,
    api_type: record.dialect === 'embeddings' ? 'embeddings' : 'completions',
    model: record.model,
    provider_name: record.provider,
    provider_responses: record.attempts.map((attempt) => ({
      endpoint_id: attempt.endpoint,
      is_byok: attempt.isByok === true,
      provider_name: attempt.provider,
      latency: attempt.duration,
      status: attempt.status,
    })),
    created_at: new Date(record.at).toISOString(),
    streamed: record.isStream,
    cancelled: record.outcome === 'cancelled',
    finish_reason: record.finishReason,
    native_finish_reason: record.rawFinishReason,
    latency: isOpen ? null : duration,
    generation_time: isOpen || firstTokenAfter === null ? null : duration - firstTokenAfter,
    is_byok: record.isByok,
    ...tokensOf(record),
    usage: exact(record.cost),
    total_cost: exact(record.cost),
    upstream_inference_cost: record.isByok && isPriced(record) ? exact(record.byokCost) : null,
    ...ownOf(record),
  }
}

/** Whether anybody knows what it cost. */
function isPriced({ providerCost, catalogueCost }: GenerationRecord): boolean {
  return providerCost !== null || catalogueCost !== null
}

/** Counted by the provider, so they are the native ones too. */
function tokensOf(record: GenerationRecord): Readonly<Record<string, number>> {
  return {
    tokens_prompt: record.inputTokens,
    tokens_completion: record.outputTokens,
    native_tokens_prompt: record.inputTokens,
    native_tokens_completion: record.outputTokens,
    native_tokens_reasoning: record.reasoningTokens,
    native_tokens_cached: record.cachedInputTokens,
  }
}

/** What OpenRouter does not tell. */
function ownOf(record: GenerationRecord): Readonly<Record<string, unknown>> {
  return {
    outcome: record.outcome,
    status: record.status,
    endpoint_id: record.endpoint,
    provider_cost: record.providerCost === null ? null : exact(record.providerCost),
    catalogue_cost: record.catalogueCost === null ? null : exact(record.catalogueCost),
    is_estimated: record.isEstimated,
    first_token_after: record.firstTokenAfter,
  }
}
