/** Reads the head of a response: status, headers, and how its body ends. https://www.rfc-editor.org/rfc/rfc9112 */
import { type BodyReader, CountedBody, OpenBody } from './body.ts'
import { ChunkedBody } from './chunked-body.ts'
import type { ResponseHead } from './transport.ts'

/** A head and what follows from it. */
export interface ReadHead {
  readonly head: ResponseHead
  /** Null for no body. */
  readonly body: BodyReader | null
  /** How long the connection can be used for another request, in milliseconds; 0: not at all, null: it does not say. */
  readonly keptFor: number | null
}

/** A response that breaks the rules; the message goes on from "its answer breaks HTTP: ". */
export class HeadProblem extends Error {}

/** Reads a head without the empty line at its end. Throws a HeadProblem. */
export function readHead(text: string): ReadHead {
  const end = text.indexOf('\r\n')
  const [, minor, code] = statusLine.exec(end === -1 ? text : text.slice(0, end)) ?? []
  if (code === undefined) throw new HeadProblem('it does not begin with a status')
  const status = Number(code)
  const headers = end === -1 ? [] : readHeaders(text, end + 2)
  const framing = framingOf(headers)
  const body = bodyOf(status, framing)
  const isKept =
    minor === '1' ? !framing.connection.includes('close') : framing.connection.includes('keep-alive')
  const canFollow = isKept && body?.endsWithConnection !== true && !framing.isAmbiguous
  return { head: { status, headers }, body, keptFor: canFollow ? framing.keptFor : 0 }
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n\0]*)?$/

function readHeaders(text: string, start: number): readonly (readonly [string, string])[] {
  // A line that goes on in the next one: obsolete, and read as a space.
  const isFolded = text.includes('\n ', start) || text.includes('\n\t', start)
  const lines = isFolded ? text.slice(start).replaceAll(/\r\n[\t ]+/g, ' ') : text
  const headers: (readonly [string, string])[] = []
  for (let at = isFolded ? 0 : start; at < lines.length;) {
    const next = lines.indexOf('\r\n', at)
    const end = next === -1 ? lines.length : next
    headers.push(readHeader(lines.slice(at, end)))
    at = end + 2
  }
  return headers
}

function readHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  const value = line.slice(colon + 1).trim()
  if (!token.test(name)) throw new HeadProblem('a header has no proper name')
  if (forbidden.test(value)) throw new HeadProblem('a header holds a line break or another control character')
  return [name.toLowerCase(), value]
}

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
// oxlint-disable-next-line no-control-regex -- what must not be there
const forbidden = /[\0-\u0008\u000a-\u001f\u007f]/

/** What headers say about where the body ends. */
interface Framing {
  readonly isChunked: boolean
  readonly length: number | null
  /** Whether the head says it in two ways, so that another reader may see the end elsewhere. */
  readonly isAmbiguous: boolean
  readonly connection: readonly string[]
  readonly keptFor: number | null
}

function framingOf(headers: ResponseHead['headers']): Framing {
  let coding: string | null = null
  let length: string | null = null
  const connection: string[] = []
  let keptFor: number | null = null
  for (const [name, value] of headers) {
    if (name === 'transfer-encoding') coding = coding === null ? value : `${coding}, ${value}`
    else if (name === 'content-length') length = length === null ? value : `${length}, ${value}`
    else if (name === 'connection') connection.push(...tokensOf(value))
    else if (name === 'keep-alive') keptFor = keptForBy(value)
  }
  const isChunked = coding !== null
  if (coding !== null && coding.toLowerCase() !== 'chunked') {
    throw new HeadProblem(`its transfer coding is not "chunked"`)
  }
  return {
    isChunked,
    length: lengthOf(length),
    isAmbiguous: isChunked && length !== null,
    connection,
    keptFor,
  }
}

function tokensOf(value: string): readonly string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
}

/** Servers repeat it; then all must say the same. */
function lengthOf(value: string | null): number | null {
  if (value === null) return null
  if (digits.test(value)) return Number(value)
  const [first = '', ...others] = tokensOf(value)
  if (!digits.test(first) || others.some((other) => other !== first)) {
    throw new HeadProblem('its content-length is not one number')
  }
  return Number(first)
}

const digits = /^\d{1,15}$/

/** A server closes what it said it would keep no longer: it is left alone a while before. */
function keptForBy(value: string): number | null {
  const seconds = /(?:^|[,\s])timeout="?(\d{1,6})/i.exec(value)?.[1]
  return seconds === undefined ? null : Math.max(0, Number(seconds) * 1000 - margin)
}

const margin = 4000

/** A response to GET or POST: https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function bodyOf(status: number, { isChunked, length }: Framing): BodyReader | null {
  if (status < 200 || status === 204 || status === 304) return null
  if (isChunked) return new ChunkedBody()
  if (length === null) return new OpenBody()
  return length === 0 ? null : new CountedBody(length)
}
