/** Puts requests' bodies together that are stored as being like earlier ones. */
import type { Body } from '../interaction.ts'
import { bytesOfBase64, LineError, restored } from './decode.ts'
import { deepestLike, type LikeBody, type StoredBody } from './format.ts'

/** Bodies that are held because the next ones are likely to be like them. */
const mostHeld = 16
const mostCharacters = 2 ** 24

export class RequestBodies {
  readonly #ids: readonly number[]
  readonly #stored: (place: number) => StoredBody
  readonly #held = new Map<number, string>()
  #places: ReadonlyMap<number, readonly number[]> | undefined

  /** Takes the requests' ids in order, and what reads a body's line. */
  constructor(ids: readonly number[], stored: (place: number) => StoredBody) {
    this.#ids = ids
    this.#stored = stored
  }

  /** The body of the request at this place, which is stored so. Throws a LineError where it cannot be put together. */
  bodyOf(place: number, stored: StoredBody): Body {
    if (typeof stored === 'string') return this.#hold(place, stored)
    if ('base64' in stored) return bytesOfBase64(stored.base64)
    const steps = [stored]
    let base = this.#placeOf(stored, place)
    let text = this.#textAt(base)
    while (typeof text !== 'string') {
      if (steps.length === deepestLike) throw new LineError('its body is like too many others in turn')
      steps.push(text)
      base = this.#placeOf(text, base)
      text = this.#textAt(base)
    }
    return this.#hold(place, steps.reduceRight(restored, text))
  }

  /** A text as far as it is known. */
  #textAt(place: number): string | LikeBody {
    const stored = this.#held.get(place) ?? this.#stored(place)
    if (typeof stored === 'string' || 'like' in stored) return stored
    throw new LineError('its body is like one that is no text')
  }

  /** The latest request before this place that has the id. */
  #placeOf({ like }: LikeBody, place: number): number {
    this.#places ??= Map.groupBy(this.#ids.keys(), (each) => this.#ids[each] ?? 0)
    const base = this.#places.get(like)?.findLast((each) => each < place)
    if (base === undefined)
      throw new LineError(`its body is like that of request ${like}, which is not there`)
    return base
  }

  #hold(place: number, text: string): string {
    this.#held.set(place, text)
    let characters = 0
    for (const [held, { length }] of [...this.#held].toReversed())
      if ((characters += length) > mostCharacters) this.#held.delete(held)
    for (const [held] of this.#held) if (this.#held.size > mostHeld) this.#held.delete(held)
    return text
  }
}
