/** Finds many strings at once, in time that grows with the text alone (Aho and Corasick, 1975). Case is ignored. */

/** A string to find, and what it means when it is found. */
export interface Pattern<Mark> {
  /** Of bytes: no character above U+00FF. */
  readonly text: string
  /** Whether bytes that may be its beginning have to wait for the rest. */
  readonly holds: boolean
  readonly mark: Mark
}

/** A pattern that was found. */
export interface Found<Mark> {
  readonly length: number
  readonly mark: Mark
}

/** All patterns as one table: from each state, by the next byte, to another. */
export class Automaton<Mark> {
  /** Bytes that no pattern tells apart share a class; 0 is the class of those that are in none. */
  readonly #classes = new Uint8Array(256)
  readonly #shift: number
  /** By state and class. A state with findings stands as its complement, which is negative. */
  readonly #next: Int32Array
  readonly #found: (readonly Found<Mark>[])[] = [[]]
  readonly #held: Int32Array
  /** By three bytes: 1 where a pattern may begin with them. */
  readonly #begins = new Uint8Array(1 << (3 * keyBits))

  constructor(patterns: readonly Pattern<Mark>[]) {
    const folded = patterns.map(({ text }) => Buffer.from(lowerAscii(text), 'latin1'))
    this.#shift = Math.ceil(Math.log2(this.#classify(folded) + 1))
    const most = folded.reduce((sum, { length }) => sum + length, 1)
    this.#next = new Int32Array(most << this.#shift)
    this.#held = new Int32Array(most)
    for (const [index, bytes] of folded.entries()) {
      const pattern = patterns[index]
      if (pattern !== undefined) this.#plant(bytes, pattern)
    }
    this.#link()
  }

  /** Reads on from a state (0 at first), calls `visit` with where each finding ends, and returns the state it is in then. */
  read(
    bytes: Uint8Array,
    start: number,
    visit: (end: number, found: readonly Found<Mark>[]) => void,
  ): number {
    const next = this.#next
    const classes = this.#classes
    const shift = this.#shift
    let state = start
    for (let index = 0; index < bytes.length; index += 1) {
      // Most bytes begin nothing. Three of them tell, without waiting for the state before.
      if (state === 0) index = this.#skip(bytes, index)
      state = next[(state << shift) | (classes[bytes[index] as number] as number)] as number
      if (state < 0) {
        state = ~state
        visit(index + 1, this.#found[state] ?? [])
      }
    }
    return state
  }

  /** Whether any of the patterns stands in it. */
  finds(bytes: Uint8Array): boolean {
    const next = this.#next
    const classes = this.#classes
    const shift = this.#shift
    let state = 0
    for (let index = 0; index < bytes.length && state >= 0; index += 1) {
      if (state === 0) index = this.#skip(bytes, index)
      state = next[(state << shift) | (classes[bytes[index] as number] as number)] as number
    }
    return state < 0
  }

  /** The first place from here on where a pattern may begin; of the last two bytes nobody knows. */
  #skip(bytes: Uint8Array, from: number): number {
    const begins = this.#begins
    const mask = begins.length - 1
    let key = withByte(withByte(0, bytes[from] ?? 0), bytes[from + 1] ?? 0)
    for (let index = from + 2; index < bytes.length; index += 1) {
      key = withByte(key, bytes[index] as number) & mask
      if (begins[key] === 1) return index - 2
    }
    return Math.max(from, bytes.length - 2)
  }

  /** How many of the last bytes may be the beginning of a pattern that holds. */
  heldAt(state: number): number {
    return this.#held[state] ?? 0
  }

  #classify(folded: readonly Uint8Array[]): number {
    let count = 0
    for (const byte of folded.flatMap((bytes) => [...bytes])) {
      if (this.#classes[byte] !== 0) continue
      count += 1
      this.#classes[byte] = count
      if (byte >= 0x61 && byte <= 0x7a) this.#classes[byte - 0x20] = count
    }
    return count
  }

  #plant(bytes: Uint8Array, { holds, mark }: Pattern<Mark>): void {
    this.#markBeginning(bytes)
    let state = 0
    for (const [index, byte] of bytes.entries()) {
      const place = (state << this.#shift) | (this.#classes[byte] ?? 0)
      if (this.#next[place] === 0) {
        this.#next[place] = this.#found.length
        this.#found.push([])
      }
      // The last byte of a pattern ends it: whoever found it decides whether to wait on.
      if (holds && index > 0) this.#held[state] = index
      state = this.#next[place] ?? 0
    }
    this.#found[state] = [...(this.#found[state] ?? []), { length: bytes.length, mark }]
  }

  /** What is shorter may go on as any bytes. */
  #markBeginning(bytes: Uint8Array): void {
    const known = bytes.subarray(0, 3)
    const key = known.reduce(withByte, 0)
    const open = keyBits * (3 - known.length)
    this.#begins.fill(1, key << open, (key + 1) << open)
  }

  /** Where a state has no way on, it goes on as the longest end of what it has read that begins a pattern. */
  #link(): void {
    const next = this.#next
    const held = this.#held
    const shift = this.#shift
    const fallback = new Int32Array(this.#found.length)
    const queue = [0]
    for (const state of queue) {
      const back = (fallback[state] as number) << shift
      const row = state << shift
      for (let kind = 0; kind >> shift === 0; kind += 1) {
        const child = next[row | kind] as number
        const other = state === 0 ? 0 : (next[back | kind] as number)
        if (child === 0) next[row | kind] = other
        else {
          fallback[child] = other
          if (held[child] === 0) held[child] = held[other] as number
          const more = this.#found[other] ?? []
          if (more.length > 0) this.#found[child] = [...(this.#found[child] ?? []), ...more]
          queue.push(child)
        }
      }
    }
    const ends = Uint8Array.from(this.#found, (found) => Math.min(found.length, 1))
    const used = this.#found.length << shift
    for (let place = 0; place < used; place += 1) {
      const state = next[place] as number
      if (ends[state] === 1) next[place] = ~state
    }
  }
}

/** Of each byte: these are the same in both cases of a letter. */
const keyBits = 5

/** The key of some bytes and one more. */
function withByte(key: number, byte: number): number {
  return (key << keyBits) | (byte & ((1 << keyBits) - 1))
}

/** Bytes above 0x7F are no letters by themselves. */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
