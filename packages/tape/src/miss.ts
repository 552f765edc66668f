/** Says why no interaction answers a request: which one came nearest, and where it differs. */
import type { Body, Interaction } from './interaction.ts'
import { deepest, type RequestIdentity } from './match.ts'
import { redactUrl } from './redact.ts'

/** One place where two requests differ. */
export interface Difference {
  /** `method`, `url`, or a path in the body: `messages[2].content`. */
  readonly path: string
  /** Recorded; undefined when only the request has it. */
  readonly expected: unknown
  /** Requested; undefined when only the recording has it. */
  readonly got: unknown
}

const shownDifferences = 5
const shownCharacters = 60

/** A few lines for people: the nearest recorded request and its differences from this one. */
export function describeMiss(
  request: RequestIdentity,
  interactions: readonly Interaction[],
  unused: readonly Interaction[],
): string {
  const asked = `no recorded interaction answers ${request.method} ${redactUrl(request.url)}`
  const candidates = interactions.map((interaction) => candidate(interaction, request))
  const equal = candidates.findLast(({ differences }) => differences.length === 0)
  if (equal !== undefined) return `${asked}: interaction ${equal.interaction.id} did, but is used already`
  const free = new Set(unused)
  const nearest =
    findNearest(candidates.filter(({ interaction }) => free.has(interaction))) ?? findNearest(candidates)
  if (nearest === undefined) return `${asked}: the cassette holds none`
  const { interaction, differences } = nearest
  const used = free.has(interaction) ? '' : ' (used already)'
  const lines = differences.slice(0, shownDifferences).map(({ path, expected, got }) => {
    const [left, right] = excerpts(show(expected), show(got))
    return `  ${path}: expected ${left}, got ${right}`
  })
  const more = differences.length - lines.length
  if (more > 0) lines.push(`  and ${more} more`)
  return [`${asked}; nearest is interaction ${interaction.id}${used}:`, ...lines].join('\n')
}

interface Candidate {
  readonly interaction: Interaction
  readonly differences: readonly Difference[]
  /** How far the two are apart: a body of another kind further than one with two other values. */
  readonly distance: number
}

function candidate(interaction: Interaction, request: RequestIdentity): Candidate {
  const differences = compareRequests(interaction.request, request)
  const sizes = differences.map(({ expected, got }) => Math.max(countValues(expected), countValues(got)))
  return { interaction, differences, distance: sizes.reduce((sum, size) => sum + size, 0) }
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, child) => sum + countValues(child), 1)
}

function findNearest(candidates: readonly Candidate[]): Candidate | undefined {
  let nearest: Candidate | undefined
  for (const candidate of candidates) {
    if (nearest === undefined || candidate.distance < nearest.distance) nearest = candidate
  }
  return nearest
}

/** Every place where two requests differ. */
export function compareRequests(expected: RequestIdentity, got: RequestIdentity): readonly Difference[] {
  const differences: Difference[] = []
  compare(expected.method.toUpperCase(), got.method.toUpperCase(), 'method', differences)
  compare(redactUrl(expected.url), redactUrl(got.url), 'url', differences)
  compare(parse(expected.body), parse(got.body), '', differences)
  return differences
}

function parse(body: Body): unknown {
  if (typeof body !== 'string') return `${body.length} bytes ${Buffer.from(body).toString('base64')}`
  try {
    const value = JSON.parse(body) as unknown
    return isShallow(value, deepest) ? value : body
  } catch {
    return body
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((child) => isShallow(child, levels - 1))
}

function compare(expected: unknown, got: unknown, path: string, differences: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(got)) {
    const length = Math.max(expected.length, got.length)
    for (let index = 0; index < length; index += 1) {
      compare(expected[index], got[index], `${path}[${index}]`, differences)
    }
  } else if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      compare(own(expected, key), own(got, key), path === '' ? key : `${path}.${key}`, differences)
    }
  } else if (expected !== got) {
    differences.push({ path: path === '' ? 'body' : path, expected, got })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Not what every object has, such as `constructor`. */
function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

/** Both texts, cut to where they begin to differ. */
function excerpts(left: string, right: string): readonly [string, string] {
  let same = 0
  while (same < left.length && left[same] === right[same]) same += 1
  const start = Math.max(0, same - 20)
  return [excerpt(left, start), excerpt(right, start)]
}

function excerpt(text: string, start: number): string {
  const end = start + shownCharacters
  const isShort = text.length <= shownCharacters
  if (isShort) return text
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed()}${end < text.length ? '…' : ''}`
}
