/** A cassette that was read whole, as every format but the native one is. */
import type { About, Cassette, FormatName } from './cassette.ts'
import { bytesOf } from './http.ts'
import type { Body, Ending, Interaction, Piece, RecordedHead } from './interaction.ts'
import { digest, type Matcher } from './match.ts'

export class MemoryCassette implements Cassette {
  readonly file: string
  readonly format: FormatName
  readonly about: About
  readonly warnings: readonly string[]
  readonly #interactions: readonly Interaction[]

  constructor(
    file: string,
    format: FormatName,
    interactions: readonly Interaction[],
    about: Partial<About> = {},
    warnings: readonly string[] = [],
  ) {
    this.file = file
    this.format = format
    this.about = { recordedAt: null, normalise: [], parent: null, ...about }
    this.warnings = warnings
    this.#interactions = interactions
  }

  get length(): number {
    return this.#interactions.length
  }

  at(index: number): Interaction {
    const interaction = this.#interactions[index]
    if (interaction === undefined) throw new RangeError(`${this.file} has no interaction ${index}`)
    return interaction
  }

  headAt(index: number): RecordedHead | null {
    return this.at(index).response
  }

  endingAt(index: number): Ending {
    return this.at(index).ending
  }

  bodyAt(index: number): Body {
    return this.at(index).response?.body ?? ''
  }

  sizeAt(index: number): number {
    const { response } = this.at(index)
    return response === null ? 0 : Buffer.byteLength(response.body)
  }

  *piecesAt(index: number): Iterable<Piece> {
    const { response } = this.at(index)
    if (response === null) return
    const bytes = bytesOf(response.body)
    if (response.chunks === null) {
      if (bytes.length > 0) yield { bytes, at: response.duration }
      return
    }
    let start = 0
    for (const { length, at } of response.chunks) {
      yield { bytes: bytes.subarray(start, start + length), at }
      start += length
    }
  }

  digestAt(index: number, matcher: Matcher): string {
    return digest(matcher.key(this.at(index).request))
  }

  exactly(): ReadonlyMap<string, string> {
    return new Map()
  }

  [Symbol.iterator](): Iterator<Interaction> {
    return this.#interactions[Symbol.iterator]()
  }

  [Symbol.dispose](): void {
    // Nothing is open.
  }
}
