/** What a request's body says, in whatever way it is written. */
import { hash } from 'node:crypto'
import { type Body, contentType, type HeaderList } from './interaction.ts'

/** `value` is JSON. Two bodies say the same exactly when type and value are equal, objects in any order of their keys. */
export interface Content {
  readonly type: string
  readonly value: unknown
}

/** Reads a body. Where no header says what it is, as on tapes that keep few, its own look does. */
export function readContent(body: Body, headers: HeaderList = []): Content {
  const kind = contentType(headers)
  if (typeof body !== 'string') return readBytes(body, kind)
  return (
    readJson(body) ??
    (isOr(kind, formType) ? readForm(body) : undefined) ??
    (isOr(kind, multipartType) ? readParts(body) : undefined) ?? { type: 'text', value: body }
  )
}

const formType = 'application/x-www-form-urlencoded'
const multipartType = 'multipart/'

function isOr(kind: string, type: string): boolean {
  return kind === '' || kind.startsWith(type)
}

/** Each byte is one character of Latin-1. */
function readBytes(body: Uint8Array, kind: string): Content {
  const parts = isOr(kind, multipartType) && body[0] === dash ? readParts(latin1(body)) : undefined
  if (parts === undefined) return { type: 'bytes', value: textOf(body) }
  return { type: 'multipart-bytes', value: parts.value }
}

const dash = 0x2d

/** A text holds no more bytes than this in base64; more are told by their digest. */
const mostInText = 2 ** 28

function textOf(body: Uint8Array): string {
  if (body.length > mostInText) return hash('sha256', body, 'base64')
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
}

function latin1(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
}

/** Levels of JSON. What is nested more deeply is a text to us: the stack is finite. */
export const deepest = 500

function readJson(body: string): Content | undefined {
  // Failing to parse costs more than parsing: most texts do not look like it.
  if (!/^\s*[[{"\-\dtfn]/.test(body)) return undefined
  try {
    const value: unknown = longNumber.test(body) ? JSON.parse(body, exactly) : JSON.parse(body)
    return isShallow(value, deepest) ? { type: 'json', value } : undefined
  } catch {
    return undefined
  }
}

const longNumber = /(^|[[:,\s-])\d{16}/

/** A whole number that is too large for a number of ours is its digits, marked as what no text begins with. */
function exactly(_key: string, value: unknown, { source = '' }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? `\0${source}`
    : value
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const child of value as readonly unknown[]) if (!isShallow(child, levels - 1)) return false
    return true
  }
  const object = value as Readonly<Record<string, unknown>>
  for (const key in object) if (!isShallow(object[key], levels - 1)) return false
  return true
}

/** `a=1&b=2`, with names that forms have. */
const form = /^[\w.~*%+[\]-]+=[^\s&]*(&[^\s&=]+=[^\s&]*)*&?$/

/** The values of each name in their order: a form is read by its names, whose order differs between programs. */
function readForm(body: string): Content | undefined {
  if (!form.test(body)) return undefined
  const pairs = [...new URLSearchParams(body)]
  // What is no UTF-8 is not told apart once it is decoded.
  if (pairs.some((pair) => pair.join('').includes('\u{fffd}'))) return undefined
  const values = Object.groupBy(pairs, ([name]) => name)
  const entries = Object.entries(values).map(([name, own = []]) => [name, own.map(([, value]) => value)])
  return { type: 'form', value: Object.fromEntries(entries) }
}

/** The parts with their headers, without the boundary between them, which is another in each request. RFC 2046 §5.1.1 */
function readParts(body: string): Content | undefined {
  const [start, boundary = ''] = /^--([^\r\n]{1,70})\r\n/.exec(body) ?? []
  if (start === undefined) return undefined
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`)
  const end = parts.pop()
  if (end === undefined || !/^--\s*$/.test(end)) return undefined
  return { type: 'multipart', value: parts }
}
