/** Decodes what an answer's text is grounded in. https://ai.google.dev/api/generate-content#GroundingMetadata */
import { given } from '../given.ts'
import { arrayOr, countOr, objectOr, stringIn, type Unread } from '../json.ts'
import type { Citation } from '../message.ts'

/** A source of a segment of the text, whose ends are counted in bytes of UTF-8; of all of it where that has none. */
interface Source {
  readonly citation: Citation
  readonly segment: Unread
}

/**
 * The citations of the text's last part, which begins at `partStart`. A segment that does not say what stands
 * at its place there, or stands in an earlier part, gives a citation of the whole part, or none.
 */
export function decodeCitations(candidate: Unread, text: string, partStart: number): Citation[] {
  const sources = [
    ...decodeGrounding(objectOr(candidate['groundingMetadata'])),
    ...decodeRecitation(objectOr(candidate['citationMetadata'])),
  ]
  if (sources.length === 0) return []
  const places = utf16Places(text)
  return sources.flatMap(({ citation, segment }) => {
    // Protobuf leaves out a zero.
    const ends = [segment['startIndex'], segment['endIndex']]
    const [start = 0, end = 0] = ends.map((place) => places[countOr(place)])
    const words = text.slice(start, end)
    if (words === '' || words !== (stringIn(segment, 'text') ?? words)) return citation
    return start < partStart ? [] : { ...citation, start: start - partStart, end: end - partStart }
  })
}

/** Every support cites every chunk that it names; chunks without any support cite for the whole. */
function decodeGrounding(wire: Unread): Source[] {
  const chunks = arrayOr(wire['groundingChunks']).map((chunk) => {
    // Under the one word for what it is: `web`, `retrievedContext` (a corpus of the caller's), `maps`.
    const [source] = Object.values(objectOr(chunk))
    return { citation: citationOf(objectOr(source)), segment: {} }
  })
  const supports = arrayOr(wire['groundingSupports']).map(objectOr)
  if (supports.length === 0) return chunks
  return supports.flatMap(({ segment, groundingChunkIndices }) =>
    arrayOr(groundingChunkIndices).flatMap((index) => {
      const chunk = chunks[Number(index)]
      return chunk === undefined ? [] : { ...chunk, segment: objectOr(segment) }
    }),
  )
}

/** What the model recited. */
function decodeRecitation(wire: Unread): Source[] {
  const sources = arrayOr(wire['citations'] ?? wire['citationSources']).map(objectOr)
  return sources.map((segment) => ({ citation: citationOf(segment), segment }))
}

function citationOf(source: Unread): Citation {
  return given({
    url: stringIn(source, 'uri'),
    title: stringIn(source, 'title'),
    quote: stringIn(source, 'text'),
  })
}

/** Where each byte of UTF-8 stands in UTF-16, and the end. */
function utf16Places(text: string): readonly number[] {
  const places: number[] = []
  let place = 0
  for (const byte of new TextEncoder().encode(text)) {
    places.push(place)
    // The first byte of a character says how long it is.
    if ((byte & 0xc0) !== 0x80) place += byte < 0xf0 ? 1 : 2
  }
  return [...places, place]
}
