/** Reads and writes citations: where in which document or page a text has its words from. */
import { given } from '../given.ts'
import { arrayOr, objectOr, stringIn, type Unread } from '../json.ts'
import { keepShallow, kept } from '../kept-fields.ts'
import type { Citation } from '../message.ts'
import { name } from './name.ts'

/** Decodes a citation, and keeps it as it came. */
export function decodeCitation(wire: Unread): Citation {
  const url = stringIn(objectOr(objectOr(wire['location'])['web']), 'url')
  const title = stringIn(wire, 'title')
  const quote = textOfBlocks(wire['sourceContent']) || null
  return { ...given({ url, title, quote }), ...keepShallow(name, wire) }
}

/** Writes a citation; one of another dialect in Bedrock's form, without a place it does not know. */
export function encodeCitation(citation: Citation): Unread {
  const own = kept(name, citation)
  if (Object.keys(own).length > 0) return own
  const { url, title, quote } = citation
  return {
    title,
    sourceContent: quote === undefined ? undefined : [{ text: quote }],
    location: url === undefined ? undefined : { web: { url } },
  }
}

/** The texts of a list of blocks, joined. */
export function textOfBlocks(wire: unknown): string {
  return arrayOr(wire)
    .map((block) => stringIn(objectOr(block), 'text') ?? '')
    .join('')
}
