/** HAR 1.2, as browsers and Polly.js write it. http://www.softwareishard.com/blog/har-12-spec */
import { textOrBytes } from '../http.ts'
import {
  type Body,
  type Chunk,
  type Ending,
  type HeaderList,
  headerOf,
  type Interaction,
} from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { type Exchange, lostRequestBody, lostResponseBody, type Reading } from './reading.ts'
import {
  date,
  type Entry,
  field,
  fields,
  fromBase64,
  isFields,
  isHex,
  items,
  milliseconds,
  number,
  requiredText,
  status,
  text,
} from './values.ts'

export const har: ForeignFormat = {
  name: 'har',
  matches: (root) => isFields(root) && isFields(root['log']) && Array.isArray(root['log']['entries']),
  read: (root, reading) =>
    items(field(field(root, 'log'), 'entries')).map((entry, id) => readEntry(entry, id, reading)),
}

function readEntry(entry: Entry, id: number, reading: Reading): Interaction {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const { duration, end } = timesOf(entry)
  if (field(entry, '_webSocketMessages').value !== undefined) {
    reading.warn('the messages of a WebSocket are left out; only its first request is kept')
  }
  const code = number(field(response, 'status')) ?? 0
  const headers = headerPairs(field(response, 'headers'))
  const startedAt = date(field(entry, 'startedDateTime'))
  const interaction = reading.interaction(
    {
      method: requiredText(field(request, 'method')),
      url: requiredText(field(request, 'url')),
      requestHeaders: headerPairs(field(request, 'headers')),
      requestBody: postedBody(field(request, 'postData'), reading),
      status: code === 0 ? 0 : status(field(response, 'status')),
      statusText: text(field(response, 'statusText')) ?? '',
      headers,
      ...(code === 0 ? { body: '' } : contentOf(field(response, 'content'), headers, reading)),
      // What has no time at all was written as 1970.
      startedAt: startedAt === 0 ? null : startedAt,
      duration,
      chunks: ownChunks(field(entry, '_chunks')),
      ending: endingOf(entry, end, code),
    },
    id,
  )
  return code === 0 ? { ...interaction, response: null } : interaction
}

/** Milliseconds until the response's head, and until its end. Phases that did not take place are -1. */
function timesOf(entry: Entry): { readonly duration: number; readonly end: number } {
  const timings = field(entry, 'timings')
  const took = (phase: string): number => milliseconds(field(timings, phase)) ?? 0
  // `ssl` is part of `connect`.
  const phases = ['blocked', 'dns', 'connect', 'send', 'wait']
  const duration = rounded(phases.reduce((sum, phase) => sum + took(phase), 0))
  return {
    duration,
    end: rounded(Math.max(duration + took('receive'), milliseconds(field(entry, 'time')) ?? 0)),
  }
}

function rounded(time: number): number {
  return Math.round(time * 1e6) / 1e6
}

/** `_ending` is our own; browsers say in `_error` or `_failureText` why a request has no status. */
function endingOf(entry: Entry, end: number, code: number): Ending {
  const own = field(entry, '_ending')
  const response = field(entry, 'response')
  const message = text(field(response, '_error')) ?? text(field(response, '_failureText'))
  const reason = text(field(own, 'reason')) ?? 'AbortError'
  switch (text(field(own, 'type'))) {
    case 'abort':
      return { type: 'abort', at: end, reason }
    case 'unfinished':
      return { type: 'unfinished', at: end }
    case 'error':
      return {
        type: 'error',
        at: end,
        code: text(field(own, 'code')) ?? null,
        message: text(field(own, 'message')) ?? '',
      }
    case undefined:
    default:
      if (code !== 0) return { type: 'end', at: end }
      return { type: 'error', at: end, code: null, message: message ?? 'There was no response.' }
  }
}

function ownChunks(entry: Entry): readonly Chunk[] | null {
  if (!Array.isArray(entry.value)) return null
  return items(entry).map((chunk) => ({
    length: number(field(chunk, 'length')) ?? 0,
    at: milliseconds(field(chunk, 'at')) ?? 0,
  }))
}

function headerPairs(entry: Entry): HeaderList {
  return items(entry).map((header) => [text(field(header, 'name')) ?? '', text(field(header, 'value')) ?? ''])
}

/**
 * A form may be kept as its fields only. Polly leaves out what it was not given as a text; Cody's recorder turns texts of
 * JSON into `textJSON`.
 */
function postedBody(posted: Entry, reading: Reading): Body {
  const body = text(field(posted, 'text'))
  if (body !== undefined) return text(field(posted, '_encoding')) === 'base64' ? fromBase64(body) : body
  const parsed = field(posted, 'textJSON').value
  if (parsed !== undefined) return reading.parsedJson(parsed)
  const type = text(field(posted, 'mimeType')) ?? ''
  const params = items(field(posted, 'params'))
  if (type !== '' && (params.length === 0 || type.startsWith('multipart/'))) {
    reading.warn(lostRequestBody)
  }
  const form = params.map((one) => [text(field(one, 'name')) ?? '', text(field(one, 'value')) ?? ''])
  return new URLSearchParams(form).toString()
}

function contentOf(
  content: Entry,
  headers: HeaderList,
  reading: Reading,
): Pick<Exchange, 'body' | 'otherwise'> {
  const body = text(field(content, 'text'))
  if (body === undefined) {
    const isLost = (number(field(content, 'size')) ?? 0) > 0
    if (isLost && fields(content).length > 0) reading.warn(lostResponseBody)
    return { body: '' }
  }
  const isBase64 = text(field(content, 'encoding')) === 'base64'
  const pieces = headerOf(headers, 'content-encoding') === undefined ? undefined : piecesOf(body)
  if (pieces === undefined) return { body: isBase64 ? fromBase64(body) : body }
  if (isBase64) return { body: fromPieces(pieces, 'base64') }
  return pieces.every(isHex) ? { body: fromPieces(pieces, 'hex'), otherwise: body } : { body }
}

/** Polly keeps a packed body as a list of its chunks, in a text of JSON; long ago in hexadecimal. */
function piecesOf(body: string): readonly string[] | undefined {
  if (!body.startsWith('["')) return undefined
  try {
    const list: unknown = JSON.parse(body)
    return Array.isArray(list) && list.every((piece) => typeof piece === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function fromPieces(pieces: readonly string[], encoding: 'base64' | 'hex'): Body {
  return textOrBytes(Buffer.concat(pieces.map((piece) => Buffer.from(piece, encoding))))
}
