/** What there is to be asked: models, their endpoints and providers, in OpenRouter's shapes. */
import type { Current } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { dollars } from '../money.ts'
import { chargedPrice, type Rates } from '../price.ts'
import { allowsModel } from '../route/wishes.ts'
import type { EndpointHealth, Model } from '../route/route.ts'
import { json } from './json.ts'
import { type Answer, type Call, holderOf } from './operation.ts'

/** `GET models`: those that the key may use. */
export function listModels(call: Call): Answer {
  const { incoming } = call
  const { query } = incoming
  const who = holderOf(call)
  const wanted = (query.get('q') ?? '').toLowerCase()
  const all = currentOf(call)
    .router.models()
    .filter(({ name }) => allowsModel(who, name) && name.toLowerCase().includes(wanted))
  const offset = countOf(query, 'offset', 0)
  const page = all.slice(offset, offset + countOf(query, 'limit', all.length))
  const next = offset + page.length
  return json({
    data: page.map((model) => shownModel(call, model)),
    links: {
      next:
        page.length > 0 && next < all.length ? `${incoming.path}?offset=${next}&limit=${page.length}` : null,
    },
    total_count: all.length,
  })
}

/** `GET model/{model}` */
export function showModel(call: Call): Answer {
  return json({ data: shownModel(call, modelOf(call)) })
}

/** `GET models/{model}/endpoints` */
export function listEndpoints(call: Call): Answer {
  const model = modelOf(call)
  const { health } = currentOf(call).router
  return json({
    data: {
      id: model.name,
      name: model.title,
      created: Math.floor(model.created / 1000),
      description: '',
      architecture: { ...architecture, instruct_type: null },
      endpoints: model.endpoints.map((endpoint) =>
        shownEndpoint(call, model, endpoint, health.of(endpoint.id)),
      ),
    },
  })
}

/** `GET providers` */
export function listProviders(call: Call): Answer {
  const { providers } = currentOf(call).configuration
  return json({
    data: Array.from(providers.values(), ({ name }) => ({
      name,
      slug: name,
      privacy_policy_url: null,
      terms_of_service_url: null,
      status_page_url: null,
    })),
  })
}

/** As the caller is served: also by providers that only its own upstream keys are for. */
function currentOf(call: Call): Current {
  return call.context.currentFor(holderOf(call))
}

function modelOf(call: Call): Model {
  const name = call.parameters['model'] ?? ''
  const model = allowsModel(holderOf(call), name) ? currentOf(call).router.model(name) : null
  if (model === null) throw new HttpError(404, 'not-found', `There is no model ${name}`)
  return model
}

function countOf(query: URLSearchParams, name: string, otherwise: number): number {
  const said = query.get(name)
  const count = said === null ? otherwise : Number(said === '' ? Number.NaN : said)
  if (!Number.isSafeInteger(count) || count < 0)
    throw new HttpError(400, 'invalid-request', `${name} must be a whole number`)
  return count
}

/** Of what models take and give nothing more is known here. */
const architecture = {
  modality: 'text->text',
  input_modalities: ['text'],
  output_modalities: ['text'],
  tokenizer: 'Other',
}

/** A model is shown with the price and the limits of its cheapest endpoint. */
function shownModel(
  call: Call,
  { name, title, created, endpoints }: Model,
): Readonly<Record<string, unknown>> {
  const top = cheapestOf(endpoints)
  const lengths = endpoints.flatMap(({ contextLength }) => contextLength ?? [])
  return {
    id: name,
    canonical_slug: name,
    name: title,
    created: Math.floor(created / 1000),
    description: '',
    context_length: lengths.length === 0 ? null : Math.max(...lengths),
    architecture: { ...architecture, instruct_type: null },
    pricing: pricingOf(call, top),
    top_provider: {
      context_length: top?.contextLength ?? null,
      max_completion_tokens: top?.maxOutputTokens ?? null,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: parametersOf(endpoints),
    default_parameters: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${name}/endpoints` },
  }
}

/** OpenRouter's numbers: 0 is well, less is worse. */
const statuses: Readonly<Record<EndpointHealth['state'], number>> = {
  good: 0,
  unhealthy: -1,
  recovering: -2,
  paused: -3,
  deferred: -3,
}

function shownEndpoint(
  call: Call,
  model: Model,
  endpoint: Endpoint,
  health: EndpointHealth,
): Readonly<Record<string, unknown>> {
  const parameters = parametersOf([endpoint])
  const choosesTools = parameters.includes('tool_choice')
  return {
    name: `${endpoint.provider.name} | ${endpoint.upstreamModel}`,
    model_id: model.name,
    model_name: model.title,
    tag: endpoint.tag,
    provider_name: endpoint.provider.name,
    quantization: endpoint.quantization,
    status: statuses[health.state],
    pricing: pricingOf(call, endpoint),
    // The field is no nullable one.
    context_length: endpoint.contextLength ?? 0,
    max_prompt_tokens: null,
    max_completion_tokens: endpoint.maxOutputTokens,
    supported_parameters: parameters,
    supports_implicit_caching: false,
    supports_tool_choice: {
      auto: choosesTools,
      function: choosesTools,
      none: choosesTools,
      required: choosesTools,
    },
    supports_voice_cloning: false,
    uptime_last_5m: percentOf(health.uptime.minutes5),
    uptime_last_30m: percentOf(health.uptime.minutes30),
    uptime_last_1d: percentOf(health.uptime.day),
    latency_last_30m: health.firstToken,
    throughput_last_30m: health.throughput,
  }
}

function percentOf(share: number | null): number | null {
  return share === null ? null : share * 100
}

/** By a token read and one written; those without a price last. */
function cheapestOf(endpoints: readonly Endpoint[]): Endpoint | undefined {
  let cheapest: Endpoint | undefined
  for (const endpoint of endpoints)
    if (cheapest === undefined || isCheaper(endpoint, cheapest)) cheapest = endpoint
  return cheapest
}

function isCheaper({ price: a }: Endpoint, { price: b }: Endpoint): boolean {
  return a !== null && (b === null || a.input + a.output < b.input + b.output)
}

/** Dollars for one token, as texts; `-1` where nobody knows, as OpenRouter has it for what depends. */
function pricingOf({ context }: Call, endpoint: Endpoint | undefined): Readonly<Record<string, unknown>> {
  const { unpriced } = context.current.configuration
  const price = chargedPrice(endpoint ?? { price: null }, unpriced)
  if (price === null) {
    const each = unpriced === 'free' ? '0' : '-1'
    return { prompt: each, completion: each }
  }
  return {
    ...ratesOf(price),
    request: dollars(price.request),
    ...(price.tiers.length > 0 && {
      overrides: price.tiers.map((tier) => ({ min_prompt_tokens: tier.from, ...ratesOf(tier) })),
    }),
  }
}

function ratesOf(rates: Rates): Readonly<Record<string, string>> {
  return {
    prompt: dollars(rates.input),
    completion: dollars(rates.output),
    input_cache_read: dollars(rates.cachedInput),
    input_cache_write: dollars(rates.cacheWrite),
  }
}

/** What an endpoint is taken to honour of which that is not known: clients look for `tools` here before they use them. */
const common = [
  'max_tokens',
  'temperature',
  'top_p',
  'stop',
  'tools',
  'tool_choice',
  'response_format',
  'structured_outputs',
  'reasoning',
  'include_reasoning',
]

function parametersOf(endpoints: readonly Endpoint[]): readonly string[] {
  return [...new Set(endpoints.flatMap(({ supportedParameters }) => supportedParameters ?? common))]
}
