/** An answer on its way through: from an upstream's bytes to the client's, and what the account needs to know of it. */
import type { AssistantMessage, Cost, Dialect, Failure, FinishReason, Provider, Usage } from '@playhead/wire'

/**
 * One streamed answer. In go the upstream's chunks as they come, out come whole frames of the client's dialect: a chunk
 * that ends within a frame gives that frame with the next one. Never throws: what breaks is `outcome`.
 */
export interface StreamRelay {
  /** Empty where there is nothing to send yet. All frames of a chunk come as one piece. */
  push(chunk: Uint8Array): Uint8Array
  /** The upstream is over, in whatever way; `cause` says how where it broke. What is still to be sent, error and all. */
  end(cause?: Failure): Uint8Array
  /**
   * Ends the client's stream with a failure in its dialect, before the upstream does: a timeout, a shutdown. Nothing may be
   * pushed after it.
   */
  fail(failure: Failure): Uint8Array
  readonly contentType: string
  /** Whether a part of the answer has come: its first token. Frames that only announce one do not count. */
  readonly hasBegun: boolean
  /** Whether it ended, well or not. Null while it goes on. */
  readonly outcome: AnswerOutcome | null
  /** Output tokens so far as far as bytes tell: for an answer whose count never comes. */
  readonly outputEstimate: number
  /** What the upstream said before the end: the usage that Anthropic's first event has. Null where it did not. */
  readonly usageSoFar: Usage | null
}

/**
 * A streamed answer that another upstream can go on with. A failure is not told at once: `continueWith` goes on behind it,
 * `fail` tells it.
 */
export interface ContinuableRelay extends StreamRelay {
  /** What had come when it failed, where another endpoint can go on from there; else null. */
  readonly continuable: AssistantMessage | null
  /** What comes from now on is another upstream's. The bytes say so, where the client's dialect has comments. */
  continueWith(upstream: Dialect, provider: Provider, context: RelayContext): Uint8Array
}

/** What an answer was. */
export type AnswerOutcome =
  | {
      readonly type: 'answer'
      /** The upstream's id, empty where it gave none. */
      readonly id: string
      /** In the upstream's words. */
      readonly model: string
      /** Whom the upstream had it from, where that is a gateway too. */
      readonly provider: string | null
      readonly finishReason: FinishReason
      readonly rawFinishReason: string | null
      readonly usage: Usage | null
      /** As the provider reported it. */
      readonly cost: Cost | null
    }
  | { readonly type: 'failure'; readonly failure: Failure }

/** What relays are told of an answer before it comes. */
export interface RelayContext {
  /** Ours, `gen-…`. */
  readonly id: string
  /** What the client asked for. */
  readonly model: string
  /** Who answers, as `provider` of OpenRouter's answers says. */
  readonly provider: string
  /** Seconds since 1970. */
  readonly created: number
  /** The client's path and query. */
  readonly url: string
  /** Whether the client refuses what its own schemas do not have: then no byte of a stream is the upstream's. */
  readonly isStrictClient: boolean
  /** What the provider was sent to prove who asks: where it repeats it, that is not repeated. */
  secrets(): readonly string[]
  /** Where a key of the caller's own pays: what it pays for an answer, null: not known. Null where the gateway pays. */
  readonly upstreamCost: RelayContext['cost'] | null
  /** What is charged for an answer, to be written beside its tokens where the dialect has a place for it; null: not known. */
  cost(usage: Usage | null, reported: Cost | null): Cost | null
}

/** A plain answer, ready to be sent. */
export interface PlainAnswer {
  readonly body: Uint8Array | string
  readonly contentType: string
  readonly outcome: AnswerOutcome
}
