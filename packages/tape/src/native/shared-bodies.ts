/** Stores once what requests repeat: an agent sends the whole conversation again with every step. */
import type { Body } from '../interaction.ts'
import { base64Of } from './encode.ts'
import { deepestLike, type LikeBody, type StoredBody } from './format.ts'

/** A body is stored like another when at least so much of it stands there already. */
const leastSaved = { characters: 1024, share: 0.5 }
/** No better one is looked for when so much does. */
const enoughSaved = 0.9
/** Bodies that the next ones are compared with, at most. */
const mostBodies = 32
const mostCharacters = 2 ** 25

interface KeptBody {
  readonly id: number
  readonly text: string
  /** How many bodies have to be read for it besides its own. */
  readonly depth: number
}

/** Says how each request's body is stored; holds the latest ones. */
export class SharedBodies {
  #kept: readonly KeptBody[] = []

  store(id: number, body: Body): StoredBody {
    if (typeof body !== 'string') return { base64: base64Of(body) }
    if (body.length < leastSaved.characters) return body
    const likeness = this.#mostAlike(body)
    const isLike = likeness !== undefined && likeness.base.depth < deepestLike
    this.#keep({ id, text: body, depth: isLike ? likeness.base.depth + 1 : 0 })
    return isLike ? likeness.body : body
  }

  #mostAlike(body: string): Likeness | undefined {
    let best: Likeness | undefined
    for (const base of this.#kept) {
      const likeness = likenessOf(body, base)
      if (likeness.saved > (best?.saved ?? 0)) best = likeness
      if (likeness.saved >= body.length * enoughSaved) break
    }
    const least = Math.max(leastSaved.characters, body.length * leastSaved.share)
    return best !== undefined && best.saved >= least ? best : undefined
  }

  /** The latest comes first. */
  #keep(latest: KeptBody): void {
    let characters = 0
    this.#kept = [latest, ...this.#kept]
      .slice(0, mostBodies)
      .filter(({ text }) => (characters += text.length) <= mostCharacters)
  }
}

interface Likeness {
  readonly base: KeptBody
  readonly body: LikeBody
  readonly saved: number
}

function likenessOf(body: string, base: KeptBody): Likeness {
  const start = sharedStart(body, base.text)
  const end = sharedEnd(body.slice(start), base.text.slice(start))
  const text = body.slice(start, body.length - end)
  return { base, body: { like: base.id, start, text, end }, saved: start + end }
}

/** By halves: comparing slices is many times faster than comparing characters. */
function sharedStart(one: string, other: string): number {
  let same = 0
  let most = Math.min(one.length, other.length)
  if (one.slice(0, 64) !== other.slice(0, 64)) most = Math.min(most, 64)
  while (same < most) {
    const middle = Math.ceil((same + most) / 2)
    if (one.slice(same, middle) === other.slice(same, middle)) same = middle
    else most = middle - 1
  }
  return same
}

function sharedEnd(one: string, other: string): number {
  let same = 0
  let most = Math.min(one.length, other.length)
  while (same < most) {
    const middle = Math.ceil((same + most) / 2)
    if (lastOf(one, same, middle) === lastOf(other, same, middle)) same = middle
    else most = middle - 1
  }
  return same
}

/** From one distance to the end to another. */
function lastOf(text: string, from: number, to: number): string {
  return text.slice(text.length - to, text.length - from)
}
