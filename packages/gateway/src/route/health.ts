/** How endpoints have fared, from real attempts, and which are left alone for a while. */
import { Recent } from './recent.ts'
import { quantilesOf, reachedQuantilesOf, Rolling, Samples } from './rolling.ts'
import type { AttemptResult, EndpointHealth, Fitness, Health } from './route.ts'

/** What routing asks of it, for each endpoint of each request. */
export interface TrackedHealth extends Health {
  fitness(endpoint: string, now: number): Fitness
}

const second = 1000
const minute = 60 * second

/**
 * Unhealthy: three failures in a row, the latest of them less than 30 s ago; or three and more failures than answers, within
 * 30 s.
 */
const outage = { span: 30 * second, failures: 3 }
/** After five failures in a row an endpoint is paused: for 1 s, then twice as long each time, up to 1 min. */
const pausing = { failures: 5, shortest: second, longest: minute }
/** A longer Retry-After counts as this. */
const longestDeferral = 10 * minute
/** So many endpoints are remembered: names of models may be made up by clients. */
const keptEndpoints = 2048

/** An endpoint's past. Times are milliseconds since 1970. */
interface Past {
  readonly recent: Rolling
  readonly minutes5: Rolling
  readonly minutes30: Rolling
  readonly day: Rolling
  readonly firstToken: Samples
  readonly throughput: Samples
  /** Failures since the last answer. */
  failures: number
  failedAt: number
  /** How often it was paused since the last answer. */
  pauses: number
  /** Until when it is paused or deferred; 0: it is neither, and has answered since it was. */
  until: number
  /** Whether its provider asked to be left alone until then. */
  isDeferred: boolean
  /** Attempts under way that began when it was recovering. */
  probes: number
}

/** `now` gives milliseconds since 1970. */
export function createHealth({ now }: { readonly now: () => number }): TrackedHealth {
  const pasts = new Recent<Past>(keptEndpoints)

  function pastOf(endpoint: string): Past {
    const known = pasts.get(endpoint)
    if (known !== undefined) return known
    const made = newPast()
    pasts.set(endpoint, made)
    return made
  }

  return {
    began(endpoint) {
      const past = pasts.peek(endpoint)
      if (past !== undefined && past.until > 0 && now() >= past.until) past.probes++
    },
    ended(endpoint, result) {
      const past = pastOf(endpoint)
      const at = now()
      past.probes = Math.max(0, past.probes - 1)
      if (result.type === 'neutral') return
      const isGood = result.type === 'answer'
      for (const counts of [past.recent, past.minutes5, past.minutes30, past.day]) counts.add(isGood, at)
      if (result.firstToken !== null) past.firstToken.add(result.firstToken, at)
      if (result.throughput !== null) past.throughput.add(result.throughput, at)
      if (isGood) recover(past, at)
      else fail(past, result, at)
    },
    of: (endpoint) => describe(pasts.peek(endpoint), now()),
    fitness(endpoint, at) {
      const past = pasts.peek(endpoint)
      if (past === undefined) return 'good'
      if (at < past.until) return leftAlone(past)
      return isOut(past, at) || (past.until > 0 && past.probes > 0) ? 'unhealthy' : 'good'
    },
  }
}

function newPast(): Past {
  return {
    recent: new Rolling(outage.span, 10),
    minutes5: new Rolling(5 * minute, 10),
    minutes30: new Rolling(30 * minute, 30),
    day: new Rolling(24 * 60 * minute, 48),
    firstToken: new Samples(5 * minute),
    throughput: new Samples(5 * minute),
    failures: 0,
    failedAt: -Infinity,
    pauses: 0,
    until: 0,
    isDeferred: false,
    probes: 0,
  }
}

/** An answer to an earlier request ends a pause, and not what the provider asked for. */
function recover(past: Past, now: number): void {
  past.failures = 0
  past.pauses = 0
  if (!past.isDeferred || now >= past.until) past.until = 0
}

/** Retry-After defers, up to `longestDeferral`. Failures that come while an endpoint is paused do not make the pause longer. */
function fail(past: Past, { retryAfter }: AttemptResult, now: number): void {
  past.failures++
  past.failedAt = now
  if (retryAfter !== null && retryAfter > 0) {
    const until = now + Math.min(retryAfter, longestDeferral)
    past.until = past.isDeferred ? Math.max(past.until, until) : until
    past.isDeferred = true
    return
  }
  if (now < past.until) return
  if (past.failures < pausing.failures) return
  past.until = now + Math.min(pausing.shortest * 2 ** past.pauses, pausing.longest)
  past.pauses++
  past.isDeferred = false
}

function isOut(past: Past, now: number): boolean {
  if (now - past.failedAt >= outage.span) return false
  if (past.failures >= outage.failures) return true
  const { good, bad } = past.recent.sums(now)
  return bad >= outage.failures && bad > good
}

function describe(past: Past | undefined, now: number): EndpointHealth {
  if (past === undefined) {
    const uptime = { minutes5: null, minutes30: null, day: null }
    return { state: 'good', until: null, firstToken: null, throughput: null, uptime }
  }
  return {
    state: stateOf(past, now),
    until: now < past.until ? past.until : null,
    firstToken: quantilesOf(past.firstToken.sorted(now)),
    throughput: reachedQuantilesOf(past.throughput.sorted(now)),
    uptime: {
      minutes5: shareOf(past.minutes5, now),
      minutes30: shareOf(past.minutes30, now),
      day: shareOf(past.day, now),
    },
  }
}

function stateOf(past: Past, now: number): EndpointHealth['state'] {
  if (now < past.until) return leftAlone(past)
  if (past.until > 0) return 'recovering'
  return isOut(past, now) ? 'unhealthy' : 'good'
}

function leftAlone({ isDeferred }: Past): Fitness {
  return isDeferred ? 'deferred' : 'paused'
}

function shareOf(counts: Rolling, now: number): number | null {
  const { good, bad } = counts.sums(now)
  return good + bad === 0 ? null : good / (good + bad)
}
