/** What can go wrong on the way from a provider, as data: laid over a tape, the same each time. */

/** Where in a body: so many events or bytes have passed; a negative number counts from the end. Default: 0 events. */
export interface Point {
  readonly events?: number
  readonly bytes?: number
}

interface AnyFault {
  /** The interaction's place in the cassette, from 0; all of them without it. */
  readonly at?: number
  /**
   * How many requests for that interaction meet the fault, one after another; those after them get what was recorded.
   * Default 1: a retry succeeds.
   */
  readonly times?: number | 'always'
}

/**
 * - `cut`: the body ends there as if it were complete. `events: -1` leaves out its last event.
 * - `reset`: the connection breaks there; with `head: false` before any answer came.
 * - `stall`: nothing comes from there on for so many milliseconds of the recorder's clock (default 5 minutes), then the rest.
 * - `delay`: the answer begins so many milliseconds later.
 * - `status`: another answer: an error with this status, `retryAfter` seconds, and a body in the words of who is asked.
 * - `malformed`: the event there is cut off in its middle; what follows comes.
 * - `duplicate`: the event there comes twice.
 * - `error-event`: an error in the stream there, in the words of who is asked, and nothing after it.
 */
export type Fault = AnyFault &
  (
    | ({ readonly type: 'cut' } & Point)
    | ({ readonly type: 'reset'; readonly head?: false } & Point)
    | ({ readonly type: 'stall'; readonly for?: number } & Point)
    | { readonly type: 'delay'; readonly for: number }
    | {
        readonly type: 'status'
        readonly status: number
        readonly retryAfter?: number
        readonly message?: string
      }
    | ({ readonly type: 'malformed' } & Point)
    | ({ readonly type: 'duplicate' } & Point)
    | ({ readonly type: 'error-event'; readonly message?: string } & Point)
  )

/** Which faults are still to come: each is met so many times, in the order of the list. */
export class Faults {
  readonly #left: { readonly fault: Fault; times: number }[]
  readonly #places = new Map<Fault, Map<number, number>>()

  constructor(faults: readonly Fault[]) {
    this.#left = faults.map((fault) => ({ fault, times: timesOf(fault) }))
  }

  /** The fault that the next request for the interaction at a place meets; undefined when it is answered as recorded. */
  next(place: number): Fault | undefined {
    for (const { fault, times } of this.#left) {
      if (fault.at !== undefined && fault.at !== place) continue
      const met = this.#places.get(fault) ?? new Map<number, number>()
      const count = met.get(place) ?? 0
      if (count >= times) continue
      this.#places.set(fault, met.set(place, count + 1))
      return fault
    }
    return undefined
  }
}

function timesOf({ times = 1 }: Fault): number {
  return times === 'always' ? Number.POSITIVE_INFINITY : times
}
