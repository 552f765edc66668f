/** Chooses endpoints as OpenRouter does: https://openrouter.ai/docs/guides/routing/provider-selection */
import type { Unpriced } from '../price.ts'
import { allowsModel, type Wishes, wishesOf } from './wishes.ts'
import { type Choice, choicesOf } from './choice.ts'
import type { Endpoints } from './endpoints.ts'
import { excluded, filterChoices } from './filter.ts'
import { createHealth, type TrackedHealth } from './health.ts'
import { arrange, type Arranged, type Option, optionOf } from './order.ts'
import type { Allowed, Candidate, Exclusion, Fitness, Model, Route, Router, StickyKey } from './route.ts'
import { createSticky, type Sticky } from './sticky.ts'

export interface RouterParts {
  readonly endpoints: Endpoints
  readonly unpriced: Unpriced
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 to 1, without 1. */
  readonly random: () => number
  /** What outlives a configuration that is read anew. Default: nothing is known yet. */
  readonly health?: TrackedHealth
  readonly sticky?: Sticky
}

export function createRouter(parts: RouterParts): Router {
  const { endpoints, now, sticky = createSticky() } = parts
  const health = parts.health ?? createHealth({ now })
  const prepared = new WeakMap<Model, readonly Choice[]>()

  function choices(model: Model): readonly Choice[] {
    const known = prepared.get(model)
    if (known !== undefined) return known
    const made = choicesOf(model, parts.unpriced)
    prepared.set(model, made)
    return made
  }

  return {
    health,
    models: () => endpoints.models(now()),
    model: (name) => endpoints.model(name, now()),
    remember: ({ text }, endpoint) => sticky.remember(text, endpoint, now()),
    route(question, allowed, stickyKey) {
      const at = now()
      const wishes = wishesOf(question, allowed)
      const exclusions: Exclusion[] = []
      const groups = modelsOf(endpoints, question.models, allowed, at, exclusions).map((model) =>
        filterChoices(choices(model), wishes, exclusions),
      )
      const awake = withoutCooling(groups, wishes, health, at, exclusions)
      const route = routeOf(awake, wishes, parts.random, exclusions)
      if (wishes.order !== null || route.candidates.length < 2) return route
      return stuck(route, stickyKey, sticky.find(stickyKey.text, at), awake)
    },
  }
}

/** Those of the models asked for that a key may use and somebody serves, each once. */
function modelsOf(
  endpoints: Endpoints,
  names: readonly string[],
  allowed: Allowed,
  at: number,
  exclusions: Exclusion[],
): readonly Model[] {
  return [...new Set(names)].flatMap((name) => {
    const none = { model: name, endpoint: null, provider: null }
    if (!allowsModel(allowed, name)) {
      exclusions.push({
        ...none,
        code: 'allowed_models',
        reason: `${name} is not among the models that this key may use`,
      })
      return []
    }
    const model = endpoints.model(name, at)
    if (model !== null) return model
    const reason = `${name} is served by no configured provider; /api/v1/models lists what there is`
    exclusions.push({ ...none, code: 'model_not_found', reason })
    return []
  })
}

/** Deferred endpoints are skipped. Paused ones are tried when no other is left: they may have recovered. */
function withoutCooling(
  groups: readonly (readonly Choice[])[],
  wishes: Wishes,
  health: TrackedHealth,
  at: number,
  exclusions: Exclusion[],
): readonly (readonly Option[])[] {
  const all = groups.map((group) =>
    group.map((choice) => optionOf(choice, wishes, health.fitness(choice.endpoint.id, at), health)),
  )
  const isAnyAwake = all.some((group) =>
    group.some(({ fitness }) => fitness === 'good' || fitness === 'unhealthy'),
  )
  return all.map((group) =>
    group.filter(({ choice, fitness }) => {
      const isTried = fitness === 'good' || fitness === 'unhealthy' || (fitness === 'paused' && !isAnyAwake)
      if (!isTried)
        exclusions.push(excluded(choice, 'cooling_down', coolingDown(choice, fitness, health, at)))
      return isTried
    }),
  )
}

function coolingDown({ endpoint }: Choice, fitness: Fitness, health: TrackedHealth, at: number): string {
  const until = health.of(endpoint.id).until ?? at
  const why = fitness === 'deferred' ? 'asked to be left alone' : 'failed too often and is left alone'
  return `${why} until ${new Date(until).toISOString()}, for ${((until - at) / 1000).toFixed(1)} s`
}

function routeOf(
  groups: readonly (readonly Option[])[],
  wishes: Wishes,
  random: () => number,
  exclusions: Exclusion[],
): Route {
  const { sort, sortsAcrossModels, allowsFallbacks } = wishes.preferences
  const merged = sort !== null && sortsAcrossModels && wishes.order === null ? [groups.flat()] : groups
  const arranged = merged.map((group) => arrange(group, wishes, random))
  const candidates = arranged.flatMap((group, index) => (index === 0 ? group.candidates : asFallback(group)))
  const strategy = arranged[0]?.strategy ?? 'weighted'
  if (allowsFallbacks || wishes.order !== null) return { candidates, exclusions, strategy }
  const firsts = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const { endpoint } = candidate
    if (!firsts.has(endpoint.model)) firsts.set(endpoint.model, candidate)
    else exclusions.push(notFirst(candidate))
  }
  return { candidates: [...firsts.values()], exclusions, strategy }
}

function asFallback({ candidates }: Arranged): readonly Candidate[] {
  return candidates.map((candidate) => ({ ...candidate, note: candidate.note ?? 'fallback model' }))
}

function notFirst({ endpoint }: Candidate): Exclusion {
  const reason = `${endpoint.tag} is not the first choice, and provider.allow_fallbacks is false`
  return {
    model: endpoint.model,
    endpoint: endpoint.id,
    provider: endpoint.provider.name,
    code: 'no_fallbacks',
    reason,
  }
}

/**
 * Puts the endpoint that answered this conversation last first, if it is healthy; by prompt prefix only if its cached input
 * is cheaper.
 */
function stuck(
  route: Route,
  { isSession }: StickyKey,
  endpoint: string | null,
  groups: readonly (readonly Option[])[],
): Route {
  // A fallback model is no reason to leave the one that is asked for.
  const first = groups.find((group) => group.length > 0) ?? []
  const option = endpoint === null ? undefined : first.find(({ choice }) => choice.endpoint.id === endpoint)
  if (option === undefined || option.fitness !== 'good' || option.choice.isShared) return route
  const { price } = option.choice
  if (!isSession && (price === null || price.cachedInput >= price.input)) return route
  const { candidates, exclusions } = route
  const found = candidates.find((candidate) => candidate.endpoint === option.choice.endpoint)
  if (found === undefined) return route
  return {
    candidates: [found, ...candidates.filter((candidate) => candidate !== found)],
    exclusions,
    strategy: 'sticky',
  }
}
