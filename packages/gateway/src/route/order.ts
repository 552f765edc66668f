/** In which order endpoints are tried. */
import type { Quantile } from '../question.ts'
import type { Wishes } from './wishes.ts'
import { type Choice, isMeant } from './choice.ts'
import type { TrackedHealth } from './health.ts'
import type { Candidate, EndpointHealth, Fitness } from './route.ts'
import { draw } from './weights.ts'

/** A choice that is left for a request, with how fit it is. */
export interface Option {
  readonly choice: Choice
  readonly fitness: Fitness
  /** Those with a lower one are tried first. */
  readonly place: number
  readonly note: string | null
  /** Looked up only where a preference asks for it. */
  readonly health: EndpointHealth | null
}

/** Reasons for a later turn: the higher, the later. Of several that apply the highest counts. */
const places = { good: 0, shared: 1, unsupported: 2, slow: 3, unhealthy: 4, paused: 5 }

const notes: Readonly<Record<keyof typeof places, string | null>> = {
  good: null,
  shared: 'the caller has a key of its own elsewhere',
  unsupported: 'not known to support all parameters',
  slow: 'slow',
  unhealthy: 'unhealthy',
  paused: 'unhealthy',
}

export function optionOf(choice: Choice, wishes: Wishes, fitness: Fitness, health: TrackedHealth): Option {
  const { sort } = wishes.preferences
  const isMeasured = sort === 'latency' || sort === 'throughput' || wantsSpeed(wishes)
  const measured = isMeasured ? health.of(choice.endpoint.id) : null
  const reason = reasonOf(choice, wishes, fitness, measured)
  return { choice, fitness, place: places[reason], note: notes[reason], health: measured }
}

function reasonOf(
  { supported, isShared }: Choice,
  wishes: Wishes,
  fitness: Fitness,
  health: EndpointHealth | null,
): keyof typeof places {
  if (fitness === 'paused' || fitness === 'deferred') return 'paused'
  if (fitness === 'unhealthy') return 'unhealthy'
  if (health !== null && isSlow(health, wishes)) return 'slow'
  if (supported !== null && wishes.preferred.some((name) => !supported.has(name))) return 'unsupported'
  return isShared ? 'shared' : 'good'
}

function wantsSpeed({ preferences: { minThroughput, maxLatency } }: Wishes): boolean {
  return !isEmpty(minThroughput) || !isEmpty(maxLatency)
}

function isEmpty(limits: object): boolean {
  for (const _ in limits) return false
  return true
}

/** An endpoint that was not measured lately does not count as slow. */
function isSlow(
  { firstToken, throughput }: EndpointHealth,
  { preferences: { minThroughput, maxLatency } }: Wishes,
): boolean {
  return (
    isBroken(throughput, minThroughput, (reached, limit) => reached < limit) ||
    isBroken(firstToken, maxLatency, (milliseconds, seconds) => milliseconds > seconds * 1000)
  )
}

function isBroken(
  measured: EndpointHealth['firstToken'],
  limits: Readonly<Partial<Record<Quantile, number>>>,
  breaks: (value: number, limit: number) => boolean,
): boolean {
  if (measured === null) return false
  return quantileNames.some((quantile) => {
    const limit = limits[quantile]
    return limit !== undefined && breaks(measured[quantile], limit)
  })
}

const quantileNames: readonly Quantile[] = ['p50', 'p75', 'p90', 'p99']

export interface Arranged {
  readonly candidates: readonly Candidate[]
  readonly strategy: 'order' | 'price' | 'throughput' | 'latency' | 'weighted'
}

/** Brings options, which come cheapest first, into the order in which they are tried. `random`: 0 to 1. */
export function arrange(options: readonly Option[], wishes: Wishes, random: () => number): Arranged {
  const { sort } = wishes.preferences
  if (wishes.order !== null) return { candidates: listed(options, wishes.order), strategy: 'order' }
  if (sort !== null) return { candidates: sorted(options, sorts[sort]), strategy: sort }
  return { candidates: weighted(options, random), strategy: 'weighted' }
}

/** Those that the client listed, in its order, however fit they are; then the others. */
function listed(options: readonly Option[], order: readonly string[]): readonly Candidate[] {
  const ranked = options.map((option) => {
    const index = order.findIndex((slug) => isMeant(option.choice, slug))
    return { option, rank: index === -1 ? order.length : index }
  })
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.option.place - b.option.place)
    .map(({ option }) => candidateOf(option))
}

/** What options are sorted by, the least first; what is not known comes last. They come by price already. */
const sorts: Readonly<Record<'price' | 'throughput' | 'latency', (option: Option) => number>> = {
  price: ({ choice: { price } }) => (price === null ? 0 : Number(price.input + price.output)),
  throughput: ({ health }) => -(health?.throughput?.p50 ?? 0),
  latency: ({ health }) => health?.firstToken?.p50 ?? Number.MAX_VALUE,
}

function sorted(options: readonly Option[], by: (option: Option) => number): readonly Candidate[] {
  return options.toSorted((a, b) => a.place - b.place || by(a) - by(b)).map((option) => candidateOf(option))
}

/** One of the best is drawn; the others follow, in the order of their price, and then those with a later place. */
function weighted(options: readonly Option[], random: () => number): readonly Candidate[] {
  const best = options.reduce((least, { place }) => Math.min(least, place), Infinity)
  const drawn = options.filter(({ place }) => place === best)
  const weights = drawn.map(({ choice }) => choice.weight)
  const sum = weights.reduce((a, b) => a + b, 0)
  const first = drawn.length > 1 ? draw(weights, random()) : 0
  const candidates = drawn.map((option, index) => candidateOf(option, (weights[index] ?? 0) / sum))
  const [winner] = candidates.splice(first, 1)
  const rest = options.filter(({ place }) => place !== best).toSorted((a, b) => a.place - b.place)
  return [
    ...(winner === undefined ? [] : [winner]),
    ...candidates,
    ...rest.map((option) => candidateOf(option)),
  ]
}

function candidateOf({ choice, note }: Option, weight: number | null = null): Candidate {
  return { endpoint: choice.endpoint, weight, note }
}
