/** Decodes what an answer's text is grounded in. https://ai.google.dev/api/generate-content#GroundingMetadata */
import { arrayOr, isObject, objectOr, stringOr, type Unread } from '../json.ts'
import type { Citation } from '../message.ts'

/** A source of a segment of the text, whose ends are counted in bytes of UTF-8. */
interface Source {
  readonly citation: Citation
  readonly segment: Unread | null
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
  const offsets = sources.flatMap(({ segment }) =>
    segment === null ? [] : [startOf(segment), endOf(segment)],
  )
  const places = utf16Places(text, offsets)
  return sources.flatMap(({ citation, segment }) => {
    if (segment === null) return [citation]
    const start = places.get(startOf(segment))
    const end = places.get(endOf(segment))
    const words = stringOr(segment['text'])
    if (start === undefined || end === undefined || end <= start) return [citation]
    if (words !== null && text.slice(start, end) !== words) return [citation]
    if (start < partStart) return []
    return [{ ...citation, start: start - partStart, end: end - partStart }]
  })
}

/** Every support cites every chunk that it names; chunks without any support cite for the whole. */
function decodeGrounding(wire: Unread): Source[] {
  const chunks = arrayOr(wire['groundingChunks']).map(decodeChunk)
  const supports = arrayOr(wire['groundingSupports']).filter(isObject)
  if (supports.length === 0) return chunks.map((citation) => ({ citation, segment: null }))
  return supports.flatMap((support) =>
    arrayOr(support['groundingChunkIndices']).flatMap((index) => {
      const citation = typeof index === 'number' ? chunks[index] : undefined
      return citation === undefined ? [] : [{ citation, segment: objectOr(support['segment']) }]
    }),
  )
}

/** The web, a corpus of the caller's, or a map. */
function decodeChunk(wire: unknown): Citation {
  const chunk = objectOr(wire)
  const source = objectOr(chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps'])
  return citationOf(source, stringOr(source['text']))
}

/** What the model recited. */
function decodeRecitation(wire: Unread): Source[] {
  return arrayOr(wire['citations'] ?? wire['citationSources'])
    .filter(isObject)
    .map((source) => ({ citation: citationOf(source, null), segment: source }))
}

function citationOf(source: Unread, quote: string | null): Citation {
  const url = stringOr(source['uri'])
  const title = stringOr(source['title'])
  return {
    ...(url !== null && { url }),
    ...(title !== null && { title }),
    ...(quote !== null && { quote }),
  }
}

/** Protobuf leaves out a zero. */
function startOf(segment: Unread): number {
  return typeof segment['startIndex'] === 'number' ? segment['startIndex'] : 0
}

function endOf(segment: Unread): number {
  return typeof segment['endIndex'] === 'number' ? segment['endIndex'] : 0
}

/** Where bytes of UTF-8 stand in UTF-16, in one pass. One inside a character, or behind the end, is nowhere. */
function utf16Places(text: string, offsets: readonly number[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>()
  const wanted = [...new Set(offsets)].toSorted((a, b) => a - b)
  let next = 0
  let bytes = 0
  for (let index = 0; index <= text.length && next < wanted.length; index += 1) {
    while ((wanted[next] ?? Infinity) < bytes) next += 1
    if (wanted[next] === bytes) places.set(bytes, index)
    const code = text.codePointAt(index) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (code >= 0x10000) index += 1
  }
  return places
}
