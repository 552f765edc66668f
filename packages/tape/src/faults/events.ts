/** Where the events of a body begin and end, whatever its transport: events stay bytes here. */
import { contentType, type HeaderList } from '../interaction.ts'

/** The offset behind each event, in bytes, in order. A body of another kind is one event. */
export function eventEnds(body: Uint8Array, headers: HeaderList): number[] {
  const type = contentType(headers)
  const ends = type.includes('amazon.eventstream')
    ? frameEnds(body)
    : type.includes('event-stream') || looksLikeSse(body)
      ? blockEnds(body)
      : /ndjson|jsonl|stream\+json/.test(type)
        ? lineEnds(body)
        : []
  if (body.length > 0 && ends.at(-1) !== body.length) ends.push(body.length)
  return ends
}

/** Some recorders leave out what kind an answer is. */
function looksLikeSse(body: Uint8Array): boolean {
  const start = new TextDecoder().decode(body.subarray(0, 64))
  return /^(data|event|id|retry)?:/.test(start.trimStart())
}

const newline = 0x0a
const carriageReturn = 0x0d

/** Server-sent events end with an empty line. */
function blockEnds(body: Uint8Array): number[] {
  const ends: number[] = []
  let isLineEmpty = true
  let hasField = false
  for (const [place, byte] of body.entries()) {
    if (byte === carriageReturn) continue
    if (byte !== newline) {
      isLineEmpty = false
      hasField = true
    } else {
      if (isLineEmpty && hasField) {
        ends.push(place + 1)
        hasField = false
      }
      isLineEmpty = true
    }
  }
  return ends
}

function lineEnds(body: Uint8Array): number[] {
  const ends: number[] = []
  for (let end = body.indexOf(newline); end !== -1; end = body.indexOf(newline, end + 1)) ends.push(end + 1)
  return ends
}

/** AWS event streams: each frame begins with its length. */
function frameEnds(body: Uint8Array): number[] {
  const ends: number[] = []
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let start = 0
  while (start + 12 <= body.length) {
    const length = view.getUint32(start)
    if (length < 16 || start + length > body.length) break
    start += length
    ends.push(start)
  }
  return ends
}
