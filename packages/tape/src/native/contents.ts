/** What stands where on a tape: an index, built in one pass that parses nothing but the first line. */
import { fstatSync } from 'node:fs'
import { decodeHeader, fieldsOf, type Fields, LineError } from './decode.ts'
import {
  endingTypes,
  type FactType,
  factTypes,
  isNativeTape,
  noKeys,
  type StoredKeys,
  type TapeHeader,
} from './format.ts'
import { readSpan, scanLines, type Span } from './scan.ts'

/** Where the lines of an exchange are. */
export interface Entry {
  readonly place: number
  readonly id: number
  readonly keys: StoredKeys
  readonly request: Span
  response: Span | null
  /** Of the lines seen so far: once all are, how it ended, if it did. */
  last: Span
  isOver: boolean
  /** Where its body is: starts and ends of lines that follow each other, in turn. */
  readonly body: number[]
}

export interface Contents {
  readonly header: TapeHeader
  readonly entries: readonly Entry[]
  /** One that no line has yet. */
  readonly nextId: number
  /** Bytes of the file that are a tape; a torn last line comes after. */
  readonly size: number
  /** Whether the last line is whole and only lacks its end. */
  readonly isUnended: boolean
  readonly warnings: readonly string[]
}

/** A line of a type that means nothing here: a note. */
export interface OtherLine {
  readonly line: Span
  /** The request that it names. */
  readonly entry: Entry | undefined
  /** How many requests stand before it. */
  readonly after: number
}

/** Reads what is on a tape. Throws a LineError where it is none. */
export function readContents(file: number, seeOther: (other: OtherLine) => void = () => {}): Contents {
  const { size } = fstatSync(file)
  const reader = new ContentsReader(file, seeOther)
  const rest = scanLines(file, size, (block, from, line) => reader.visit(block, from, line))
  const isUnended = rest < size && reader.takeRest({ start: rest, end: size })
  return { ...reader.finish(), isUnended, size: isUnended ? size : rest }
}

/** A line longer than this that is not one of ours is not looked at. */
const longestUnknown = 2 ** 28
const mostWarnings = 20

class ContentsReader {
  readonly #file: number
  readonly #seeOther: (other: OtherLine) => void
  readonly #entries: Entry[] = []
  readonly #byId = new Map<number, Entry>()
  readonly #warnings: string[] = []
  #header: TapeHeader | undefined
  #lines = 0
  #warned = 0
  #nextId = 0

  constructor(file: number, seeOther: (other: OtherLine) => void) {
    this.#file = file
    this.#seeOther = seeOther
  }

