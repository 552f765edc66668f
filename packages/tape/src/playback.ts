/** The cassette that a recorder answers from: which interaction is next, and what it says. */
import type { Cassette } from './cassette.ts'
import { TapeError } from './error.ts'
import type { Body, Interaction, Piece } from './interaction.ts'
import { exactDigest, type Matcher, type RequestIdentity, Shelf } from './match.ts'
import type { RecordedPieces } from './replay.ts'
import type { Reply } from './reply.ts'

/** Bytes. Larger bodies are not compared. */
const largestCompared = 2 ** 24

export class Playback {
  readonly cassette: Cassette
  readonly #exactly: ReadonlyMap<string, string>
  readonly #shelf: Shelf
  readonly #isRepeating: boolean
  /** What answers again, the next one first. */
  #again: Map<string, number[]> | undefined

  constructor(cassette: Cassette, matcher: Matcher, isRepeating = false) {
    this.cassette = cassette
    this.#exactly = cassette.exactly(matcher)
    this.#shelf = new Shelf(cassette.length, (place) => cassette.digestAt(place, matcher))
    this.#isRepeating = isRepeating
    // Held by whoever reads from it, so that the file is closed when nobody does any more.
    unreachable.register(this, cassette)
  }

  /** The digest of a request's key, where it is known without reading the request. */
  digestOf(request: RequestIdentity): string | undefined {
    const exact = this.#exactly.size === 0 ? null : exactDigest(request)
    return exact === null ? undefined : this.#exactly.get(exact)
  }

  /** The place of the first unused interaction whose key has this digest; of a used one, where they answer again. */
  take(digest: string): number | undefined {
    const place = this.#shelf.take(digest)
    return place === undefined && this.#isRepeating ? this.#takeAgain(digest) : place
  }

  /** The place that `take` would take, an unused one. */
  peek(digest: string): number | undefined {
    return this.#shelf.peek(digest)
  }

  #takeAgain(digest: string): number | undefined {
    this.#again ??= this.#placesByDigest()
    const places = this.#again.get(digest)
    const place = places?.shift()
    if (place !== undefined) places?.push(place)
    return place
  }

  #placesByDigest(): Map<string, number[]> {
    const places = new Map<string, number[]>()
    for (const [place, digest] of this.digests.entries()) {
      const equal = places.get(digest)
      if (equal === undefined) places.set(digest, [place])
      else equal.push(place)
    }
    return places
  }

  /** Of every interaction's key, in order. */
  get digests(): readonly string[] {
    return this.#shelf.digests
  }

  get unused(): readonly number[] {
    return this.#shelf.unused
  }

  /** What can still answer, and what has, in its order. Where answers are given again, nothing is ever used up. */
  get course(): { readonly unused: readonly number[]; readonly taken: readonly number[] } {
    const { digests, unused, taken } = this.#shelf
    return this.#isRepeating ? { unused: [...digests.keys()], taken: [] } : { unused, taken }
  }

  replyAt(place: number): Reply {
    const head = this.cassette.headAt(place)
    const ending = this.cassette.endingAt(place)
    return { head, pieces: head === null ? [] : new Pieces(this, place), ending }
  }

  /** Interactions that say again what an earlier one says: an equal request, and the same answer. */
  get duplicates(): readonly Interaction[] {
    const repeated = [...this.#placesByDigest().values()].flatMap((equal) =>
      equal.filter((place, index) => equal.slice(0, index).some((earlier) => this.#isSame(earlier, place))),
    )
    return repeated.toSorted((a, b) => a - b).map((place) => this.cassette.at(place))
  }

  #isSame(left: number, right: number): boolean {
    if (this.cassette.sizeAt(left) !== this.cassette.sizeAt(right)) return false
    const [a, b] = [this.cassette.at(left), this.cassette.at(right)]
    if (a.ending.type !== b.ending.type || a.response?.status !== b.response?.status) return false
    return this.#isSameBody(left, right)
  }

  #isSameBody(left: number, right: number): boolean {
    if (this.cassette.sizeAt(left) > largestCompared) return false
    const [a, b] = [left, right].map((place) =>
      Buffer.concat(Array.from(this.cassette.piecesAt(place), ({ bytes }) => bytes)),
    )
    return a !== undefined && b !== undefined && a.equals(b)
  }
}

const unreachable = new FinalizationRegistry<Cassette>((cassette) => cassette[Symbol.dispose]())

class Pieces implements RecordedPieces {
  readonly #playback: Playback
  readonly #place: number

  constructor(playback: Playback, place: number) {
    this.#playback = playback
    this.#place = place
  }

  whole(): Body {
    try {
      return this.#playback.cassette.bodyAt(this.#place)
    } catch (error) {
      if (!(error instanceof TapeError && error.code === 'too-large')) throw error
      return Buffer.concat(Array.from(this, ({ bytes }) => bytes))
    }
  }

  [Symbol.iterator](): Iterator<Piece> {
    return this.#playback.cassette.piecesAt(this.#place)[Symbol.iterator]()
  }
}
