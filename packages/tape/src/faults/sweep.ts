/** Runs a test once for each place at which a recording can break. */
import { TapeError } from '../error.ts'
import { openCassette } from '../open.ts'
import { record, type Recorder, type RecordOptions } from '../recorder.ts'
import { eventEnds } from './events.ts'
import type { Fault } from './fault.ts'

export interface SweepOptions extends Omit<RecordOptions, 'mode' | 'faults'> {
  /** Where to break: behind each event (default), chunk or byte. */
  readonly by?: 'events' | 'chunks' | 'bytes'
  /** How: the body ends as if it were complete (default), or the connection breaks. */
  readonly type?: 'cut' | 'reset'
  /** How many requests for the interaction meet it. Default 1: a retry succeeds. */
  readonly times?: number | 'always'
}

/**
 * Replays a cassette once for each point at which an answer can break off, and hands each replay to `run`. Throws an
 * AggregateError that names the points at which `run` failed, after all of them were tried. Gives how many there were.
 */
export async function sweep(
  file: string,
  run: (recorder: Recorder, fault: Fault) => unknown,
  { by = 'events', type = 'cut', times = 1, ...options }: SweepOptions = {},
): Promise<number> {
  const points = await cutPoints(file, by)
  const failures: Error[] = []
  for (const [at, bytes] of points) {
    const fault: Fault = { type, at, bytes, times }
    try {
      await using recorder = await record(file, { ...options, mode: 'replay', faults: [fault] })
      await run(recorder, fault)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      failures.push(new Error(`interaction ${at}, ${type} after ${bytes} bytes: ${why}`, { cause }))
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, sayFailures(file, failures, points.length))
  return points.length
}

/** Every place in every body but its end: `[interaction, bytes]`. */
async function cutPoints(file: string, by: 'events' | 'chunks' | 'bytes'): Promise<[number, number][]> {
  using cassette = await openCassette(file)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such cassette', { file })
  const points: [number, number][] = []
  for (let place = 0; place < cassette.length; place += 1) {
    const { response } = cassette.at(place)
    if (response === null) continue
    const pieces = [...cassette.piecesAt(place)].map(({ bytes }) => bytes)
    const body = Buffer.concat(pieces)
    for (const bytes of [0, ...offsets(by, body, pieces, response.headers)])
      if (bytes < body.length) points.push([place, bytes])
  }
  return points
}

function offsets(
  by: 'events' | 'chunks' | 'bytes',
  body: Uint8Array,
  pieces: readonly Uint8Array[],
  headers: Parameters<typeof eventEnds>[1],
): number[] {
  if (by === 'events') return eventEnds(body, headers)
  if (by === 'bytes') return [...body.keys()].slice(1)
  let end = 0
  return pieces.map(({ length }) => (end += length))
}

function sayFailures(file: string, failures: readonly Error[], count: number): string {
  const shown = failures.slice(0, 5).map(({ message }) => `  ${message}`)
  const more = failures.length - shown.length
  const rest = more > 0 ? [`  and ${more} more`] : []
  return [`${file}: ${failures.length} of ${count} breaks were not survived:`, ...shown, ...rest].join('\n')
}
