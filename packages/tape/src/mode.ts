/** When a recorder replays, records or fails. */

/**
 * - `replay` never records.
 * - `once` records a missing cassette and never touches one that exists.
 * - `new` also records requests that a cassette does not have.
 * - `all` records everything anew.
 * - `live` passes everything through and leaves the cassette alone.
 */
export type Mode = 'replay' | 'once' | 'new' | 'all' | 'live'

/** What a recorder finds for a request; `absent` means no cassette yet. */
export type Found = 'hit' | 'miss' | 'absent'

/** What a recorder does with a request. */
export type Action = 'replay' | 'record' | 'pass' | 'fail'

/** Every decision a recorder takes. A new mode is one row. */
export const actions: Readonly<Record<Mode, Readonly<Record<Found, Action>>>> = {
  replay: { hit: 'replay', miss: 'fail', absent: 'fail' },
  once: { hit: 'replay', miss: 'fail', absent: 'record' },
  new: { hit: 'replay', miss: 'record', absent: 'record' },
  all: { hit: 'record', miss: 'record', absent: 'record' },
  live: { hit: 'pass', miss: 'pass', absent: 'pass' },
}

/** All modes, for those who offer them. */
export const modes = Object.keys(actions) as readonly Mode[]
