/** Reads and writes citations: where in which document or page a text has its words from. */
import { arrayOr, isObject, objectOr, stringOr, type Unread } from '../json.ts'
import { isShallow, keep, kept } from '../kept-fields.ts'
import type { Citation } from '../message.ts'
import { name } from './name.ts'

/** Decodes a citation, and keeps it as it came. */
export function decodeCitation(wire: Unread): Citation {
  const url = stringOr(objectOr(objectOr(wire['location'])['web'])['url'])
  const title = stringOr(wire['title'])
  const quote = textOfBlocks(wire['sourceContent'])
  return {
    ...(url !== null && { url }),
    ...(title !== null && { title }),
    ...(quote !== '' && { quote }),
    ...keep(name, isShallow(wire) ? wire : {}),
  }
}

/** Writes a citation; one of another dialect in Bedrock's form, without a place it does not know. */
export function encodeCitation(citation: Citation): Unread {
  const own = kept(name, citation)
  if (Object.keys(own).length > 0) return own
  const { url, title, quote } = citation
  return {
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { sourceContent: [{ text: quote }] }),
    ...(url !== undefined && { location: { web: { url } } }),
  }
}

/** The texts of a list of blocks, joined. */
export function textOfBlocks(wire: unknown): string {
  let words = ''
  for (const block of arrayOr(wire)) if (isObject(block)) words += stringOr(block['text']) ?? ''
  return words
}
