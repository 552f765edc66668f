/** Says why no interaction answers a request: which one came nearest, where it differs, and what would have matched. */
import type { Cassette } from './cassette.ts'
import { compareIdentities, describeDifference, distanceOf } from './difference.ts'
import { TapeError } from './error.ts'
import { type Comparison, createMatcher, digest, identify, type RequestIdentity } from './match.ts'
import { normalisers, normalisersFor } from './normalise.ts'

/** A cassette in the middle of a replay. */
export interface Replayed {
  readonly cassette: Cassette
  /** Of the keys of those interactions that answer, in order: the first ones, or all. */
  readonly digests: readonly string[]
  /** The places that no request has taken, in recorded order. */
  readonly unused: readonly number[]
  /** The others, in the order in which they were taken. */
  readonly taken: readonly number[]
  /** How its requests are compared. */
  readonly how: Comparison
  /** Takes the secrets out of a recorded request: not every tape is one of ours. */
  readonly redact: (request: RequestIdentity) => RequestIdentity
}

const shownLines = 5

/**
 * A few lines for people. The request has lost its secrets already. Takes a bounded time on a tape of any length: no
 * more than a few dozen interactions are read.
 */
export function describeMiss(request: RequestIdentity, replayed: Replayed): string {
  const { digests, how } = replayed
  const { method, url } = identify({ ...request, body: '' }, {})
  const asked = `no recorded interaction answers ${method} ${url}`
  if (digests.length === 0) return `${asked}: the cassette holds none`
  const used = describeUsed(request, replayed)
  if (used !== undefined) return `${asked}: ${used}`
  const candidates = readCandidates(replayed)
  const nearest = findNearest(request, candidates, how)
  if (nearest === undefined) return `${asked}: none of its requests could be read`
  const isUsed = replayed.unused.length === 0
  return [
    `${asked}; nearest is interaction ${nearest.place}${isUsed ? ' (used already)' : ''}:`,
    ...cutLines(explain(nearest.request, request, how)),
    ...describeCourse(replayed),
    ...describeNormalisers(request, isUsed ? [] : candidates, how),
  ].join('\n  ')
}

/** A request that was sent once more than when it was recorded. */
function describeUsed(request: RequestIdentity, { digests, how }: Replayed): string | undefined {
  const wanted = digest(createMatcher(how).key(request))
  const equal = [...digests.keys()].filter((place) => digests[place] === wanted)
  const [first, ...others] = equal
  if (first === undefined) return undefined
  if (others.length === 0) return `interaction ${first} did, but is used already`
  return `interactions ${ranges(equal)} did, but are used already`
}

/** A recorded request and its place. */
interface Candidate {
  readonly place: number
  readonly request: RequestIdentity
}

const mostCandidates = 48
/** Bytes of responses, which are read with their requests. */
const mostBytes = 64 * 1024 * 1024

/** Unused interactions; used ones, where there are no others. */
function readCandidates({ cassette, digests, unused, taken, redact }: Replayed): readonly Candidate[] {
  const places = unused.length > 0 ? unused : [...digests.keys()]
  const candidates: Candidate[] = []
  let bytes = 0
  for (const place of someOf(places, taken.at(-1) ?? -1)) {
    bytes += cassette.sizeAt(place)
    if (bytes > mostBytes) break
    const request = read(cassette, place)
    if (request !== undefined) candidates.push({ place, request: redact(request) })
  }
  return candidates.toSorted((a, b) => a.place - b.place)
}

/** Those around the one that comes next, the nearest of them first, then some from everywhere. */
function someOf(places: readonly number[], last: number): readonly number[] {
  if (places.length <= mostCandidates) return places
  const next = Math.max(
    0,
    places.findIndex((place) => place > last),
  )
  const half = mostCandidates / 2
  const around = [...places.slice(next, next + half), ...places.slice(Math.max(0, next - half / 2), next)]
  const step = Math.ceil(places.length / half)
  return [...new Set([...around, ...places.filter((_place, index) => index % step === 0)])]
}

