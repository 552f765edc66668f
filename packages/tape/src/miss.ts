/** Says why no interaction answers a request: which one came nearest, and where it differs. */
import type { Body, Interaction } from './interaction.ts'
import type { RequestIdentity } from './match.ts'

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
  const nearest = findNearest(request, unused) ?? findNearest(request, interactions)
  const asked = `no recorded interaction answers ${request.method} ${request.url}`
  if (nearest === undefined) return `${asked}: the cassette holds none`
  const { interaction, differences } = nearest
  if (differences.length === 0) return `${asked}: interaction ${interaction.id} did, but is used already`
  const used = unused.includes(interaction) ? '' : ' (used already)'
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
}

function findNearest(request: RequestIdentity, interactions: readonly Interaction[]): Candidate | undefined {
  let nearest: Candidate | undefined
  for (const interaction of interactions) {
    const differences = compareRequests(interaction.request, request)
    if (nearest === undefined || differences.length < nearest.differences.length) nearest = { interaction, differences }
  }
  return nearest
}

/** Every place where two requests differ. */
export function compareRequests(expected: RequestIdentity, got: RequestIdentity): readonly Difference[] {
  const differences: Difference[] = []
  if (expected.method !== got.method) differences.push({ path: 'method', expected: expected.method, got: got.method })
  if (expected.url !== got.url) differences.push({ path: 'url', expected: expected.url, got: got.url })
  const bodies = [expected.body, got.body].map(parse)
  compare(bodies[0], bodies[1], '', differences)
  return differences
}

function parse(body: Body): unknown {
  if (typeof body !== 'string') return `${body.length} bytes ${Buffer.from(body).toString('base64')}`
  try {
    return JSON.parse(body) as unknown
  } catch {
    return body
  }
}

function compare(expected: unknown, got: unknown, path: string, differences: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(got)) {
    const length = Math.max(expected.length, got.length)
    for (let index = 0; index < length; index += 1) {
      compare(expected[index], got[index], `${path}[${index}]`, differences)
    }
  } else if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      compare(expected[key], got[key], path === '' ? key : `${path}.${key}`, differences)
    }
  } else if (expected !== got) {
    differences.push({ path: path === '' ? 'body' : path, expected, got })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
