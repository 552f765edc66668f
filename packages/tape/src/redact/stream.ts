/** Takes secrets out of a body while it arrives: what may be the beginning of one waits, all else passes. */
import type { Piece } from '../interaction.ts'
import type { Automaton, Found } from './automaton.ts'
import { beginsAt, type Candidate, SecretCandidate, ShapeCandidate, type Verdict } from './candidate.ts'
import type { FormValue } from './form.ts'
import { isWordStart } from './names.ts'
import { accountMember, type Shape } from './shapes.ts'
import { redacted } from './url.ts'
import type { NameKind, SecretValue, ValueSpan } from './value.ts'
import type { BodyRedactor } from '../redaction.ts'

/** What a string in a body means. */
export type Mark =
  | { readonly type: 'secret'; readonly form: Uint8Array }
  | { readonly type: 'shape'; readonly shape: Shape }
  | { readonly type: 'name'; readonly kind: NameKind }

/** Whom it tells what it finds. */
export interface Observer {
  /** What looked like a key, by its name. */
  report(name: string): void
  /** What a name said to be secret. Only where a body is read in one piece. */
  value?(value: Uint8Array): void
}

/** Bytes that do not reach the tape. */
interface Mask {
  readonly start: number
  readonly end: number
  /** What looked like a key; null for what is known to be secret: nobody has to be told. */
  readonly finding: string | null
}

interface Waiting {
  readonly piece: Piece
  readonly start: number
  readonly end: number
}

/** How far back a decision may look. */
const lookBehind = 64

const quote = 0x22

const placeholder = Buffer.from(redacted)

/** Positions count a body's bytes from 0. What comes out is the same however the body is cut into pieces. */
export class StreamRedactor implements BodyRedactor {
  readonly #automata: readonly Automaton<Mark>[]
  readonly #value: SecretValue
  readonly #form: FormValue | undefined
  readonly #observer: Observer
  readonly #states: number[]
  /** The piece that is being read, and what came before it and may be looked at again. */
  #bytes: Uint8Array = new Uint8Array()
  #start = 0
  #before: Uint8Array = new Uint8Array()
  #end = 0
  #candidates: Candidate[] = []
  #masks: Mask[] = []
  #waiting: Waiting[] = []
  /** Up to where the last mask goes that has a placeholder. */
  #maskedTo = 0

  constructor(
    automata: readonly Automaton<Mark>[],
    value: SecretValue,
    form: FormValue | undefined,
    observer: Observer,
  ) {
    this.#automata = automata
    this.#states = automata.map(() => 0)
    this.#value = value
    this.#form = form
    this.#observer = observer
  }

  push(piece: Piece): readonly Piece[] {
    const start = this.#end
    this.#read(piece.bytes)
    const limit = this.#limit()
    this.#keep(limit)
    if (
      this.#waiting.length === 0 &&
      limit === this.#end &&
      this.#masks.length === 0 &&
      this.#maskedTo <= start
    )
      return [piece]
    this.#waiting.push({ piece, start, end: this.#end })
    return this.#release(limit)
  }

