/** Models, endpoints and providers as OpenRouter's API describes them: `GET /models`, `/models/…/endpoints`, `/providers`. */
import type { JsonObject, Provider } from '@playhead/wire'
import type { Endpoint } from '../endpoint.ts'
import { dollars } from '../money.ts'
import type { Price, Rates } from '../price.ts'
import type { EndpointHealth, Health, Model } from './route.ts'

/** The body of `GET /models`. */
export function describeModels(models: readonly Model[]): JsonObject {
  return { data: models.map(describeModel), total_count: models.length, links: { next: null } }
}

/** A model with the price of its first endpoint and the widest limits of any. */
export function describeModel(model: Model): JsonObject {
  const { name, title, created, endpoints } = model
  const contextLength = longest(endpoints, (endpoint) => endpoint.contextLength)
  return {
    id: name,
    canonical_slug: name,
    name: title,
    created: Math.floor(created / 1000),
    description: '',
    context_length: contextLength,
    architecture: { ...architecture, tokenizer: 'Other', instruct_type: null },
    pricing: describePrice(endpoints.find(({ price }) => price !== null)?.price ?? null),
    top_provider: {
      context_length: contextLength,
      max_completion_tokens: longest(endpoints, (endpoint) => endpoint.maxOutputTokens),
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: supportedBy(endpoints),
    default_parameters: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${name}/endpoints` },
  }
}

/** The `data` of `GET /models/{author}/{slug}/endpoints`. */
export function describeEndpoints({ name, title, created, endpoints }: Model, health: Health): JsonObject {
  return {
    id: name,
    name: title,
    created: Math.floor(created / 1000),
    description: '',
    architecture: { ...architecture, tokenizer: 'Other', instruct_type: null },
    endpoints: endpoints.map((endpoint) => describeEndpoint(endpoint, title, health.of(endpoint.id))),
  }
}

/** The body of `GET /providers`; what nobody told us about them is null. */
export function describeProviders(served: readonly Provider[]): JsonObject {
  return {
    data: served.map(({ name }) => ({
      name,
      slug: name,
      privacy_policy_url: null,
      terms_of_service_url: null,
      status_page_url: null,
      headquarters: null,
      datacenters: null,
    })),
  }
}

/** What wire knows of no model: that it takes and gives text is all that may be said. */
const architecture = { modality: 'text->text', input_modalities: ['text'], output_modalities: ['text'] }

/** OpenRouter's numbers; what ours mean by them. https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints */
const statuses: Readonly<Record<EndpointHealth['state'], number>> = {
  healthy: 0,
  'half-open': -1,
  degraded: -2,
  open: -3,
}

/** Latency in milliseconds, uptime in per cent. Ours are of the last five minutes where theirs are of thirty. */
function describeEndpoint(endpoint: Endpoint, title: string, health: EndpointHealth): JsonObject {
  const { provider, price, contextLength, maxOutputTokens } = endpoint
  const takesTools = endpoint.supportedParameters?.includes('tools') ?? true
  const { minutes5, minutes30, day } = health.uptime
  return {
    name: `${provider.name} | ${endpoint.upstreamModel}`,
    model_id: endpoint.model,
    model_name: title,
    tag: endpoint.tag,
    provider_name: provider.name,
    context_length: contextLength ?? 0,
    max_prompt_tokens: contextLength,
    max_completion_tokens: maxOutputTokens,
    quantization: endpoint.quantization,
    pricing: describePrice(price),
    supported_parameters: supportedBy([endpoint]),
    supports_implicit_caching: price !== null && price.cachedInput < price.input,
    supports_tool_choice: { auto: takesTools, none: takesTools, required: takesTools, function: takesTools },
    supports_voice_cloning: false,
    status: statuses[health.state],
    uptime_last_5m: percent(minutes5),
    uptime_last_30m: percent(minutes30),
    uptime_last_1d: percent(day),
    latency_last_30m: health.firstToken === null ? null : { ...health.firstToken },
    throughput_last_30m: health.throughput === null ? null : { ...health.throughput },
  }
}

/** Dollars for one token. OpenRouter writes -1 for what has no price of its own, as `openrouter/auto`. */
function describePrice(price: Price | null): JsonObject {
  if (price === null) return { prompt: '-1', completion: '-1' }
  const overrides = price.tiers.map((tier) => ({ min_prompt_tokens: tier.from, ...describeRates(tier) }))
  return {
    ...describeRates(price),
    request: dollars(price.request),
    ...(overrides.length > 0 && { overrides }),
  }
}

function describeRates({ input, output, cachedInput, cacheWrite }: Rates): JsonObject {
  return {
    prompt: dollars(input),
    completion: dollars(output),
    input_cache_read: dollars(cachedInput),
    input_cache_write: dollars(cacheWrite),
  }
}

/** What nobody told us is taken to be supported. */
const usual = ['max_tokens', 'temperature', 'top_p', 'stop', 'tools', 'tool_choice', 'response_format']

function supportedBy(endpoints: readonly Endpoint[]): string[] {
  return [...new Set(endpoints.flatMap(({ supportedParameters }) => supportedParameters ?? usual))]
}

function longest(endpoints: readonly Endpoint[], pick: (endpoint: Endpoint) => number | null): number | null {
  const known = endpoints.flatMap((endpoint) => pick(endpoint) ?? [])
  return known.length === 0 ? null : Math.max(...known)
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100
}
