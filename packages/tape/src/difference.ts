/** Where two requests differ, place by place. */
import { type Comparison, identify, type Identity, type RequestIdentity } from './match.ts'

/** One place where two requests differ. */
export interface Difference {
  /** `method`, `url`, or a path in the body: `messages[2].content`. */
  readonly path: string
  /** Recorded; undefined when only the request has it. */
  readonly expected: unknown
  /** Requested; undefined when only the recording has it. */
  readonly got: unknown
}

/** Every place where two requests differ. */
export function compareRequests(
  expected: RequestIdentity,
  got: RequestIdentity,
  how: Comparison = {},
): readonly Difference[] {
  return compareIdentities(identify(expected, how), identify(got, how))
}

/** Bodies of two kinds differ as a whole. */
export function compareIdentities(expected: Identity, got: Identity): readonly Difference[] {
  const differences: Difference[] = []
  compare(expected.method, got.method, 'method', differences)
  compare(expected.url, got.url, 'url', differences)
  if (expected.type === got.type) compare(valueOf(expected), valueOf(got), '', differences)
  else differences.push({ path: 'body', expected: valueOf(expected), got: valueOf(got) })
  return differences
}

function valueOf({ type, value }: Identity): unknown {
  return type === 'bytes' && typeof value === 'string'
    ? `${Buffer.byteLength(value, 'base64')} bytes ${value}`
    : value
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

/** How far two requests are apart: a body of another kind further than one with two other values. */
export function distanceOf(differences: readonly Difference[]): number {
  let distance = 0
  for (const { expected, got } of differences) {
    distance +=
      typeof expected === 'string' && typeof got === 'string'
        ? 1 - similarity(expected, got) / 2
        : Math.max(countValues(expected), countValues(got))
  }
  return distance
}

/** How much of two texts is the same from the start and to the end: from 0 to 1. */
function similarity(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left[start] === right[start]) start += 1
  let end = 0
  while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) end += 1
  return (start + end) / Math.max(left.length, right.length)
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, child) => sum + countValues(child), 1)
}

const shownCharacters = 60

/** A line: `messages[2].content: expected "5", got "6"`. */
export function describeDifference({ path, expected, got }: Difference): string {
  const [left, right] = excerpts(show(expected), show(got))
  return `${path}: expected ${left}, got ${right}`
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).replaceAll(longNumber, '$1')
}

/** A number that is too large for one of ours, as `readContent` marks it. */
const longNumber = /"\\u0000(-?\d+)"/g

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
