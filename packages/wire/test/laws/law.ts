/** What the laws have in common: a law holds for every recording of every dialect, or names those that break it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Answer,
  decodeExchange,
  type Dialect,
  dialects,
  type Failure,
  providerOf,
  type StreamEvent,
} from '../../src/index.ts'
import { isStreamed, type Recording, recordings } from '../recordings.ts'

/** Makes one test for each dialect; it is skipped where there is nothing to try. */
export function law<Thing extends { readonly name: string }>(
  name: string,
  find: (dialect: Dialect) => readonly Thing[],
  check: (thing: Thing, dialect: Dialect) => void,
): void {
  for (const dialect of dialects) {
    const things = find(dialect)
    const skip = things.length === 0 && `no recording of ${dialect.name} at hand`
    test(`${dialect.name}: ${name}`, { skip }, () => {
      const broken = things.flatMap((thing) => breach(thing.name, () => check(thing, dialect)))
      assert.equal(broken.length, 0, shown(broken, things.length))
    })
  }
}

function breach(name: string, check: () => void): string[] {
  try {
    check()
    return []
  } catch (error) {
    return [`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
  }
}

/** No more than a few: one mistake breaks many recordings. */
function shown(broken: readonly string[], total: number): string {
  const few = broken.slice(0, 5).map((one) => one.split('\n').slice(0, 40).join('\n').slice(0, 3000))
  return `${broken.length} of ${total} break it:\n\n${few.join('\n\n')}`
}

/** All recordings of a dialect. */
export function every({ name }: Dialect): readonly Recording[] {
  return recordings.filter(({ dialect }) => dialect.name === name)
}

/** Those whose answer is a stream. */
export function streamed(dialect: Dialect): readonly Recording[] {
  return every(dialect).filter(isStreamed)
}

/** Those whose answer is plain, and no error. */
export function plain(dialect: Dialect): readonly Recording[] {
  return every(dialect).filter((recording) => recording.response.status < 400 && !isStreamed(recording))
}

/** Those whose answer is an error. */
export function refused(dialect: Dialect): readonly Recording[] {
  return every(dialect).filter(({ response }) => response.status >= 400)
}

/** No more than some of each dialect, the same in every run: recordings are much alike. */
export const some =
  (find: (dialect: Dialect) => readonly Recording[], most = 120) =>
  (dialect: Dialect): readonly Recording[] => {
    const all = find(dialect)
    const step = Math.ceil(all.length / most)
    return all.filter((_one, index) => index % step === 0)
  }

/** The events of a recorded stream that arrives in these pieces. */
export function eventsOf({ dialect, response }: Recording, pieces: Iterable<Uint8Array>): StreamEvent[] {
  return decodeStream(dialect, response.url, pieces)
}

/** The events of any stream that arrives in these pieces. */
export function decodeStream(dialect: Dialect, url: string, pieces: Iterable<Uint8Array>): StreamEvent[] {
  const decoder = dialect.client.decodeStream(providerOf(url))
  const events: StreamEvent[] = []
  for (const piece of pieces) for (const event of decoder.push(piece)) events.push(event)
  events.push(...decoder.end())
  return events
}

const wholes = new WeakMap<Recording, readonly StreamEvent[]>()

/** The events of a recorded stream that arrives at once. */
export function wholeOf(recording: Recording): readonly StreamEvent[] {
  const known = wholes.get(recording)
  if (known !== undefined) return known
  const events = eventsOf(recording, [recording.response.body])
  wholes.set(recording, events)
  return events
}

/** What came back. */
export function outcomeOf({ dialect, response, isStream }: Recording): Answer | Failure {
  return decodeExchange(dialect.client, response, isStream)
}

/** The answer that a stream's last event gives; undefined where it failed. */
export function answerOf(events: readonly StreamEvent[]): Answer | undefined {
  const last = events.at(-1)
  return last?.type === 'finish' ? last.answer : undefined
}

/** Quick where they are equal, which they nearly always are. */
export function same(actual: unknown, wanted: unknown, message?: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) assert.deepEqual(actual, wanted, message)
}
