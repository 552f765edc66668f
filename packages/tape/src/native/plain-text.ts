/** Reads the texts of lines at once, where all of them are as Playhead writes text: a parse of every line costs more. */
import { isUtf8 } from 'node:buffer'
import type { StoredPiece } from './format.ts'

/**
 * The text of `chunk` lines that hold nothing but text; undefined where one may hold more, or is written in another way.
 * What ends a line and starts the next one stands in no text: there, a quote has a backslash before it.
 */
export function plainText(lines: Buffer): string | undefined {
  const plain = plainLines(lines)
  if (plain === undefined) return undefined
  return parsed(plain.all.slice(plain.start.length - 1, 1 - end.length).replaceAll(borders, '')) as
    | string
    | undefined
}

/** The same, piece by piece. */
export function plainPieces(lines: Buffer): readonly StoredPiece[] | undefined {
  const plain = plainLines(lines)
  if (plain === undefined) return undefined
  const { all, start, at } = plain
  const texts = all.slice(start.length, -end.length).replaceAll(borders, '",$1,"')
  const values = parsed(`[${at},"${texts}"]`) as readonly (number & string)[] | undefined
  if (values === undefined) return undefined
  return Array.from({ length: values.length / 2 }, (_, place) => ({
    at: values[2 * place] ?? 0,
    data: values[2 * place + 1] ?? '',
  }))
}

const end = '"}\n'
const whole = String.raw`(?:0|[1-9]\d*)`
const lineStart = String.raw`\{"type":"chunk","id":${whole},"at":(${whole}(?:\.\d+)?),"text":"`
const firstStart = new RegExp(`^${lineStart}`)
// A quote that has a backslash before it ends no text. Looking back comes late: what is sought is found by its first bytes.
const borders = new RegExp(String.raw`"\}\n(?<!\\"\}\n)${lineStart}`, 'g')

interface PlainLines {
  readonly all: string
  /** What stands before the first text. */
  readonly start: string
  /** The first one's time. */
  readonly at: string
}

function plainLines(lines: Buffer): PlainLines | undefined {
  if (!isUtf8(lines)) return undefined
  const all = lines.toString()
  const [start, at] = firstStart.exec(all) ?? []
  return start === undefined || at === undefined || !all.endsWith(end) ? undefined : { all, start, at }
}

/** Undefined where another field stands beside a text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
