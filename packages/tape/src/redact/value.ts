/** Follows a secret's value from its name to its end, whatever comes between two pieces of a body. */

/** Where a value stands, in bytes from the body's first one. */
export interface ValueSpan {
  readonly start: number
  /** Where it ends, or how far of it is known. */
  readonly end: number
}

/** What a name that was found begins. */
export type NameKind = 'field' | 'account' | 'parameter'

type Place = 'elsewhere' | 'name' | 'colon' | 'before-value' | 'text' | 'part-head' | 'part' | 'parameter'

const [tab, lineFeed, carriageReturn, space, quote] = [0x09, 0x0a, 0x0d, 0x20, 0x22]
const [colon, semicolon, backslash] = [0x3a, 0x3b, 0x5c]
const partEnd = Buffer.from('\r\n--')

/** What ends a parameter within a URL within a text. */
const notInParameter = new Set(Buffer.from('&"\'`<>\\#;,(){}[]|^'))

/** JSON within JSON within JSON, and so on: quotes that stand after so many backslashes at most. */
const mostBackslashes = 63

/** A head of a part of a form is shorter. */
const longestPartHead = 4096

/**
 * Reads bytes from the end of a name on: `"password"` up to the last character of its value, in JSON that is a text in
 * other JSON too (`\"password\": \"…\"`), or in a part of a form. It keeps none of them.
 */
export class SecretValue {
  /** Up to where it has read. */
  position = 0
  readonly #isMultipart: boolean
  #place: Place = 'elsewhere'
  #kind: NameKind = 'field'
  #start = 0
  /** Backslashes before the quotes of the name and of the value. */
  #depth = 0
  /** Backslashes, or what may be the end of a part's head or of a part, that came last. */
  #run = 0

  constructor(isMultipart: boolean) {
    this.#isMultipart = isMultipart
  }

  /** What came last that may belong to the value's end and has to wait. */
  get held(): number {
    if (this.#place === 'text') return Math.min(this.#run, this.#depth)
    return this.#place === 'part' ? this.#run : 0
  }

  /** As much as is known of a value whose end is not. */
  get open(): ValueSpan | undefined {
    if (!this.#isInValue) return undefined
    const end = this.position - this.held
    return end > this.#start ? { start: this.#start, end } : undefined
  }

  /** A name ended where it has read to. Within a value it is a part of that. */
  begin(kind: NameKind): void {
    if (this.#isInValue) return
    this.#kind = kind
    this.#run = 0
    this.#start = this.position
    this.#place = kind === 'parameter' ? 'parameter' : 'name'
  }

  /** Reads on to `end` and gives each value that ended, or, for an account, that began. */
  read(
    at: (position: number) => number,
    end: number,
    found: (value: ValueSpan, kind: NameKind) => void,
  ): void {
    for (; this.position < end && this.#place !== 'elsewhere'; this.position += 1) {
      const value = this.#step(at(this.position))
      if (value !== undefined) found(value, this.#kind)
    }
    this.position = end
  }

  get #isInValue(): boolean {
    return this.#place === 'text' || this.#place === 'part' || this.#place === 'parameter'
  }

  #step(byte: number): ValueSpan | undefined {
    switch (this.#place) {
      case 'elsewhere':
        return undefined
      case 'name':
        this.#place = this.#afterName(byte)
        return undefined
      case 'colon':
        this.#place = this.#beforeColon(byte)
        return undefined
      case 'before-value':
        this.#place = this.#beforeValue(byte)
        // Whether it is one, its text tells; only a member of the body itself counts, no tool's input.
        return this.#kind === 'account' && this.#place === 'text'
          ? this.#endAt(this.#depth === 0 ? this.#start : this.position)
          : undefined
      case 'text':
        return this.#inText(byte)
      case 'part-head':
        this.#place = this.#inPartHead(byte)
        return undefined
      case 'part':
        return this.#inPart(byte)
      case 'parameter':
        return byte <= space || byte === 0x7f || notInParameter.has(byte)
          ? this.#endAt(this.position)
          : undefined
    }
  }

  #afterName(byte: number): Place {
    if (byte === backslash && this.#run < mostBackslashes) {
      this.#run += 1
      return 'name'
    }
    // Each level doubles them: 0, 1, 3, 7, …
    if (byte !== quote || (this.#run & (this.#run + 1)) !== 0) return 'elsewhere'
    this.#depth = this.#run
    this.#run = 0
    return 'colon'
  }

  #beforeColon(byte: number): Place {
    if (byte === colon) return 'before-value'
    if (this.#isMultipart && (byte === semicolon || byte === lineFeed)) return this.#inPartHead(byte)
    return isBlank(byte) ? 'colon' : 'elsewhere'
  }

  #beforeValue(byte: number): Place {
    if (byte === backslash && this.#run < this.#depth) {
      this.#run += 1
      return 'before-value'
    }
    if (this.#run === 0 && isBlank(byte)) return 'before-value'
    if (byte !== quote || this.#run !== this.#depth) return 'elsewhere'
    this.#run = 0
    this.#start = this.position + 1
    return 'text'
  }

  /** A quote after as many backslashes as the first one ends it, or one of an outer text. JSON holds no line break. */
  #inText(byte: number): ValueSpan | undefined {
    if (byte === backslash) {
      this.#run += 1
      return undefined
    }
    const run = this.#run
    this.#run = 0
    if (byte === lineFeed || byte === carriageReturn) return this.#endAt(this.position)
    if (byte !== quote) return undefined
    // The backslashes before a quote of the n-th level are 2ⁿ - 1 and pairs of that level's own: the lowest bits tell.
    const marks = lowestOnes(run)
    return marks <= this.#depth ? this.#endAt(this.position - marks) : undefined
  }

  #inPartHead(byte: number): Place {
    if (byte === lineFeed) this.#run += 1
    else if (byte !== carriageReturn) this.#run = 0
    if (this.#run < 2) return this.position - this.#start > longestPartHead ? 'elsewhere' : 'part-head'
    this.#run = 0
    this.#start = this.position + 1
    return 'part'
  }

  #inPart(byte: number): ValueSpan | undefined {
    if (byte === partEnd[this.#run]) this.#run += 1
    else this.#run = byte === carriageReturn ? 1 : 0
    return this.#run === partEnd.length ? this.#endAt(this.position + 1 - this.#run) : undefined
  }

  #endAt(end: number): ValueSpan {
    this.#place = 'elsewhere'
    this.#run = 0
    return { start: this.#start, end }
  }
}

/** A number's lowest ones, up to the first zero: 3 of 0b1011. */
function lowestOnes(value: number): number {
  return value & ~(value + 1)
}

function isBlank(byte: number): boolean {
  return byte === space || byte === lineFeed || byte === carriageReturn || byte === tab
}
