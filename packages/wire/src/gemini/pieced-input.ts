/** Puts the input of a call together that comes in pieces. https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#PartialArg */
import { isObject, stringifyJson, stringOr } from '../json.ts'

/** An object by its names, or a list by its places: neither has a prototype, or room for what is not there. */
type Level = Map<string | number, unknown>

/** A step of a path: `.name`, `[0]`, `['name']`. */
const step = /\.([^.[\]]+)|\[(\d+)\]|\[(["'])(.*?)\3\]/g

/** Deeper than what any tool takes. */
const deepest = 100

/** The input of one call. */
export class PiecedInput {
  readonly #root: Level = new Map()

  /** Takes `{jsonPath, stringValue}`, or another value. A string at a place that has one goes on with it. */
  add(wire: unknown): void {
    if (!isObject(wire)) return
    const { stringValue, numberValue, boolValue } = wire
    const value = stringValue ?? numberValue ?? boolValue ?? ('nullValue' in wire ? null : undefined)
    const steps = (stringOr(wire['jsonPath']) ?? '').matchAll(step)
    const keys = Array.from(steps, ([, name = '', place, , quoted]) =>
      place === undefined ? (quoted ?? name) : Number(place),
    )
    const last = keys.pop()
    if (last === undefined || keys.length > deepest || value === undefined) return
    let level = this.#root
    for (const key of keys) {
      const known = level.get(key)
      const inner: Level = known instanceof Map ? (known as Level) : new Map()
      level.set(key, inner)
      level = inner
    }
    const before = level.get(last)
    const isMore = typeof before === 'string' && typeof value === 'string'
    level.set(last, isMore ? before + value : value)
  }

  toString(): string {
    return stringifyJson(plain(this.#root))
  }
}

function plain(level: unknown): unknown {
  if (!(level instanceof Map)) return level
  const entries = Array.from(level as Level, ([key, value]) => [key, plain(value)] as const)
  return typeof entries[0]?.[0] === 'number' ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}
