/** What a server knows of one open connection. */
import type { HttpError } from '../http-error.ts'

export interface Connection {
  /** Replies that are not sent whole yet: several where a client pipelines. */
  readonly replies: Set<Ending>
  /** Gives up the body that is waited for; null when none is. */
  refuseBody: ((error: HttpError) => void) | null
  /** Whether what the client sent cannot be read any further. */
  isBroken: boolean
  /** Whether it closes after the answer that comes next. */
  readonly isLast: boolean
}

/** As much of a reply as its connection must know. */
export interface Ending {
  readonly isBegun: boolean
  /** The connection is gone. */
  leave(): void
}
