/** Writes what an answer cost beside its tokens, and leaves every other byte of the answer as it came. */
import { type Cost, decodeCost, type DialectName, isObject, parseJson, type Usage } from '@playhead/wire'
import { exactNumber } from '../exact.ts'
import { placeOf } from './json-place.ts'
import type { RelayContext } from './relay.ts'
import { latin1 } from './sse-frames.ts'

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

/** What is to be changed in the JSON of an answer, or of the frame of a stream that ends it; null where nothing is. */
export function toldCost(
  text: string,
  path: readonly string[],
  context: Pick<RelayContext, 'cost' | 'upstreamCost'>,
  usage: Usage | null,
  reported: Cost | null,
): Splice | null {
  const cost = usage === null ? null : context.cost(usage, reported)
  if (cost === null) return null
  return costSplice(text, text.indexOf('{'), path, cost, context.upstreamCost?.(usage, reported))
}

/**
 * What is to be changed in a text, in whose JSON, which begins at `start`, a usage stands at `path`; null where nothing is: it says the cost
 * already, or it counts nothing. Exact: the number is written as the decimal that it is. `upstream`: what the caller's own
 * key pays, where one does; null: not known.
 */
export function costSplice(
  text: string,
  start: number,
  path: readonly string[],
  cost: Cost,
  upstream?: Cost | null,
): Splice | null {
  const usage = placeOf(text, start, path)
  if (usage === null || text[usage.start] !== '{') return null
  if (upstream !== undefined) {
    const own = ownUsage(text.slice(usage.start, usage.end), cost, upstream)
    return own === null ? null : { ...usage, text: own }
  }
  const said = placeOf(text, usage.start, ['cost'])
  if (said !== null) {
    return reported(text.slice(said.start, said.end)) === cost ? null : { ...said, text: cost }
  }
  const byok = placeOf(text, usage.start, ['is_byok']) === null ? ',"is_byok":false' : ''
  const comma = text.slice(usage.start + 1, usage.end - 1).trim() === '' ? '' : ','
  return { start: usage.end - 1, end: usage.end - 1, text: `${comma}"cost":${cost}${byok}` }
}

/** A usage in OpenRouter's words for keys of the caller's own, whatever the upstream, a gateway too, said of them. */
function ownUsage(json: string, cost: Cost, upstream: Cost | null): string | null {
  // It may be no JSON: where it stands was found without checking all of it.
  const said = parseJson(json)
  if (!isObject(said)) return null
  const details = isObject(said['cost_details']) ? said['cost_details'] : {}
  return JSON.stringify({
    ...said,
    cost: exactNumber(cost),
    is_byok: true,
    cost_details: {
      ...details,
      upstream_inference_cost: upstream === null ? null : exactNumber(upstream),
    },
  })
}

/** Perplexity's cost is an object, which stays where its total is the cost. */
function reported(json: string): Cost | null {
  const said = parseJson(json)
  return decodeCost(isObject(said) && 'total_cost' in said ? said['total_cost'] : said)
}

/** Writes the cost into frames that an encoder of ours has written, wherever one has a usage. */
export function toldFrames(
  bytes: Uint8Array,
  dialect: string,
  context: RelayContext,
  usage: Usage | null,
  reported: Cost | null,
): Uint8Array {
  const path = usagePaths[dialect]?.stream
  if (path === undefined) return bytes
  const told = latin1(bytes)
    .split(/(?<=\n\n)/)
    .map((frame) => {
      const splice = toldCost(frame, path, context, usage, reported)
      return splice === null ? frame : spliced(frame, splice)
    })
  return Buffer.from(told.join(''), 'latin1')
}

/** The text with the change. */
export function spliced(text: string, splice: Splice): string {
  return text.slice(0, splice.start) + splice.text + text.slice(splice.end)
}
