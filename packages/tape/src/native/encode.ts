/** Writes the lines of a native tape. `type`, `id` and the keys stand first: an index is built without parsing the rest. */
import { isUtf8 } from 'node:buffer'
import type { About } from '../cassette.ts'
import type { Body, Ending, FormatFields, RecordedHead, RecordedRequest } from '../interaction.ts'
import { largestPiece, type StoredBody, type StoredKeys, tapeVersion } from './format.ts'

export function encodeHeader(about: About, matcher: string): string {
  const { recordedAt, normalise, parent, yaml } = about
  return line({
    type: 'tape',
    version: tapeVersion,
    recordedAt: dateText(recordedAt),
    matcher,
    normalise,
    parent,
    yaml,
  })
}

export function encodeRequest(
  id: number,
  { key, exact }: StoredKeys,
  startedAt: number | null,
  request: RecordedRequest,
  body: StoredBody,
): string {
  const { method, url, headers, extra } = request
  const at = dateText(startedAt)
  const keys = { key, ...(exact !== null && { exact }) }
  return line({ type: 'request', id, ...keys, at, method, url, headers, extra, body })
}

export function encodeHead(id: number, head: RecordedHead, extra?: FormatFields): string {
  const { duration, status, statusText, headers } = head
  return line({ type: 'response', id, at: timeOf(duration), status, statusText, headers, extra })
}

/** Something that somebody says about the recording. */
export function encodeNote(value: unknown, at: number): string {
  return line({ type: 'note', at: dateText(at), note: value })
}

/** A piece of a body, on several lines where it is very large. */
export function encodeChunk(id: number, bytes: Uint8Array, at: number): string {
  if (bytes.length <= largestPiece) return chunkLine(id, bytes, at)
  let lines = ''
  for (let start = 0; start < bytes.length; start += largestPiece)
    lines += chunkLine(id, bytes.subarray(start, start + largestPiece), at)
  return lines
}

function chunkLine(id: number, bytes: Uint8Array, at: number): string {
  const start = `{"type":"chunk","id":${id},"at":${timeOf(at)},`
  if (isUtf8(bytes)) return `${start}"text":${JSON.stringify(textOf(bytes))}}\n`
  const [from, to] = wholeCharacters(bytes)
  const text = bytes.subarray(from, to)
  if (to <= from || !isUtf8(text)) return `${start}"base64":"${base64Of(bytes)}"}\n`
  const before = from === 0 ? '' : `"before":"${base64Of(bytes.subarray(0, from))}",`
  const after = to === bytes.length ? '' : `,"after":"${base64Of(bytes.subarray(to))}"`
  return `${start}${before}"text":${JSON.stringify(textOf(text))}${after}}\n`
}

/** Where in a piece of a text the first character starts and the last one ends, if the cuts were within characters. */
function wholeCharacters(bytes: Uint8Array): readonly [from: number, to: number] {
  let from = 0
  while (from < 3 && isContinuation(bytes[from])) from++
  let last = bytes.length - 1
  while (last > bytes.length - 4 && isContinuation(bytes[last])) last--
  const first = bytes[last] ?? 0
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  return [from, last + length > bytes.length ? last : bytes.length]
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** A whole body whose pieces were not kept; several lines where it is very large. */
export function* encodeBody(id: number, body: Body): Iterable<string> {
  let start = 0
  do {
    const end = pieceEnd(body, start + largestPiece)
    const piece = body.slice(start, end)
    const data = typeof piece === 'string' ? { text: piece } : { base64: base64Of(piece) }
    yield line({ type: 'body', id, ...data })
    start = end
  } while (start < body.length)
}

/** Not within a character. */
function pieceEnd(body: Body, end: number): number {
  const isWithin = typeof body === 'string' && /^[\uDC00-\uDFFF]/.test(body.slice(end, end + 1))
  return isWithin ? end + 1 : end
}

/** How an exchange ended, and how many bytes its body has. */
export function encodeEnding(id: number, ending: Ending, bytes: number): string {
  const { type, at, ...rest } = ending
  return line({ type, id, at: timeOf(at), ...rest, bytes })
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/** JSON has no infinities. */
function timeOf(at: number): number {
  return Number.isFinite(at) ? at : 0
}

/** With milliseconds; null for what is no date. */
function dateText(time: number | null): string | null {
  const date = new Date(time ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function line(fact: object): string {
  return `${JSON.stringify(fact)}\n`
}
