/** What plain answers and streams have in common on the wire. */
import type { Answer, Failure, FailureCode, FinishReason, TokenLogprob, Usage } from '../answer.ts'
import type { ErrorResponse } from '../dialect.ts'
import { errorStatus, retryHeaders } from '../error-status.ts'
import type { AssistantPart, Citation, Json, JsonObject, MediaPart, ToolCall } from '../message.ts'
import { decodeFinishReason } from './finish.ts'
import { isCustom, ownOf } from './own.ts'

/** The dialect's own words, which are written as they came. */
const words: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool_calls',
  'function_call',
  'content_filter',
  'error',
  'eos',
  'model_length',
])

const finishReasons: Readonly<Record<FinishReason, string | null>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  error: 'error',
  other: null,
}

/** `finish_reason` is one of the dialect's words; another's own stands beside it, as OpenRouter has it. */
export function encodeFinish(answer: Answer): JsonObject {
  const { finishReason, rawFinishReason: raw } = answer
  const isOwn = raw !== null && words.has(raw) && decodeFinishReason(raw) === finishReason
  const word = isOwn ? raw : (finishReasons[finishReason] ?? raw)
  const native = ownOf(answer)?.['native_finish_reason'] ?? (word === raw ? undefined : raw)
  return { finish_reason: word, ...(native !== undefined && { native_finish_reason: native }) }
}

/** Undefined where nothing was reported. OpenRouter's cost is a number: as long as it was one, it stays exact. */
export function encodeUsage({ usage, cost }: Pick<Answer, 'usage' | 'cost'>): JsonObject | undefined {
  if (usage === null && cost === null) return undefined
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens }: Usage =
    usage ?? {
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    }
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cost !== null && { cost: Number(cost) }),
    prompt_tokens_details: {
      cached_tokens: cachedInputTokens,
      ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
    },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }
}

/** What of the dialect's own the head of an answer has. */
export function encodeHead(answer: Answer): JsonObject {
  const { native_finish_reason: _native, ...fields } = ownOf(answer) ?? {}
  return { ...(answer.provider !== null && { provider: answer.provider }), ...fields }
}

/** Input goes byte for byte. Gemini's signature of a call stands where its own chat completions have it. */
export function encodeCall(call: ToolCall): JsonObject {
  const signature = call.data?.['gemini']?.['thoughtSignature']
  return {
    id: call.id,
    ...(isCustom(call)
      ? { custom: { name: call.name, input: call.inputText } }
      : { type: 'function', function: { name: call.name, arguments: call.inputText } }),
    ...(signature !== undefined && { extra_content: { google: { thought_signature: signature } } }),
    ...ownOf(call),
  }
}

/** An annotation must say where it stands: from 0 to 0 is nowhere, as OpenRouter writes it. */
export function encodeCitation({ url, title, quote, start, end }: Citation): JsonObject {
  return {
    type: 'url_citation',
    url_citation: {
      url: url ?? '',
      title: title ?? '',
      ...(quote !== undefined && { content: quote }),
      start_index: start ?? 0,
      end_index: end ?? 0,
    },
  }
}

/** The fields for parts that are neither text nor reasoning nor calls; none for what cannot be said here. */
export function encodeWhole(parts: readonly AssistantPart[]): JsonObject {
  const images = parts.filter((part) => part.type === 'media').flatMap(encodeImage)
  const sound = parts.find((part) => part.type === 'media' && part.mediaType.startsWith('audio/'))
  const results = new Set(parts.flatMap((part) => (part.type === 'provider-result' ? [part.id] : [])))
  const executed = parts.flatMap((part): Json[] => {
    const isAsked = part.type === 'provider-call' && !results.has(part.id)
    const fields = isAsked || part.type === 'provider-result' ? ownOf(part) : undefined
    return fields === undefined ? [] : [fields]
  })
  return {
    ...(images.length > 0 && { images }),
    ...(sound?.type === 'media' &&
      sound.source.type === 'base64' && {
        audio: { ...ownOf(sound), data: sound.source.base64 },
      }),
    ...(executed.length > 0 && { executed_tools: executed }),
  }
}

function encodeImage({ mediaType, source }: MediaPart): Json[] {
  if (!mediaType.startsWith('image/') || (source.type !== 'url' && source.type !== 'base64')) return []
  const url = source.type === 'url' ? source.url : `data:${mediaType};base64,${source.base64}`
  return [{ type: 'image_url', image_url: { url } }]
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[] | undefined): Json {
  if (logprobs === undefined) return null
  return {
    content: logprobs.map(({ token, logprob, top }) => ({
      ...withBytes({ token, logprob }),
      top_logprobs: top.map(withBytes),
    })),
    refusal: null,
  }
}

function withBytes({ token, logprob }: { readonly token: string; readonly logprob: number }): JsonObject {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] }
}

/** OpenRouter's words (`error_type`), of which those that say nothing else say that it may be tried again. */
const errorTypes: Readonly<Record<FailureCode, string>> = {
  'invalid-request': 'invalid_request',
  'context-length': 'context_length_exceeded',
  'content-filter': 'content_policy_violation',
  auth: 'authentication',
  payment: 'payment_required',
  permission: 'permission_denied',
  'not-found': 'not_found',
  'too-large': 'payload_too_large',
  unknown: 'unmapped',
  'rate-limited': 'rate_limit_exceeded',
  overloaded: 'provider_overloaded',
  server: 'server',
  timeout: 'timeout',
  network: 'provider_unavailable',
  truncated: 'provider_unavailable',
  malformed: 'provider_unavailable',
}

/** `error`, as it stands in a body or in a chunk. */
export function encodeFailure(failure: Failure): JsonObject {
  const { code, status, message, provider, raw } = failure
  return {
    // A number that is no status: what is not known must not look as if it could be tried again.
    code: code === 'unknown' && status === null ? 0 : errorStatus(failure),
    message,
    metadata: {
      error_type: errorTypes[code],
      ...(provider !== null && { provider_name: provider }),
      ...(raw !== null && { raw }),
    },
  }
}

/** A failure before anything was answered. */
export function encodeError(failure: Failure): ErrorResponse {
  const status = errorStatus(failure)
  return {
    status,
    headers: { 'content-type': 'application/json', ...retryHeaders(failure) },
    body: JSON.stringify({ error: { ...encodeFailure(failure), code: status } }),
  }
}
