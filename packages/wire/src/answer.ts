/** What comes back from a model: events while it streams, then an answer or a failure. */
import type {
  AssistantMessage,
  MediaPart,
  ProviderCall,
  ProviderData,
  ProviderResult,
  ReasoningPart,
  TextPart,
  ToolCall,
} from './message.ts'
import type { Cost } from './money.ts'

/** Something decoded from a stream. The last event is always one `finish` or one `error`. */
export type StreamEvent = PartEvent | FinishEvent | ErrorEvent

/** What adds to the answer. */
export type PartEvent =
  | TextEvent
  | ReasoningEvent
  | PartEndEvent
  | WholePartEvent
  | ToolInputEvent
  | ToolCallEvent

/** A delta of the answer's text. */
export interface TextEvent {
  readonly type: 'text'
  readonly text: string
  /** On a part's first delta: what its dialect knew of it before it began, such as its id. */
  readonly data?: ProviderData
}

/** A delta of the model's reasoning. */
export interface ReasoningEvent {
  readonly type: 'reasoning'
  readonly text: string
  /** On a part's first delta: what its dialect knew of it before it began, such as its id. */
  readonly data?: ProviderData
}

/**
 * The text or reasoning that came in deltas is complete, and this is all of it, with what came besides:
 * citations, a signature. Left out where the deltas say it all and another kind of part, or the end, follows.
 */
export interface PartEndEvent {
  readonly type: 'part-end'
  readonly part: TextPart | ReasoningPart
}

/** A part that came at once: no deltas were before it. */
export interface WholePartEvent {
  readonly type: 'part'
  readonly part: ReasoningPart | MediaPart | ProviderCall | ProviderResult
}

/** A delta of a tool call's input. The first of a call may be empty: it says that the call began. */
export interface ToolInputEvent {
  readonly type: 'tool-input'
  /** The call's place among the answer's tool calls, counted from 0. */
  readonly index: number
  /** The provider's id of the call; empty while it has given none, which it may yet do. */
  readonly id: string
  readonly name: string
  readonly text: string
  /** On a call's first event: what its dialect knew of it before it began, such as its item's id. */
  readonly data?: ProviderData
}

/** A whole tool call. Comes only when the answer is complete: a parsable prefix may still grow. */
export interface ToolCallEvent {
  readonly type: 'tool-call'
  readonly call: ToolCall
}

/** The answer is complete. */
export interface FinishEvent {
  readonly type: 'finish'
  readonly answer: Answer
}

/** There is no answer, or it broke off. */
export interface ErrorEvent {
  readonly type: 'error'
  readonly failure: Failure
}

/** One complete answer of a model. */
export interface Answer {
  readonly type: 'answer'
  /** The provider's id of the generation; empty when it gave none. */
  readonly id: string
  /** The model that answered, in the provider's words. */
  readonly model: string
  /** The upstream that served it, where a gateway says so. */
  readonly provider: string | null
  readonly message: AssistantMessage
  readonly finishReason: FinishReason
  /** The provider's own word for it; null when it gave none. */
  readonly rawFinishReason: string | null
  /** Null when the provider reported none. */
  readonly usage: Usage | null
  /** As the provider reported it; null when it did not. */
  readonly cost: Cost | null
  /** Of the answer's tokens, where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[]
  readonly data?: ProviderData
}

/** How likely a token was. */
export interface TokenLogprob {
  readonly token: string
  /** The natural logarithm of its probability. */
  readonly logprob: number
  /** The likeliest tokens in its place. */
  readonly top: readonly { readonly token: string; readonly logprob: number }[]
}

/** Why the model stopped. One from the future is `other`. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other'

/** Tokens of one answer, or of several. */
export interface Usage {
  /** The whole prompt, cached tokens included. No prompt has none: 0 where the provider counted only its answer. */
  readonly inputTokens: number
  /** All that the model wrote, reasoning included. */
  readonly outputTokens: number
  /** Of the input: read from the provider's cache. */
  readonly cachedInputTokens: number
  /** Of the input: written to the provider's cache, where that is counted (and charged) apart. */
  readonly cacheWriteTokens?: number
  /** Of the output. */
  readonly reasoningTokens: number
}

/** What has used nothing: what sums begin with. */
export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 }

/** The sum of two. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    ...((a.cacheWriteTokens ?? b.cacheWriteTokens) !== undefined && {
      cacheWriteTokens: (a.cacheWriteTokens ?? 0) + (b.cacheWriteTokens ?? 0),
    }),
  }
}

/** Why there is no answer, as data: the provider refused, broke off, or sent what is not its dialect. */
export interface Failure {
  readonly type: 'failure'
  readonly code: FailureCode
  /** A sentence for people. */
  readonly message: string
  /** Whether the same request may well succeed when sent again. */
  readonly retryable: boolean
  /** The HTTP status, where one came. */
  readonly status: number | null
  /** The model that began to answer, where it said so. */
  readonly model?: string
  /** The upstream that failed, where a gateway says so. */
  readonly provider: string | null
  /** The upstream's own words, where a gateway passes them on. */
  readonly raw: string | null
  /** Milliseconds that the provider asks to wait; null when it does not say. */
  readonly retryAfter: number | null
  /** What had been used when it failed, where that was reported. */
  readonly usage: Usage | null
  readonly cost: Cost | null
  /** What had been written when it failed, tool calls left out: a call is whole only at the end. */
  readonly partial: AssistantMessage | null
}

/** What went wrong, in one word. */
export type FailureCode =
  | 'invalid-request'
  | 'context-length'
  | 'content-filter'
  | 'auth'
  | 'payment'
  | 'permission'
  | 'not-found'
  | 'too-large'
  | 'unknown'
  | 'rate-limited'
  | 'overloaded'
  | 'server'
  | 'timeout'
  /** The network failed before an answer came. */
  | 'network'
  /** The stream ended without its dialect's terminal signal. */
  | 'truncated'
  /** What came is not the dialect. */
  | 'malformed'

const retryable: ReadonlySet<FailureCode> = new Set([
  'rate-limited',
  'overloaded',
  'server',
  'timeout',
  'network',
  'truncated',
  'malformed',
] as const)

/** Whether the same request may succeed when sent again. */
export function isRetryable(code: FailureCode): boolean {
  return retryable.has(code)
}

/** Makes a failure; what is not given is unknown. `retryable` follows from the code. */
export function failure(
  code: FailureCode,
  message: string,
  details: Partial<Omit<Failure, 'type' | 'code' | 'message' | 'retryable'>> = {},
): Failure {
  return {
    type: 'failure',
    code,
    message,
    retryable: isRetryable(code),
    status: null,
    provider: null,
    raw: null,
    retryAfter: null,
    usage: null,
    cost: null,
    partial: null,
    ...details,
  }
}