  visit(block: Buffer, from: number, line: Span): void {
    this.#lines++
    if (this.#header === undefined) this.#header = readHeader(block.subarray(from), this.#file, line)
    else if (!this.#takeKnown(block, from, line)) this.#takeAny(line)
  }

  /** The last line, which has no end: it may be whole all the same. */
  takeRest(line: Span): boolean {
    this.#lines++
    try {
      if (this.#header === undefined) this.#header = readHeader(undefined, this.#file, line)
      else this.#takeFields(lineFields(this.#file, line), line)
      return true
    } catch (error) {
      if (!(error instanceof LineError) || this.#header === undefined) throw error
      this.#warn('is torn and left out: whoever recorded this was stopped while writing it')
      return false
    }
  }

  finish(): Pick<Contents, 'header' | 'entries' | 'nextId' | 'warnings'> {
    if (this.#header === undefined) throw new LineError('it is empty')
    const more = this.#warned - this.#warnings.length
    if (more > 0) this.#warnings.push(`and ${more} more lines`)
    return {
      header: this.#header,
      entries: this.#entries,
      nextId: this.#nextId,
      warnings: this.#warnings,
    }
  }

  /** Takes a line as Playhead writes it. */
  #takeKnown(block: Buffer, from: number, line: Span): boolean {
    const known = prefixes.find(({ bytes }) => stands(bytes, block, from))
    if (known === undefined) return false
    let at = from + known.bytes.length
    let id = 0
    for (let digit = digitAt(block, at); digit !== -1; digit = digitAt(block, ++at)) id = id * 10 + digit
    if (at - from - known.bytes.length > 15 || (block[at] !== comma && block[at] !== brace)) return false
    const keys = known.type === 'request' ? keysAt(block, at) : noKeys
    if (keys === undefined) return false
    this.#take(known.type, id, keys, line)
    return true
  }

  /** Takes a line that somebody else wrote, or one of a type that is not known. */
  #takeAny(line: Span): void {
    if (line.end === line.start) return
    try {
      this.#takeFields(lineFields(this.#file, line), line)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      this.#warn(`is left out: ${error.message}`)
    }
  }

  #takeFields({ type, id, key = null, exact }: Fields, line: Span): void {
    const known = factTypes.find((each) => each === type)
    if (known === undefined) {
      const entry = typeof id === 'number' ? this.#byId.get(id) : undefined
      return this.#seeOther({ line, entry, after: this.#entries.length })
    }
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
      throw new LineError('its "id" is not a number')
    if (key !== null && typeof key !== 'string') throw new LineError('its "key" is not a text')
    const keys = key === null ? noKeys : { key, exact: typeof exact === 'string' ? exact : null }
    this.#take(known, id, keys, line)
  }

  #take(type: FactType, id: number, keys: StoredKeys, line: Span): void {
    if (type === 'request') return this.#begin(id, keys, line)
    const entry = this.#byId.get(id)
    if (entry === undefined || entry.isOver)
      return this.#warn(`is left out: no request ${id} is waiting for it`)
    if (type === 'response') entry.response ??= line
    if (type === 'chunk' || type === 'body') addLine(entry.body, line)
    entry.last = line
    entry.isOver = endingTypes.has(type)
  }

  #begin(id: number, keys: StoredKeys, request: Span): void {
    if (this.#byId.has(id)) this.#warn(`has the id ${id} of an earlier request`)
    const place = this.#entries.length
    const entry = { place, id, keys, request, response: null, last: request, isOver: false, body: [] }
    this.#entries.push(entry)
    this.#byId.set(id, entry)
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  #warn(what: string): void {
    this.#warned++
    if (this.#warnings.length < mostWarnings) this.#warnings.push(`line ${this.#lines} ${what}`)
  }
}

/** A foreign file's first line can be all of it: it is read only where its first bytes look right. */
function readHeader(shown: Buffer | undefined, file: number, line: Span): TapeHeader {
  const isTape = shown === undefined || isNativeTape(shown)
  const fields = isTape ? lineFields(file, line) : {}
  if (fields['type'] !== 'tape') throw new LineError('it is no tape: its first line is not {"type":"tape",…}')
  return decodeHeader(fields)
}

function lineFields(file: number, line: Span): Fields {
  if (line.end - line.start > longestUnknown) throw new LineError('it is too long')
  const bytes = readSpan(file, line)
  // Editors put a mark at the start of a file.
  return fieldsOf(line.start === 0 && bytes[0] === 0xef ? bytes.subarray(3) : bytes)
}

const comma = 44
const brace = 125
const quote = 34

/** How the lines start that Playhead writes. */
const prefixes = factTypes.map((type) => ({ type, bytes: Buffer.from(`{"type":"${type}","id":`) }))

/** Whether these bytes stand there; the last ones are looked at first, because the lines differ there. */
function stands(bytes: Buffer, block: Buffer, from: number): boolean {
  for (let at = bytes.length - 1; at >= 0; at--) if (block[from + at] !== bytes[at]) return false
  return true
}

function digitAt(block: Buffer, at: number): number {
  const digit = (block[at] ?? 0) - 48
  return digit >= 0 && digit <= 9 ? digit : -1
}

const noKey = Buffer.from(',"key":null,')
const keyStart = Buffer.from(',"key":"')
const exactStart = Buffer.from('","exact":"')
const digestLength = 22

/** A request's keys as Playhead writes them; undefined where anything else stands in the first one's place. */
function keysAt(block: Buffer, at: number): StoredKeys | undefined {
  if (stands(noKey, block, at)) return noKeys
  const key = digestAt(keyStart, block, at)
  if (key === undefined) return undefined
  return { key, exact: digestAt(exactStart, block, at + keyStart.length + digestLength) ?? null }
}

function digestAt(start: Buffer, block: Buffer, at: number): string | undefined {
  const from = at + start.length
  const to = from + digestLength
  if (!stands(start, block, at) || block[to] !== quote) return undefined
  const text = block.toString('latin1', from, to)
  return /^[\w-]+$/.test(text) ? text : undefined
}

/** Joins a line to the lines that it follows. */
function addLine(spans: number[], { start, end }: Span): void {
  if (spans.at(-1) === start) spans[spans.length - 1] = end + 1
  else spans.push(start, end + 1)
}
