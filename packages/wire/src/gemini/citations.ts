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
  if (sources.length === 0) return []
  const places = utf16Places(text)
  return sources.flatMap(({ citation, segment }) => {
    if (segment === undefined) return citation
    // Protobuf leaves out a zero.
    const [start, end] = [segment['startIndex'], segment['endIndex']].map((place) => places[countOr(place)])
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

/** Where each character stands in UTF-16, by where it begins in UTF-8. */
function utf16Places(text: string): readonly (number | undefined)[] {
  const places: number[] = []
  let bytes = 0
  let index = 0
  for (const character of text) {
    places[bytes] = index
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    index += character.length
  }
  places[bytes] = index
  return places
}
