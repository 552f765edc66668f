/** The response object that the server half writes: whole, and as its stream begins. */
import type { Answer, Failure, FailureCode, Usage } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import type { Cost } from '../money.ts'
import type { JsonObject } from '../message.ts'
import { kept } from '../kept-fields.ts'
import { responses } from './items.ts'

/** How far a response is, and what is known of it by then. */
export interface Stand {
  readonly status: string
  readonly error?: JsonObject
  readonly incomplete?: string
  readonly output: readonly JsonObject[]
  readonly usage?: Usage | null
  readonly cost?: Cost | null
  readonly tier?: string
}

/**
 * Every field that the official SDKs declare. What was asked is not known here: what of the request a
 * response repeats has its default. A cost is OpenRouter's field, and there a number.
 */
export function encodeStand(head: AnswerHead, stand: Stand): JsonObject {
  const { status, error = null, incomplete, output, usage = null, cost = null, tier = 'default' } = stand
  return {
    id: head.id,
    object: 'response',
    created_at: head.created,
    status,
    background: false,
    completed_at: status === 'completed' ? head.created : null,
    error,
    frequency_penalty: 0,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: head.model,
    output,
    parallel_tool_calls: true,
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: tier,
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    usage: usage === null ? null : encodeUsage(usage, cost),
    user: null,
    metadata: {},
  }
}

/** The stand of an answer that is complete. */
export function standOf(answer: Answer, output: readonly JsonObject[]): Stand {
  const { usage, cost } = answer
  const tier = kept(responses, answer)['service_tier']
  return {
    ...endOf(answer),
    output,
    usage,
    cost,
    ...(typeof tier === 'string' && { tier }),
  }
}

/** Another dialect's word for why it stopped is not one of ours. */
function endOf({ finishReason, rawFinishReason }: Answer): {
  readonly status: string
  readonly incomplete?: string
} {
  if (finishReason === 'stop' || finishReason === 'tool-calls') return { status: 'completed' }
  const reason = reasons[finishReason] ?? [rawFinishReason ?? 'other']
  const own = reason.find((word) => word === rawFinishReason) ?? reason[0] ?? 'other'
  return own === 'incomplete' ? { status: own } : { status: 'incomplete', incomplete: own }
}

const reasons: Readonly<Record<string, readonly string[] | undefined>> = {
  length: ['max_output_tokens', 'max_tokens'],
  'content-filter': ['content_filter'],
}

function encodeUsage(usage: Usage, cost: Cost | null): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens = 0, reasoningTokens } = usage
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
    ...(cost !== null && { cost: Number(cost) }),
  }
}

/** The words for failures, in both `type` and `code` of an error. */
const words: Readonly<Record<FailureCode, string>> = {
  'invalid-request': 'invalid_request_error',
  'context-length': 'context_length_exceeded',
  'content-filter': 'content_filter',
  auth: 'invalid_api_key',
  payment: 'insufficient_quota',
  permission: 'permission_denied',
  'not-found': 'model_not_found',
  'too-large': 'request_too_large',
  unknown: 'unknown',
  'rate-limited': 'rate_limit_exceeded',
  overloaded: 'overloaded_error',
  server: 'server_error',
  timeout: 'timeout',
  network: 'server_error',
  truncated: 'server_error',
  malformed: 'server_error',
}

export function wordOf({ code }: Failure): string {
  return words[code]
}
