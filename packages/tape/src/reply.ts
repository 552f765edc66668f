/** A recorded answer on its way to a caller: what a replay gives, and what faults are laid over. */
import type { Ending, Piece, RecordedHead } from './interaction.ts'

export interface Reply {
  /** Null where no head ever comes. */
  readonly head: RecordedHead | null
  /** The body, piece by piece; read once, as the caller asks for more. */
  readonly pieces: Iterable<Piece>
  readonly ending: Ending
}

/** Changes a reply: a fault. `place` is its interaction's place in the cassette. */
export type Overlay = (reply: Reply, place: number) => Reply
