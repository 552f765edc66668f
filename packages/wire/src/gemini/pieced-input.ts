/** Puts the input of a call together that comes in pieces. https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#PartialArg */
import { objectOr, stringOr } from '../json.ts'

/** A step of a path: `.name`, `[0]`, `['name']`. */
const step = /\.([^.[\]]+)|\[(\d+)\]|\[(["'])(.*?)\3\]/g

/** Deeper than what any tool takes. */
const deepest = 100

/** An object by its names, or a list by its places: neither has a prototype, or room for what is not there. */
export class PiecedInput extends Map<string | number, unknown> {
  /** Takes `{jsonPath, stringValue}`, or another value. A string at a place that has one goes on with it. */
  add(piece: unknown): void {
    const { jsonPath, stringValue, numberValue, boolValue } = objectOr(piece)
    const steps = (stringOr(jsonPath) ?? '').matchAll(step)
    const keys = Array.from(steps, ([, name = '', place, , quoted = name]) =>
      place === undefined ? quoted : Number(place),
    )
    const last = keys.pop()
    if (last === undefined || keys.length > deepest) return
    const level = keys.reduce<PiecedInput>((outer, key) => {
      const known = outer.get(key)
      const inner = known instanceof PiecedInput ? known : new PiecedInput()
      outer.set(key, inner)
      return inner
    }, this)
    const before = level.get(last)
    const value = stringValue ?? numberValue ?? boolValue ?? null
    level.set(last, typeof before === 'string' ? before + (stringOr(value) ?? '') : value)
  }

  toJSON(): unknown {
    return this.has(0) ? [...this.values()] : Object.fromEntries(this)
  }
}
