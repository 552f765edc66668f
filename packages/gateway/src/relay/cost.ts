/** Writes what an answer cost beside its tokens, and leaves every other byte of the answer as it came. */
import { type Cost, decodeCost, type DialectName } from '@playhead/wire'
import { placeOf } from './json-place.ts'
import type { RelayContext } from './relay.ts'

/** Where the usage stands, in a plain answer and in the frame of a stream that ends it, where a cost has a place there. */
export interface UsagePaths {
  readonly plain: readonly string[]
  readonly stream: readonly string[]
}

/** OpenRouter's dialects. Gemini's, Bedrock's and the others' have no field for money. */
export const usagePaths: Readonly<Record<string, UsagePaths | null>> = {
  'openai-chat': { plain: ['usage'], stream: ['usage'] },
  'openai-responses': { plain: ['usage'], stream: ['response', 'usage'] },
  'anthropic-messages': { plain: ['usage'], stream: ['usage'] },
  'bedrock-converse': null,
  gemini: null,
  cohere: null,
  ollama: null,
} satisfies Record<DialectName, UsagePaths | null>

/** Characters that take the place of others. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * What is to be changed in a text, in whose JSON, which begins at `start`, a usage stands at `path`; null where nothing is: it says the cost
 * already, or it counts nothing. Exact: the number is written as the decimal that it is.
 */
export function costSplice(
  text: string,
  start: number,
  path: readonly string[],
  cost: Cost,
  { isByok }: Pick<RelayContext, 'isByok'>,
): Splice | null {
  const usage = placeOf(text, start, path)
  if (usage === null || text[usage.start] !== '{') return null
  const said = placeOf(text, usage.start, ['cost'])
  if (said !== null) {
    return reported(text.slice(said.start, said.end)) === cost ? null : { ...said, text: cost }
  }
  const byok = placeOf(text, usage.start, ['is_byok']) === null ? `,"is_byok":${isByok === true}` : ''
  const comma = text.slice(usage.start + 1, usage.end - 1).trim() === '' ? '' : ','
  return { start: usage.end - 1, end: usage.end - 1, text: `${comma}"cost":${cost}${byok}` }
}

/** Perplexity's cost is an object, which stays where its total is the cost. */
function reported(json: string): Cost | null {
  const said = parsed(json)
  const total = typeof said === 'object' && said !== null && 'total_cost' in said ? said.total_cost : said
  return decodeCost(total)
}

/** Undefined for what is no JSON: where it stood was found without checking all of it. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return undefined
  }
}

/** The bytes with the change; one character of the splice's text was one byte. */
export function spliced(bytes: Uint8Array, { start, end, text }: Splice): Uint8Array {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text, 'latin1'), bytes.subarray(end)])
}
