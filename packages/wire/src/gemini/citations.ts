/** Decodes what an answer's text is grounded in. https://ai.google.dev/api/generate-content#GroundingMetadata */
import { given } from '../given.ts'
import { arrayOr, countOr, isObject, objectOr, stringIn, type Unread } from '../json.ts'
import type { Citation } from '../message.ts'

/** A source of a segment of the text, whose ends are counted in bytes of UTF-8. */
interface Source {
  readonly citation: Citation
  readonly segment?: Unread
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
  const places = utf16Places(
    text,
    sources.flatMap(({ segment }) => (segment === undefined ? [] : endsOf(segment))),
  )
  return sources.flatMap(({ citation, segment }) => {
    if (segment === undefined) return citation
    const [start, end] = endsOf(segment).map((place) => places.get(place))
    const words = stringIn(segment, 'text')
    if (start === undefined || end === undefined || end <= start) return citation
    if (words !== null && text.slice(start, end) !== words) return citation
    return start < partStart ? [] : { ...citation, start: start - partStart, end: end - partStart }
  })
}

/** Every support cites every chunk that it names; chunks without any support cite for the whole. */
function decodeGrounding(wire: Unread): Source[] {
  const chunks = arrayOr(wire['groundingChunks']).map((chunk) => {
    // The web, a corpus of the caller's, or a map.
    const { web, retrievedContext, maps } = objectOr(chunk)
    const source = objectOr(web ?? retrievedContext ?? maps)
    return { citation: { ...citationOf(source), ...given({ quote: stringIn(source, 'text') }) } }
  })
  const supports = arrayOr(wire['groundingSupports']).filter(isObject)
  if (supports.length === 0) return chunks
  return supports.flatMap((support) =>
    arrayOr(support['groundingChunkIndices']).flatMap((index) => {
      const chunk = typeof index === 'number' ? chunks[index] : undefined
      return chunk === undefined ? [] : { ...chunk, segment: objectOr(support['segment']) }
    }),
  )
}

/** What the model recited. */
function decodeRecitation(wire: Unread): Source[] {
  const sources = arrayOr(wire['citations'] ?? wire['citationSources']).filter(isObject)
  return sources.map((segment) => ({ citation: citationOf(segment), segment }))
}

function citationOf(source: Unread): Citation {
  return given({ url: stringIn(source, 'uri'), title: stringIn(source, 'title') })
}

/** Protobuf leaves out a zero. */
function endsOf(segment: Unread): number[] {
  return [countOr(segment['startIndex']), countOr(segment['endIndex'])]
}

/** Where bytes of UTF-8 stand in UTF-16, in one pass. One inside a character, or behind the end, is nowhere. */
function utf16Places(text: string, offsets: readonly number[]): ReadonlyMap<number, number | undefined> {
  const places = new Map<number, number | undefined>(offsets.map((offset) => [offset, undefined]))
  let bytes = 0
  for (let index = 0; places.size > 0 && index <= text.length; index += 1) {
    if (places.has(bytes)) places.set(bytes, index)
    const code = text.codePointAt(index) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (code >= 0x10000) index += 1
  }
  return places
}
