/** A YAML or JSON document as a tree that knows where each value stands. Scalars keep their text: no number is read as a float. */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'

/** A value of the document; `at` is its offset in the text. */
export type Node =
  | { readonly type: 'map'; readonly at: number; readonly entries: readonly MapEntry[] }
  | { readonly type: 'list'; readonly at: number; readonly items: readonly Node[] }
  | { readonly type: 'scalar'; readonly at: number; readonly text: string }
  /** Nothing: `name:` with no value, `null` or `~`. */
  | { readonly type: 'null'; readonly at: number }

export interface MapEntry {
  readonly name: string
  /** Offset of the name. */
  readonly at: number
  readonly value: Node
}

/** A text that is no YAML, or has what a configuration cannot have. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** No configuration is nested so deeply; a hostile one would exhaust the stack. */
const maxDepth = 20

/**
 * Reads one document. Throws a TreeError: for what is no YAML, for several documents, and for aliases, which could make a
 * small file a huge value.
 */
export function readTree(text: string): Node {
  const events = eventsOf(text)
  const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length
  if (documents > 1) throw new TreeError(0, 'the file holds several documents (---): keep one')
  const cursor = { text, events, index: 1 }
  const first = events[1]
  return first === undefined || first.type === EVENT_ID.POP ? { type: 'null', at: 0 } : nodeAt(cursor)
}

function eventsOf(text: string): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    throw new TreeError(error.mark?.position ?? 0, `this is not valid YAML: ${error.reason}`)
  }
}

interface Cursor {
  readonly text: string
  readonly events: readonly Event[]
  index: number
}

/** The value that starts at the cursor, which then stands behind it. */
function nodeAt(cursor: Cursor): Node {
  const event = cursor.events[cursor.index]
  cursor.index += 1
  if (event === undefined) throw new TreeError(cursor.text.length, 'the file ends too early')
  if ('tagStart' in event && event.tagStart >= 0)
    throw new TreeError(event.tagStart, 'tags (!name) are not taken here: remove it')
  if (event.type === EVENT_ID.MAPPING) return mapAt(cursor, event.start)
  if (event.type === EVENT_ID.SEQUENCE) return listAt(cursor, event.start)
  if (event.type === EVENT_ID.SCALAR) return scalarAt(cursor, event)
  throw new TreeError(placeOf(event), 'aliases (*name) are not taken here: write the value out')
}

function mapAt(cursor: Cursor, at: number): Node {
  const entries: MapEntry[] = []
  const names = new Set<string>()
  while (!isAtEnd(cursor)) {
    const key = nodeAt(cursor)
    if (key.type !== 'scalar') throw new TreeError(Math.max(key.at, at), 'a name must be text')
    if (names.has(key.text))
      throw new TreeError(key.at, `"${key.text.slice(0, 40)}" stands here twice: keep one`)
    names.add(key.text)
    const value = nodeAt(cursor)
    // A value that is not there has no place of its own.
    entries.push({
      name: key.text,
      at: key.at,
      value: value.type === 'null' ? { ...value, at: key.at } : value,
    })
  }
  return { type: 'map', at, entries }
}

function listAt(cursor: Cursor, at: number): Node {
  const items: Node[] = []
  while (!isAtEnd(cursor)) items.push(nodeAt(cursor))
  return { type: 'list', at, items }
}

function scalarAt({ text }: Cursor, event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): Node {
  const value = getScalarValue(text, event)
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
  const at = Math.max(0, isQuoted ? event.valueStart - 1 : event.valueStart)
  const isPlain = event.style === SCALAR_STYLE.PLAIN
  if (isPlain && (value === '' || value === '~' || value === 'null')) return { type: 'null', at }
  return { type: 'scalar', at, text: value }
}

/** Whether a map or a list ends here; the cursor then stands behind its end. */
function isAtEnd(cursor: Cursor): boolean {
  const event = cursor.events[cursor.index]
  if (event !== undefined && event.type !== EVENT_ID.POP) return false
  cursor.index += 1
  return true
}

function placeOf(event: Event): number {
  return 'anchorStart' in event && event.anchorStart > 0 ? event.anchorStart - 1 : 0
}
