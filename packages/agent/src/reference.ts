/** The model that a text names. Knows every provider and every dialect, so it stands apart from those who need one. */
import { type DialectName, dialects, fillUrl, providers } from '@playhead/wire'
import { AgentError } from './error.ts'
import { make, type Model, type ModelOptions } from './providers.ts'

/** What `model` takes beside the name. */
export interface ReferenceOptions extends ModelOptions {
  /** What it is spoken to in. Default: what its provider speaks first. */
  readonly dialect?: DialectName
}

/**
 * The model that a text names: `openrouter/moonshotai/kimi-k2-0905`, `anthropic/claude-sonnet-4-5`. Throws
 * an AgentError for a provider that is not known, and for a dialect that is not the provider's.
 */
export function model(reference: string, { dialect, ...options }: ReferenceOptions = {}): Model {
  const slash = reference.indexOf('/')
  const provider = providers.get(reference.slice(0, slash))
  if (slash <= 0 || provider === undefined) {
    const known = [...providers.keys()].join(', ')
    throw new AgentError(
      'configuration',
      `"${reference}" is not provider/name with one of these providers: ${known}`,
    )
  }
  const spoken = provider.dialects.find((name) => dialect === undefined || name === dialect)
  const found = dialects.find(({ name }) => name === spoken)
  if (found !== undefined) return make(provider, found.client, reference.slice(slash + 1), options, fillUrl)
  throw new AgentError(
    'configuration',
    `${provider.name} is not spoken to in "${dialect ?? spoken}": it knows ${provider.dialects.join(', ')}`,
  )
}
