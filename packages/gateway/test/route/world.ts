/** Endpoints, questions and a clock to route by. */
import type { ConfiguredEndpoint, ConfiguredProvider } from '../../src/config/configuration.ts'
import { loadCatalogue } from '../../src/catalogue/catalogue.ts'
import { decodeCost, dialects, openrouter } from '@playhead/wire'
import type { Endpoint } from '../../src/endpoint.ts'
import { moneyOf } from '../../src/money.ts'
import type { Price } from '../../src/price.ts'
import type { Preferences, Question } from '../../src/question.ts'
import { readPreferences } from '../../src/question/preferences.ts'
import type { Endpoints } from '../../src/route/endpoints.ts'
import { createHealth, type TrackedHealth } from '../../src/route/health.ts'
import type { Allowed, AttemptResult, Model, Route, Router, StickyKey } from '../../src/route/route.ts'
import { createRouter } from '../../src/route/router.ts'
import type { Transport } from '../../src/transport/transport.ts'

export const transport: Transport = {
  send: () => ({ pause: () => {}, resume: () => {}, abort: () => {} }),
  close: () => Promise.resolve(),
}

export const catalogue = await loadCatalogue()

function rate(dollars: number): bigint {
  return moneyOf(decodeCost(dollars) ?? '0') / 1_000_000n
}

/** Dollars for a million tokens. */
export function priceOf(input: number, output: number, change: Partial<Price> = {}): Price {
  return {
    input: rate(input),
    output: rate(output),
    cachedInput: rate(input) / 10n,
    cacheWrite: rate(input),
    request: 0n,
    tiers: [],
    source: 'configuration',
    ...change,
  }
}

/** An endpoint that lacks nothing, at $1 and $3. */
export function endpoint(tag: string, change: Partial<Endpoint> = {}): Endpoint {
  const [name = tag] = tag.split('/')
  const model = change.model ?? 'lab/model'
  return {
    id: `${tag}:${model}`,
    model,
    upstreamModel: model,
    tag,
    provider: { ...openrouter, name },
    dialects: ['openai-chat'],
    price: priceOf(1, 3),
    contextLength: 128_000,
    maxOutputTokens: 8192,
    supportedParameters: null,
    quantization: 'fp8',
    collectsData: false,
    isZdr: true,
    isByok: false,
    isCounted: true,
    isTape: false,
    transport,
    authorize: () => () => Promise.resolve({}),
    ...change,
  }
}

const chat = dialects.find(({ name }) => name === 'openai-chat')

export function question(wants: Partial<Preferences> = {}, change: Partial<Question> = {}): Question {
  if (chat === undefined) throw new Error('There is no openai-chat')
  return {
    dialect: chat,
    text: '',
    body: {},
    url: '/api/v1/chat/completions',
    models: ['lab/model'],
    isStream: true,
    parameters: [],
    inputTokensBound: 1000,
    maxOutputTokens: null,
    user: null,
    session: null,
    ...change,
    preferences: {
      ...readPreferences(null, { sort: null, sortsAcrossModels: false }),
      ...wants,
    },
  }
}

/** A router over these endpoints, on a clock of its own. */
export interface World {
  readonly router: Router
  readonly health: TrackedHealth
  readonly clock: { now: number }
  readonly dice: { next: number }
  ask(
    wants?: Partial<Preferences>,
    change?: Partial<Question>,
    allowed?: Partial<Allowed>,
    sticky?: StickyKey,
  ): Route
  /** An attempt of so many milliseconds. */
  attempt(endpoint: string, result?: Partial<AttemptResult>): void
}

export function world(
  endpoints: readonly Endpoint[],
  options: { readonly unpriced?: 'deny' | 'free' | Price; readonly random?: () => number } = {},
): World {
  const clock = { now: Date.parse('2026-10-01T12:00:00Z') }
  const dice = { next: 0 }
  const now = (): number => clock.now
  const health = createHealth({ now })
  const { unpriced = 'deny', random = () => dice.next } = options
  const router = createRouter({ endpoints: listOf(endpoints), unpriced, now, random, health })
  return {
    router,
    health,
    clock,
    dice,
    ask: (wants, change, allowed, sticky = { text: 'conversation', isSession: false }) =>
      router.route(question(wants, change), { models: null, providers: null, ...allowed }, sticky),
    attempt(id, result) {
      health.began(id)
      health.ended(id, { type: 'answer', retryAfter: null, firstToken: null, throughput: null, ...result })
    },
  }
}

function listOf(endpoints: readonly Endpoint[]): Endpoints {
  const models = [...Map.groupBy(endpoints, ({ model }) => model)].map(([name, list]): Model => ({
    name,
    title: name,
    created: 0,
    endpoints: list,
  }))
  return {
    model: (name) => models.find((model) => model.name === name) ?? null,
    models: () => models,
    providers: [],
    warnings: [],
  }
}

export function tags({ candidates }: Route): string[] {
  return candidates.map(({ endpoint: { tag, model } }) => (model === 'lab/model' ? tag : `${tag} ${model}`))
}

export function reasons({ exclusions }: Route): string[] {
  return exclusions.map(({ code, reason }) => `${code}: ${reason}`)
}

export function configuredProvider(
  name: string,
  change: Partial<ConfiguredProvider> = {},
): readonly [string, ConfiguredProvider] {
  return [
    name,
    {
      name,
      kind: name,
      baseUrl: null,
      dialects: null,
      environment: {},
      allowsPrivate: false,
      collectsData: false,
      isZdr: false,
      timeouts: {},
      ...change,
    },
  ]
}

export function configuredEndpoint(
  provider: string,
  model: string,
  change: Partial<ConfiguredEndpoint> = {},
): ConfiguredEndpoint {
  return {
    provider,
    model,
    tag: provider,
    price: null,
    contextLength: null,
    maxOutputTokens: null,
    supportedParameters: null,
    quantization: 'unknown',
    ...change,
  }
}

/** The dearest first, so that nothing stands in its order by chance. */
export const three = [
  endpoint('together', { price: priceOf(3, 3) }),
  endpoint('groq', { price: priceOf(2, 2) }),
  endpoint('vertex/us', { price: priceOf(1, 1) }),
]

/** Two models, one of them at two providers. */
export const two: readonly Endpoint[] = [
  endpoint('groq'),
  endpoint('cerebras', { model: 'lab/other', price: priceOf(0.1, 0.1) }),
  endpoint('groq', { model: 'lab/other', price: priceOf(9, 9) }),
]

/** So many failures, one after another. */
export function fail(world: World, tag: string, times: number): void {
  for (let time = 0; time < times; time++) world.attempt(`${tag}:lab/model`, { type: 'failure' })
}
