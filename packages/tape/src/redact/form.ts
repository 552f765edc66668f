/** Finds the values of secret fields in a form, `a=1&client_secret=…`, while it arrives. */
import type { NameKind, ValueSpan } from './value.ts'

/** Longer names are no field's that anybody looks for. */
const longestName = 128

const [ampersand, equals] = [0x26, 0x3d]

export class FormValue {
  position = 0
  readonly held = 0
  readonly #isSecret: (name: string) => boolean
  #name = ''
  /** Where the value of a secret field begins. */
  #start: number | undefined
  #isInName = true

  constructor(isSecret: (name: string) => boolean) {
    this.#isSecret = isSecret
  }

  get open(): ValueSpan | undefined {
    return this.#start === undefined || this.#start === this.position
      ? undefined
      : { start: this.#start, end: this.position }
  }

  read(
    at: (position: number) => number,
    end: number,
    found: (value: ValueSpan, kind: NameKind) => void,
  ): void {
    for (; this.position < end; this.position += 1) {
      const byte = at(this.position)
      if (byte === ampersand) {
        if (this.open !== undefined) found(this.open, 'field')
        this.#start = undefined
        this.#name = ''
        this.#isInName = true
      } else if (this.#isInName && byte === equals) {
        this.#isInName = false
        if (this.#isSecret(meant(this.#name))) this.#start = this.position + 1
      } else if (this.#isInName && this.#name.length < longestName) this.#name += String.fromCharCode(byte)
    }
  }
}

function meant(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