/** What cannot be read is not the nearest. */
function read(cassette: Cassette, place: number): RequestIdentity | undefined {
  try {
    return cassette.at(place).request
  } catch (error) {
    if (error instanceof TapeError) return undefined
    throw error
  }
}

function findNearest(
  request: RequestIdentity,
  candidates: readonly Candidate[],
  how: Comparison,
): Candidate | undefined {
  const asked = identify(request, how)
  let nearest: Candidate | undefined
  let shortest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = distanceOf(compareIdentities(identify(candidate.request, how), asked))
    if (distance >= shortest) continue
    nearest = candidate
    shortest = distance
  }
  return nearest
}

/** In the words of who knows what both mean, else by paths. */
function explain(recorded: RequestIdentity, asked: RequestIdentity, how: Comparison): readonly string[] {
  const [before, after] = [identify(recorded, how), identify(asked, how)]
  const { meaning } = how
  const isMeant = before.type === meaning?.name && after.type === meaning.name
  if (meaning === undefined || !isMeant) {
    const { normalise = [] } = how
    return compareIdentities(identify(recorded, { normalise }), identify(asked, { normalise })).map(
      describeDifference,
    )
  }
  const around = compareIdentities({ ...before, value: null }, { ...after, value: null })
  const lines = [...around.map(describeDifference), ...meaning.explain(before.value, after.value)]
  return lines.length > 0 ? lines : compareIdentities(before, after).map(describeDifference)
}

function cutLines(lines: readonly string[]): readonly string[] {
  const more = lines.length - shownLines
  return more > 0 ? [...lines.slice(0, shownLines), `and ${more} more`] : lines
}

/** What came before, and which recorded step should have come now. */
function describeCourse({ unused: [next], taken }: Replayed): readonly string[] {
  if (taken.length === 0) return []
  const were = taken.length === 1 ? 'interaction %s was' : 'interactions %s were'
  const before = `${were.replace('%s', ranges(taken.toSorted((a, b) => a - b)))} replayed before`
  if (next === undefined) return [`${before}: all there are`]
  return taken.every((place, index) => place === index)
    ? [`${before}, as recorded; here the run goes another way than interaction ${next}`]
    : [`${before}; the first that nothing has asked for is interaction ${next}`]
}

/** Numbers in their order: `0–2, 5`; no more than a few. */
function ranges(numbers: readonly number[]): string {
  const found: [start: number, end: number][] = []
  for (const number of numbers) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else found.push([number, number])
  }
  const shown = found.slice(0, 5).map(([start, end]) => (start === end ? `${start}` : `${start}–${end}`))
  return `${shown.join(', ')}${found.length > 5 ? ', …' : ''}`
}

/** The fewest normalisers with which an unused interaction would have answered. */
function describeNormalisers(
  request: RequestIdentity,
  candidates: readonly Candidate[],
  how: Comparison,
): readonly string[] {
  const { normalise = [], meaning } = how
  const own = normalise.filter((one) => !normalisers.includes(one))
  const active = normalise.filter((one) => normalisers.includes(one)).map(({ name }) => name)
  const matches = (candidate: Candidate, names: readonly string[]): boolean => {
    const matcher = createMatcher({ meaning, normalise: normalisersFor([...own, ...active, ...names]) })
    return matcher.key(candidate.request) === matcher.key(request)
  }
  const others = normalisers.map(({ name }) => name).filter((name) => !active.includes(name))
  const found = candidates.find((candidate) => matches(candidate, others))
  if (found === undefined) return []
  const needed = others.reduce<readonly string[]>(
    (left, name) => (matches(found, without(left, name)) ? without(left, name) : left),
    others,
  )
  const list = needed.map((name) => `'${name}'`).join(', ')
  return [`normalise: [${list}] would match interaction ${found.place}`]
}

function without(names: readonly string[], left: string): readonly string[] {
  return names.filter((name) => name !== left)
}
