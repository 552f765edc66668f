/** Reads and writes citations: which words of the answer stand on which documents and tool results. */
import { arrayOr, isObject, objectOr, stringOr, type Unread } from '../json.ts'
import { keepShallow, kept, without } from '../kept-fields.ts'
import type { Citation, JsonObject, TextPart } from '../message.ts'

/** Whether a citation is of the answer's text; others are of its plan or its thinking. */
export function isOfText(wire: Unread): boolean {
  return wire['type'] === undefined || wire['type'] === null || wire['type'] === 'TEXT_CONTENT'
}

/**
 * Decodes a citation: the first source that is a document names it, and all of them are kept. `text` are the
 * answer's own words and no quote.
 */
export function decodeCitation(wire: Unread): Citation {
  const { start, end } = wire
  const source = arrayOr(wire['sources']).find((one) => isObject(one) && isObject(one['document']))
  const document = objectOr(objectOr(source)['document'])
  const fields = {
    url: stringOr(document['url']),
    title: stringOr(document['title']),
    quote: stringOr(document['snippet']) ?? stringOr(document['text']),
    start: typeof start === 'number' ? start : null,
    end: typeof end === 'number' ? end : null,
  }
  const known = Object.entries(fields).filter(([, value]) => value !== null)
  const rest = without(wire, ['start', 'end'])
  return { ...(Object.fromEntries(known) as Citation), ...keepShallow('cohere', rest) }
}

/** Writes a citation; one of another dialect has its source in Cohere's form. */
export function encodeCitation(citation: Citation, { text }: TextPart, index: number): JsonObject {
  const { url, title, quote, start, end } = citation
  const own = kept('cohere', citation)
  const place = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
  if (Object.keys(own).length > 0) return { ...place, ...own }
  const id = url ?? `source:${index}`
  const document = { id, ...(title && { title }), ...(url && { url }), ...(quote && { snippet: quote }) }
  return {
    start: start ?? 0,
    end: end ?? text.length,
    text: text.slice(start ?? 0, end ?? text.length),
    sources: [{ type: 'document', id, document }],
    type: 'TEXT_CONTENT',
  }
}
