/** Where a model may be had by what its name says, when no configuration has it. */
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ServedProvider } from './served-provider.ts'
import { slugOf } from './slug.ts'

export interface Place {
  readonly served: ServedProvider
  /** What the provider calls the model. */
  readonly upstreamModel: string
}

/** They serve the models of all others, by names of the form `author/model`. */
const routers: ReadonlySet<string> = new Set(['openrouter', 'vercel'])
/** Their models are called what their owner likes. */
const ownNames: ReadonlySet<string> = new Set(['azure', 'custom'])

/**
 * `groq/whatever` is Groq's, `openai/gpt-4o` OpenAI's; other authors' are had through a router. A name without a slash, as
 * clients of one provider send it, is looked for in the catalogue; where there is one provider only, it has all.
 */
export function placesOf(
  name: string,
  providers: readonly ServedProvider[],
  catalogue: Catalogue,
): readonly Place[] {
  const slash = name.indexOf('/')
  if (slash === -1) return barePlaces(name, providers, catalogue)
  const [author, rest] = [name.slice(0, slash), name.slice(slash + 1)]
  if (author === '' || rest === '') return []
  const through = providers.filter(({ configured }) => routers.has(configured.kind))
  const named = providers.find(({ configured }) => configured.name === author)
  if (named !== undefined) return [{ served: named, upstreamModel: namedModel(named, name, rest, catalogue) }]
  const slug = slugOf(author)
  const maker = providers.find(({ configured }) => configured.name.toLowerCase() === slug)
  // An author's models are not all to be had at its own provider.
  const isMade = maker !== undefined && (through.length === 0 || isKnown(maker, rest, catalogue))
  if (isMade) return [{ served: maker, upstreamModel: rest }]
  return through.map((served) => ({ served, upstreamModel: name }))
}

/** As clients of OpenRouter know it where that leads here, else behind the provider's name; null: nobody asks for it so. */
export function listedName(
  served: ServedProvider,
  id: string,
  providers: readonly ServedProvider[],
  catalogue: Catalogue,
): string | null {
  const { name, kind } = served.configured
  if (id.startsWith(`${name}/`)) return id
  if (!id.includes('/')) return routers.has(kind) ? null : `${name}/${id}`
  const [place, other] = placesOf(id, providers, catalogue)
  const isPlain = other === undefined && place?.served === served && place.upstreamModel === id
  return isPlain ? id : `${name}/${id}`
}

/** Some providers' own models begin with their name: `openrouter/auto`, `groq/compound`. */
function namedModel(served: ServedProvider, name: string, rest: string, catalogue: Catalogue): string {
  const { kind } = served.configured
  const isWhole = routers.has(kind) ? !rest.includes('/') : catalogue.names(kind).includes(name)
  return isWhole ? name : rest
}

function barePlaces(
  name: string,
  providers: readonly ServedProvider[],
  catalogue: Catalogue,
): readonly Place[] {
  const places = providers
    .filter(({ configured: { kind } }) => !routers.has(kind) && !ownNames.has(kind))
    .filter((served) => isKnown(served, name, catalogue))
    .map((served) => ({ served, upstreamModel: name }))
  const [only, other] = providers
  if (places.length > 0 || only === undefined || other !== undefined || name === '') return places
  return [{ served: only, upstreamModel: name }]
}

function isKnown({ configured }: ServedProvider, model: string, catalogue: Catalogue): boolean {
  return catalogue.find(configured.kind, upstreamName(configured.kind, model), 0) !== null
}

/** OpenRouter writes `anthropic/claude-sonnet-4.5` for what Anthropic calls `claude-sonnet-4-5`. */
export function upstreamName(kind: string, model: string): string {
  return kind === 'anthropic' ? model.replaceAll(/(?<=\d)\.(?=\d)/g, '-') : model
}
