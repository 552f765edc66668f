/** What an attempt is given, what may be done to it, and what becomes of it. */
import type { Failure, Usage } from '@playhead/wire'
import type { Asked } from '../ask/ask.ts'
import type { Timeouts } from '../config/configuration.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Question } from '../question.ts'
import type { AnswerOutcome, ContinuableRelay, RelayContext, StreamRelay } from '../relay/relay.ts'
import type { Transport } from '../transport/transport.ts'
import type { Delivery } from './delivery.ts'

export interface AttemptParts {
  readonly question: Question
  readonly endpoint: Endpoint
  /** The endpoint's own way, or one that records. */
  readonly transport: Transport
  readonly asked: Asked
  /** With the proof of who asks. */
  readonly headers: Readonly<Record<string, string>>
  readonly delivery: Delivery
  readonly relay: RelayContext
  /** What streams pass through, made or taken up again when the head has come; its first bytes are for the client. */
  readonly stream: () => { readonly relay: StreamRelay | ContinuableRelay; readonly first: Uint8Array }
  /** Whether this goes on with an answer of which a part has gone out. */
  readonly isContinuing: boolean
  readonly timeouts: Timeouts
  /** Whether the upstream is read to its end for a client that has left. */
  readonly drains: boolean
  /** Told of what should never happen: an answer that broke what relays it. */
  thrown(error: unknown): void
  now(): number
}

/** What became of an attempt. */
export interface AttemptEnd {
  /** Whether a part of its answer has gone to the client: then no other endpoint can be tried. */
  readonly isDelivered: boolean
  readonly outcome: AnswerOutcome
  /** The upstream's; null where none came. */
  readonly status: number | null
  /** Milliseconds from its start. */
  readonly firstTokenAfter: number | null
  readonly duration: number
  /** As reported; null where it was not. */
  readonly usage: Usage | null
  /** As reported before the answer was over; null where it was not. */
  readonly usageSoFar: Usage | null
  /** Output tokens as far as bytes tell, for when usage is null. */
  readonly outputEstimate: number
  /** The client left before the end. */
  readonly isCancelled: boolean
  /** What another endpoint can go on with: the failure is not told yet. */
  readonly continuable: ContinuableRelay | null
}

/** An attempt under way. */
export interface RunningAttempt {
  readonly ended: Promise<AttemptEnd>
  /** The client left. */
  leave(): void
  /** Ends it with a failure of our own: a shutdown. */
  stop(cause: Failure): void
}
