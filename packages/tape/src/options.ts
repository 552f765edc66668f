/** How a cassette is replayed or recorded. */
import type { Clock } from './clock.ts'
import type { Fault } from './faults/fault.ts'
import type { Fetch } from './http.ts'
import type { Meaning, Normaliser } from './match.ts'
import type { Mode } from './mode.ts'
import type { RedactionOptions } from './redact.ts'
import type { Overlay } from './reply.ts'
import type { Rule } from './rules.ts'

export interface RecordOptions {
  /** Default `once`. */
  readonly mode?: Mode
  /** Other modes for some requests: the first rule that fits says. */
  readonly rules?: readonly Rule[]
  /** How fast a replay answers: 1 as recorded, 2 twice as fast, 0 (the default) at once, on a virtual clock. */
  readonly speed?: number
  /** What goes to the network. Default: the platform's. */
  readonly fetch?: Fetch
  /** What requests mean, for tapes of conversations: `conversation` of `@playhead/wire`. */
  readonly meaning?: Meaning
  /** What varies from run to run and is not compared, by name or as code. A tape declares those it was recorded with. */
  readonly normalise?: readonly (string | Normaliser)[]
  /** After what time a cassette is recorded anew, in a mode that records one that is missing: `30d`, `12h`, `2w`. */
  readonly expires?: string
  /** A cassette that is not there yet begins with the first `at` interactions of another one, and goes on live. */
  readonly cut?: { readonly of: string; readonly at: number }
  /** Whether an answer that was given is given again when nothing else is left for its request. Default: a miss. */
  readonly repeat?: boolean
  /** What is secret besides what everybody knows to be, and what looks secret and is not. */
  readonly redact?: RedactionOptions
  /** What goes wrong in a replay. Default: what `NAME.faults.json` beside the cassette says, if there is one. */
  readonly faults?: readonly Fault[]
  /** Laid over what is replayed, in this order, after the faults. */
  readonly overlays?: readonly Overlay[]
  /** Time for whatever runs on the recorder, in place of the one that `speed` makes. */
  readonly clock?: Clock
  /** The date, in milliseconds since 1970: what `expires` compares. Default: `Date.now`. */
  readonly now?: () => number
}
