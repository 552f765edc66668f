/** httprr, as Go's own programs record: each request and response in the bytes of HTTP/1.1, and no times. */
import { TapeError } from '../error.ts'
import { textOrBytes } from '../http.ts'
import { type HeaderList, headerOf, type Interaction } from '../interaction.ts'
import type { Exchange, Reading } from './reading.ts'

const start = 'httprr trace v1'

/** Whether a file says in its first line that it is one. */
export function isHttprr(content: string | Uint8Array): boolean {
  return Buffer.from(content.slice(0, start.length)).toString('latin1') === start
}

/** Throws a TapeError with the line of the recording at fault. */
export function readHttprr(content: string | Uint8Array, file: string, reading: Reading): Interaction[] {
  const bytes = Buffer.from(content)
  const found: Interaction[] = []
  for (let at = lineAt(bytes, 0).end; at < bytes.length;) {
    const recording = recordingAt(bytes, at)
    if (recording === undefined) throw broken(bytes, at, file)
    found.push(reading.interaction(recording.exchange, found.length))
    at = recording.end
  }
  return found
}

function broken(bytes: Buffer, at: number, file: string): TapeError {
  const line = bytes.toString('latin1', 0, at).split('\n').length
  const sentence =
    'what starts here is no request to a URL and its response, in the lengths that this line says; record it again.'
  return new TapeError('unreadable', sentence, { file, line })
}

interface Recording {
  readonly exchange: Exchange
  readonly end: number
}

/** A line with the lengths of a request and its response, then these. */
function recordingAt(bytes: Buffer, at: number): Recording | undefined {
  const lengths = lineAt(bytes, at)
  const [, ofRequest, ofResponse] = /^(\d{1,9}) (\d{1,9})$/.exec(lengths.line) ?? []
  const middle = lengths.end + Number(ofRequest)
  const end = middle + Number(ofResponse)
  // Also where there are no lengths.
  if (!(end <= bytes.length)) return undefined
  const request = messageOf(bytes.subarray(lengths.end, middle))
  const response = messageOf(bytes.subarray(middle, end))
  const [, method, url] = /^(\S+) ([a-z]+:\/\/\S+) HTTP\/[\d.]+$/i.exec(request?.line ?? '') ?? []
  const [, code, reason] = /^HTTP\/[\d.]+ ([1-9]\d\d)(?: (.*))?$/.exec(response?.line ?? '') ?? []
  if (!request || !response || method === undefined || url === undefined) return undefined
  if (code === undefined) return undefined
  const exchange = {
    method,
    url,
    requestHeaders: request.headers,
    requestBody: textOrBytes(request.body),
    status: Number(code),
    statusText: reason ?? '',
    headers: response.headers,
    body: textOrBytes(response.body),
  }
  return { exchange, end }
}

interface Message {
  /** The first one: the request's, or that of the status. */
  readonly line: string
  readonly headers: HeaderList
  readonly body: Uint8Array
}

function messageOf(bytes: Buffer): Message | undefined {
  const first = lineAt(bytes, 0)
  const headers: (readonly [string, string])[] = []
  let next = lineAt(bytes, first.end)
  for (; next.line !== ''; next = lineAt(bytes, next.end)) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*)$/.exec(next.line) ?? []
    if (name === undefined || value === undefined) return undefined
    headers.push([name, value.trimEnd()])
  }
  const body = bodyOf(bytes.subarray(next.end), headers)
  return body && { line: first.line, headers, body }
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function bodyOf(bytes: Buffer, headers: HeaderList): Uint8Array | undefined {
  if (/chunked/i.test(headerOf(headers, 'transfer-encoding') ?? '')) return withoutChunks(bytes)
  const length = headerOf(headers, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? bytes.subarray(0, Number(length)) : bytes
}

/** Each chunk has a line with its length before it, in hexadecimal, and an empty line behind it. The last has none. */
function withoutChunks(bytes: Buffer): Uint8Array | undefined {
  const chunks: Uint8Array[] = []
  for (let at = 0; ;) {
    const { line, end } = lineAt(bytes, at)
    const [, size] = /^([\da-f]{1,8})(?:$|[\s;])/i.exec(line) ?? []
    const length = Number.parseInt(size ?? '', 16)
    if (length === 0) return Buffer.concat(chunks)
    // Also where there is no length.
    if (!(end + length < bytes.length)) return undefined
    chunks.push(bytes.subarray(end, end + length))
    at = lineAt(bytes, end + length).end
  }
}

/** The line that starts at a place, and where it ends. What is no text becomes a character for each byte. */
function lineAt(bytes: Buffer, at: number): { readonly line: string; readonly end: number } {
  const found = bytes.indexOf('\n', at)
  const end = found < 0 ? bytes.length : found + 1
  return { line: bytes.toString('latin1', at, end).replace(/\r?\n$/, ''), end }
}
