/** Reads all other YAML, and finds the lines of values, by way of js-yaml. */

import { createRequire } from 'node:module'
import type { Event, YAMLException } from 'js-yaml'
import { TapeError } from '../error.ts'

/** Loaded when first needed: hardly any cassette needs it. */
const require = createRequire(import.meta.url)
export function jsYaml(): typeof import('js-yaml') {
  return require('js-yaml') as typeof import('js-yaml')
}

/**
 * The value of one YAML document, as `readYaml` would give it. Scalars stay text except null and
 * `!!binary`, no other tag is taken, no alias, and no more than 20 levels. A key may be any value.
 * Throws a `TapeError` with the line at fault.
 */
export function readAnyYaml(text: string, file: string): unknown {
  const { load, FAILSAFE_SCHEMA, nullCoreTag, binaryTag, realMapTag } = jsYaml()
  const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag, binaryTag, realMapTag)
  try {
    return load(text, { schema, maxAliases: 0, maxDepth: 20 })
  } catch (cause) {
    throw yamlFault(cause, file)
  }
}

/** What js-yaml threw, as an error for people. It is not the cause: it holds the text of the file, which a test's runner prints. */
export function yamlFault(cause: unknown, file: string): TapeError {
  const { reason, mark } = asYamlException(cause)
  const line = mark === undefined ? {} : { line: mark.line + 1 }
  return new TapeError('unreadable', explain(reason), { file, ...line })
}

/** What js-yaml throws without a place in the text is an `Error` as well, with a message only. */
function asYamlException(error: unknown): Pick<YAMLException, 'reason' | 'mark'> {
  return error instanceof jsYaml().YAMLException ? error : { reason: String(error) }
}

const explanations: readonly (readonly [reason: RegExp, sentence: string])[] = [
  [
    /input is empty/,
    'the file is empty; a go-vcr cassette has at least "version: 2" and "interactions: []".',
  ],
  [/^aliases exceeded/, 'aliases (*name) are not allowed in a cassette; write the value out.'],
  [
    /^unknown .* tag/,
    'tags other than !!binary are not allowed in a cassette: they name objects of a program, and none is built; remove the tag.',
  ],
  [/^cannot resolve .*binary/, 'the value of !!binary is not base64; record the cassette again.'],
  [/^nesting exceeded/, 'the values are nested too deeply for a cassette.'],
  [/^expected a single document/, 'the file holds several YAML documents; split it into one file for each.'],
]

function explain(reason: string): string {
  const known = explanations.find(([pattern]) => pattern.test(reason))
  return known?.[1] ?? `this is not valid YAML (${reason}); correct it or record the cassette again.`
}

/** Where a value stands: the keys and positions that lead to it from the top. */
export type Path = readonly (string | number)[]

/**
 * The line, counted from 1, of the entry at the path, or of the deepest one on the way that exists;
 * `undefined` in a text that only `readYaml` can read. Parses the text once more, so that reading it
 * the first time need not keep any places.
 */
export function lineOf(text: string, path: Path): number | undefined {
  const events = parse(text)
  if (events === undefined) return undefined
  const start = startOf(events[entryAt(text, events, path)])
  return text.slice(0, start).split('\n').length
}

function parse(text: string): readonly Event[] | undefined {
  try {
    return jsYaml().parseEvents(text, {})
  } catch {
    return undefined
  }
}

/** The index of the event that starts the entry at the path: in a map its key, in a list its value. */
function entryAt(text: string, events: readonly Event[], path: Path): number {
  let entry = 1
  let value = 1
  for (const step of path) {
    const child = typeof step === 'string' ? keyOf(text, events, value, step) : itemOf(events, value, step)
    if (child === undefined) break
    entry = child
    value = typeof step === 'string' ? behind(events, child) : child
  }
  return entry
}

/** The index of a key in the map that starts at `map`. */
function keyOf(text: string, events: readonly Event[], map: number, name: string): number | undefined {
  const { EVENT_ID, getScalarValue } = jsYaml()
  if (events[map]?.type !== EVENT_ID.MAPPING) return undefined
  for (let index = map + 1; ; index = behind(events, behind(events, index))) {
    const key = events[index]
    if (key === undefined || key.type === EVENT_ID.POP) return undefined
    if (key.type === EVENT_ID.SCALAR && getScalarValue(text, key) === name) return index
  }
}

/** The index of an item in the list that starts at `list`. */
function itemOf(events: readonly Event[], list: number, position: number): number | undefined {
  const { EVENT_ID } = jsYaml()
  if (events[list]?.type !== EVENT_ID.SEQUENCE) return undefined
  let index = list + 1
  for (let item = 0; item < position && events[index]?.type !== EVENT_ID.POP; item += 1)
    index = behind(events, index)
  return events[index]?.type === EVENT_ID.POP ? undefined : index
}

/** The index of the event behind the value that starts at `index`. */
function behind(events: readonly Event[], index: number): number {
  const { EVENT_ID } = jsYaml()
  let open = 0
  let end = index
  do {
    const type = events[end]?.type
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) open += 1
    if (type === EVENT_ID.POP) open -= 1
    end += 1
  } while (open > 0 && end < events.length)
  return end
}

function startOf(event: Event | undefined): number {
  if (event === undefined) return 0
  if ('valueStart' in event) return event.valueStart
  return 'start' in event ? event.start : 0
}
