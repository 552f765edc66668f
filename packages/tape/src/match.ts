/** Finds the interaction that answers a request. */
import type { Body, Interaction } from './interaction.ts'
import { redactUrl } from './redact.ts'

/** What a request is recognised by. */
export interface RequestIdentity {
  readonly method: string
  readonly url: string
  readonly body: Body
}

/** A text that two requests share exactly when their method, URL and body are equal, JSON by its value. */
export type RequestKey = (request: RequestIdentity) => string

export const strictKey: RequestKey = ({ method, url, body }) =>
  `${method.toUpperCase()} ${redactUrl(url)}\n${canonicalBody(body)}`

function canonicalBody(body: Body): string {
  if (typeof body !== 'string') return Buffer.from(body).toString('base64')
  try {
    return JSON.stringify(sorted(JSON.parse(body), deepest))
  } catch {
    return body
  }
}

/** Levels of JSON. What is nested more deeply is a text to us: the stack is finite. */
export const deepest = 500

/** Objects by sorted keys; null prototypes keep a key named `__proto__`. Throws beyond so many levels. */
function sorted(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) throw new RangeError('nested too deeply')
  if (Array.isArray(value)) return value.map((child) => sorted(child, levels - 1))
  const clean = Object.create(null) as Record<string, unknown>
  const entries = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(value).toSorted()) clean[key] = sorted(entries[key], levels - 1)
  return clean
}

/**
 * The interactions of a cassette, each to be used once. Equal requests are answered in recorded order, so
 * a retry gets the answer that the retry got; different ones in any order, so that parallel calls replay.
 */
export class Shelf {
  readonly #key: RequestKey
  readonly #byKey = new Map<string, Interaction[]>()
  readonly #unused: Set<Interaction>

  constructor(interactions: readonly Interaction[], key: RequestKey) {
    this.#key = key
    this.#unused = new Set(interactions)
    for (const interaction of interactions) {
      const text = key(interaction.request)
      const found = this.#byKey.get(text)
      if (found === undefined) this.#byKey.set(text, [interaction])
      else found.push(interaction)
    }
  }

  /** Takes the first unused interaction that answers the request; undefined when none does. */
  take(request: RequestIdentity): Interaction | undefined {
    const interaction = this.#byKey.get(this.#key(request))?.shift()
    if (interaction !== undefined) this.#unused.delete(interaction)
    return interaction
  }

  /** In recorded order. */
  get unused(): readonly Interaction[] {
    return [...this.#unused]
  }
}
