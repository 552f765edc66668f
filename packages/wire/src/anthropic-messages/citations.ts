/** Reads and writes citations. https://platform.claude.com/docs/en/build-with-claude/citations */
import { given } from '../given.ts'
import { stringIn, type Unread } from '../json.ts'
import { keepShallow } from '../kept-fields.ts'
import type { Citation, JsonObject } from '../message.ts'
import { keptFields, name } from './name.ts'

/**
 * A citation of any location type, kept whole beside. Its places count in the source, never in the text, and so
 * are no `start` and `end`.
 */
export function decodeCitation(wire: Unread): Citation {
  const source = stringIn(wire, 'source')
  const url = stringIn(wire, 'url') ?? (/^https?:/.test(source ?? '') ? source : null)
  const title = stringIn(wire, 'title', 'document_title')
  const quote = stringIn(wire, 'cited_text')
  return { ...given({ url, title, quote }), ...keepShallow(name, wire) }
}

/** Those of this dialect. It has no form for others: each names a document of the request, or an encrypted place. */
export function encodeCitations(citations: readonly Citation[] = []): JsonObject[] {
  return citations.map(keptFields).filter((wire) => Object.keys(wire).length > 0)
}
