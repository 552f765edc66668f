/** Reads which models a request asks for: one, then the fallbacks. */
import type { DialectName, Unread } from '@playhead/wire'
import { isAbsent, objectOrNull, refusal, stringAt, stringsOrNull } from './fields.ts'
import type { Shortcuts } from './preferences.ts'

export interface AskedModels {
  /** Each once, without `:nitro` and `:floor`. Never empty. */
  readonly models: readonly string[]
  /** What the first model's suffix says of the order of endpoints. */
  readonly sort: Shortcuts['sort']
}

/** Other suffixes, `:free` and `:thinking`, are parts of names. https://openrouter.ai/docs/guides/routing/model-variants */
const suffixes: ReadonlyMap<string, NonNullable<Shortcuts['sort']>> = new Map([
  ['nitro', 'throughput'],
  ['floor', 'price'],
])

/** Where URLs name the model. A name may have slashes, as OpenRouter's do. */
const addresses: Readonly<Partial<Record<DialectName, RegExp>>> = {
  gemini: /\/(?:models\/|(?=tunedModels\/))([^?#]+):(?:g|streamG)enerateContent(?:[?#]|$)/,
  'bedrock-converse': /\/model\/([^?#]+)\/converse(?:-stream)?(?:[?#]|$)/,
}

/** Throws an HttpError where no model is named, or not by a string. */
export function readModels(dialect: DialectName, body: Unread, url: string): AskedModels {
  const address = addresses[dialect]
  const first = address === undefined ? body['model'] : nameIn(address, url)
  const fallbacks = [...(stringsOrNull(body['models'], 'models') ?? []), ...readFallbacks(body['fallbacks'])]
  if (isAbsent(first) && fallbacks.length === 0) throw refusal('model', 'the name of a model is needed')
  const [name, sort] = isAbsent(first) ? [null, null] : split(stringAt(first, 'model'), 'model')
  if (name !== null && fallbacks.length === 0) return { models: [name], sort }
  const others = fallbacks.map((fallback, index) => split(fallback, `models[${index}]`))
  const models = [...(name === null ? [] : [name]), ...others.map(([model]) => model)]
  return { models: [...new Set(models)], sort: name === null ? (others[0]?.[1] ?? null) : sort }
}

function split(asked: string, path: string): readonly [name: string, sort: Shortcuts['sort']] {
  const colon = asked.lastIndexOf(':')
  const sort = colon === -1 ? undefined : suffixes.get(asked.slice(colon + 1))
  if (sort === undefined) return [asked, null]
  if (colon === 0) throw refusal(path, 'the name of a model is needed before the colon')
  return [asked.slice(0, colon), sort]
}

/** As OpenRouter has them beside Anthropic's fields: `[{model}]`. */
function readFallbacks(value: unknown): readonly string[] {
  if (isAbsent(value)) return []
  if (!Array.isArray(value) || value.length > 64)
    throw refusal('fallbacks', 'a list of no more than 64 is needed')
  return value.map((element: unknown, index) => {
    const path = `fallbacks[${index}]`
    return stringAt(objectOrNull(element, path)?.['model'], `${path}.model`)
  })
}

function nameIn(address: RegExp, url: string): string | null {
  const name = address.exec(url)?.[1]
  if (name === undefined) return null
  try {
    return decodeURIComponent(name)
  } catch {
    throw refusal('URL', 'the name of the model is no text in UTF-8')
  }
}
