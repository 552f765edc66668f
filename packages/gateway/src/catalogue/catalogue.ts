/** What models there are at which provider and what they cost, as far as a maintained package knows; without a network. */
import type { ModelInfo, Provider } from '@pydantic/genai-prices'
import type { Price } from '../price.ts'
import { priceAt } from './rates.ts'

export interface Catalogue {
  /** `kind` is the name of one of wire's providers, `model` what it calls the model, `at` milliseconds since 1970. */
  find(kind: string, model: string, at: number): CatalogueEntry | null
  /** Names that the models of a provider are asked for by, in order. */
  names(kind: string): readonly string[]
}

export interface CatalogueEntry {
  /** The catalogue's own name for it, which may stand for many: `claude-sonnet-4-5` for each dated one. */
  readonly id: string
  readonly title: string
  /** Null: it is known, its price is not. */
  readonly price: Price | null
  /** When the price changes, in milliseconds since 1970; null: not known to. */
  readonly until: number | null
  readonly contextLength: number | null
}

/** The package's name for each of wire's providers; those that are not here have no prices of their own. */
export const catalogueIds: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  azure: 'azure',
  bedrock: 'aws',
  cerebras: 'cerebras',
  cohere: 'cohere',
  deepseek: 'deepseek',
  fireworks: 'fireworks',
  google: 'google',
  groq: 'groq',
  mistral: 'mistral',
  moonshot: 'moonshotai',
  openai: 'openai',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  together: 'together',
  vertex: 'google',
  xai: 'x-ai',
  zai: 'zai',
}

/** What the package lists with a provider that another of Google's doors sells: Claude is at Vertex AI alone. */
const elsewhere: Readonly<Record<string, RegExp>> = { google: /^(anthropic\/)?claude/i }

/** Hugging Face's router names who serves behind a colon, and each has prices of its own: `Qwen/Qwen3-32B:groq`. */
const partners = 'huggingface_'

/** Loads the package, which takes some 20 ms: once, when there is time. */
export async function loadCatalogue(): Promise<Catalogue> {
  const { calcPrice, waitForUpdate } = await import('@pydantic/genai-prices')
  const providers = (await waitForUpdate()) ?? []
  return createCatalogue(providers, (id, model) => calcPrice({}, model, { providerId: id })?.model ?? null)
}

/** `match` finds what a provider's model is called in the catalogue. */
export function createCatalogue(
  providers: readonly Provider[],
  match: (provider: string, model: string) => ModelInfo | null,
): Catalogue {
  const lists = new Map<string, readonly string[]>()
  return {
    find(kind, model, at) {
      const [id, name] = placeOf(kind, model)
      const found = id === null ? null : match(id, name)
      if (found === null) return null
      const { id: entry, name: title = entry, context_window: contextLength = null } = found
      return { id: entry, title, ...priceAt(found, at), contextLength }
    },
    names(kind) {
      const known = lists.get(kind)
      if (known !== undefined) return known
      const names = providers
        .flatMap((provider) => {
          const suffix = suffixOf(kind, provider.id)
          return suffix === null ? [] : namesOf(provider, match).map((name) => name + suffix)
        })
        .filter((name) => elsewhere[kind]?.test(name) !== true)
        .toSorted()
      lists.set(kind, names)
      return names
    },
  }
}

function placeOf(kind: string, model: string): readonly [id: string | null, model: string] {
  if (elsewhere[kind]?.test(model) === true) return [null, model]
  if (kind !== 'huggingface') return [catalogueIds[kind] ?? null, model]
  const colon = model.lastIndexOf(':')
  return colon === -1 ? [null, model] : [partners + model.slice(colon + 1), model.slice(0, colon)]
}

/** What the models of one of the package's providers have at their end, at one of ours; null: they are another's. */
function suffixOf(kind: string, id: string): string | null {
  if (kind === 'huggingface') return id.startsWith(partners) ? `:${id.slice(partners.length)}` : null
  return catalogueIds[kind] === id ? '' : null
}

/** An entry that is not found by its own name is asked for by one that its rule spells out, if it has one. */
function namesOf(
  { id, models }: Provider,
  match: (provider: string, model: string) => ModelInfo | null,
): string[] {
  const found = models.flatMap((model) => {
    if (model.deprecated === true) return []
    return [model.id, ...spelledOut(model.match)].find((name) => match(id, name) === model) ?? []
  })
  return [...new Set(found)]
}

function spelledOut(rule: ModelInfo['match']): readonly string[] {
  if ('equals' in rule) return [rule.equals]
  return 'or' in rule ? rule.or.flatMap(spelledOut) : []
}
