/** The recorder of Mastra's own tests. It keeps the pieces of a stream and the times between them. */
import type { Body } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange, Reading } from './reading.ts'
import {
  type Entry,
  field,
  isAbsent,
  isExchanges,
  isFields,
  items,
  milliseconds,
  number,
  text,
} from './values.ts'
import { headsOf } from './vcr-messages.ts'

export const mastra: ForeignFormat = {
  name: 'mastra',
  matches: (root) =>
    isExchanges(isFields(root) ? root['recordings'] : root, (_, response) => 'isStreaming' in response),
  // Older files are the list alone.
  read: (root, reading) =>
    items(isFields(root.value) ? field(root, 'recordings') : root).map((entry, id) =>
      reading.interaction(readExchange(entry, reading), id),
    ),
}

function readExchange(entry: Entry, reading: Reading): Exchange {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const asked = {
    ...headsOf(request, response),
    requestBody: bodyOf(field(request, 'body'), reading),
    startedAt: timestamp(field(request, 'timestamp')),
  }
  const pieces = field(response, 'chunks')
  if (isAbsent(pieces.value)) return { ...asked, body: bodyOf(field(response, 'body'), reading) }
  return { ...asked, ...streamed(items(pieces), items(field(response, 'chunkTimings'))) }
}

/** Milliseconds since 1970 that make a date. */
function timestamp(entry: Entry): number | null {
  const time = new Date(number(entry) ?? Number.NaN).getTime()
  return Number.isNaN(time) ? null : time
}

function bodyOf({ value }: Entry, reading: Reading): Body {
  if (isAbsent(value)) return ''
  return typeof value === 'string' ? value : reading.parsedJson(value)
}

/** Each time is that since the piece before; that of the first is since the head, whose own time is not kept. */
function streamed(
  pieces: readonly Entry[],
  waits: readonly Entry[],
): Pick<Exchange, 'body' | 'chunks' | 'ending'> {
  const texts = pieces.map((piece) => text(piece) ?? '')
  let at = 0
  const chunks = texts.map((piece, i) => {
    const wait = waits[i]
    at += wait === undefined ? 0 : (milliseconds(wait) ?? 0)
    return { length: Buffer.byteLength(piece), at }
  })
  return {
    body: texts.join(''),
    chunks: chunks.filter(({ length }) => length > 0),
    ending: { type: 'end', at },
  }
}