  end(isCut: boolean): readonly Piece[] {
    this.#tell(this.#value.open)
    this.#tell(this.#form?.open)
    this.#bytes = new Uint8Array()
    this.#start = this.#end
    for (const candidate of this.#candidates) this.#judge(candidate, candidate.end(this.#at, isCut))
    this.#candidates = []
    // A value without its end keeps what may have been a part of that.
    const { open } = this.#value
    if (open !== undefined) this.#mask({ start: open.start, end: this.#end, finding: null })
    return this.#release(this.#end)
  }

  readonly #at = (position: number): number => {
    const index = position - this.#start
    return (index >= 0 ? this.#bytes[index] : this.#before[this.#before.length + index]) ?? -1
  }

  #read(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#start = this.#end
    this.#end += bytes.length
    if (this.#candidates.length > 0)
      this.#candidates = this.#candidates.filter((candidate) =>
        this.#judge(candidate, candidate.read(this.#at, this.#end)),
      )
    for (const [index, automaton] of this.#automata.entries())
      this.#states[index] = automaton.read(bytes, this.#states[index] ?? 0, this.#find)
    this.#value.read(this.#at, this.#end, this.#foundValue)
    this.#maskValue(this.#value.open)
    if (this.#form === undefined) return
    this.#form.read(this.#at, this.#end, this.#foundValue)
    this.#maskValue(this.#form.open)
  }

  readonly #find = (end: number, found: readonly Found<Mark>[]): void => {
    for (const { length, mark } of found) {
      const start = this.#start + end - length
      if (mark.type === 'secret') this.#consider(new SecretCandidate(start, length, mark.form))
      else if (mark.type === 'name') {
        if (mark.kind === 'field' && !this.#isName(start)) continue
        this.#value.read(this.#at, start + length, this.#foundValue)
        this.#value.begin(mark.kind)
      } else if (beginsAt(this.#at, start, mark.shape)) this.#consider(new ShapeCandidate(start, mark.shape))
    }
  }

  /** In quotes, alone or behind other words. */
  #isName(start: number): boolean {
    const before = this.#at(start - 1)
    return before === quote || isWordStart(before, this.#at(start))
  }

  readonly #foundValue = (value: ValueSpan, kind: NameKind): void => {
    if (kind !== 'account') {
      this.#maskValue(value)
      this.#tell(value)
    } else if (value.end === value.start) this.#consider(new ShapeCandidate(value.start, accountMember))
  }

  #tell(value: ValueSpan | undefined): void {
    if (value === undefined) return
    this.#observer.value?.(this.#bytes.subarray(value.start - this.#start, value.end - this.#start))
  }

  #consider(candidate: Candidate): void {
    if (this.#judge(candidate, candidate.read(this.#at, this.#end))) this.#candidates.push(candidate)
  }

  #maskValue(value: ValueSpan | undefined): void {
    if (value !== undefined) this.#mask({ ...value, finding: null })
  }

  /** Whether it is to go on. */
  #judge(candidate: Candidate, verdict: Verdict): boolean {
    if (verdict === 'more') return true
    if (verdict === 'no') return false
    this.#mask({ ...verdict, finding: candidate.finding })
    return candidate.isOpen
  }

  /** Masks that overlap are one, called as the first of them is. */
  #mask(mask: Mask): void {
    if (mask.end <= mask.start) return
    let place = this.#masks.length
    while (place > 0 && (this.#masks[place - 1]?.start ?? 0) >= mask.end) place -= 1
    let whole = mask
    let first = place
    for (let other = this.#masks[first - 1]; other !== undefined && other.end > whole.start;) {
      const { finding } = [whole, other].toSorted(byStart)[0] ?? whole
      const start = Math.min(whole.start, other.start)
      whole = { start, end: Math.max(whole.end, other.end), finding }
      first -= 1
      other = this.#masks[first - 1]
    }
    this.#masks.splice(first, place - first, whole)
  }

  /** Up to here all is known. */
  #limit(): number {
    let limit = this.#end - this.#value.held
    for (const [index, automaton] of this.#automata.entries())
      limit = Math.min(limit, this.#end - automaton.heldAt(this.#states[index] ?? 0))
    for (const { isOpen, start } of this.#candidates) if (!isOpen) limit = Math.min(limit, start)
    return limit
  }

  /** Keeps what may have to be looked at again. */
  #keep(limit: number): void {
    const needed = this.#end - limit + lookBehind
    if (this.#bytes.length < needed) {
      const all = Buffer.concat([this.#before, this.#bytes])
      this.#before = all.subarray(Math.max(0, all.length - needed))
    } else this.#before = this.#bytes
  }

  #release(limit: number): readonly Piece[] {
    const count = this.#waiting.findIndex(({ end }) => end > limit)
    const ready = this.#waiting.splice(0, count === -1 ? this.#waiting.length : count)
    let next = 0
    const pieces = ready.map(({ piece, start, end }) => {
      const parts: Uint8Array[] = []
      let position = Math.min(end, Math.max(start, this.#maskedTo))
      for (let mask = this.#masks[next]; mask !== undefined && mask.start < end; mask = this.#masks[next]) {
        // One that began in an earlier piece has its placeholder there.
        if (mask.start >= start && mask.start >= this.#maskedTo) {
          parts.push(piece.bytes.subarray(position - start, mask.start - start), placeholder)
          if (mask.finding !== null) this.#observer.report(mask.finding)
        }
        this.#maskedTo = Math.max(this.#maskedTo, mask.end)
        position = Math.min(end, Math.max(position, this.#maskedTo))
        next += 1
      }
      if (parts.length === 0 && position === start) return piece
      return { ...piece, bytes: Buffer.concat([...parts, piece.bytes.subarray(position - start)]) }
    })
    this.#masks.splice(0, next)
    return pieces
  }
}

/** Of two that begin at one place, the one that is known to be secret goes first. */
function byStart(one: Mask, other: Mask): number {
  return one.start - other.start || Number(one.finding !== null) - Number(other.finding !== null)
}
