/** nock's recorder and `nock.back`: a list of what each request is answered with. */
import { textOrBytes } from '../http.ts'
import { type Body, contentType, type HeaderList, headerOf } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { type Exchange, keptParsed } from './reading.ts'
import {
  type Entry,
  field,
  fieldOf,
  headerMap,
  isAbsent,
  isFields,
  isHex,
  items,
  requiredText,
  status,
  text,
  unfit,
} from './values.ts'

export const nock: ForeignFormat = {
  name: 'nock',
  matches: (root) =>
    Array.isArray(root) && root.every((one) => isFields(one) && 'scope' in one && 'path' in one),
  read: (root, reading) =>
    items(root).map((entry, id) => {
      if (!isKept(field(entry, 'response')) || !isKept(field(entry, 'body'))) {
        reading.warn(keptParsed)
      }
      return reading.interaction(readExchange(entry), id)
    }),
}

function readExchange(entry: Entry): Exchange {
  const headers = rawHeaders(fieldOf(entry, 'rawHeaders', 'headers'))
  const requestHeaders = headerMap(field(entry, 'reqheaders'))
  return {
    method: text(field(entry, 'method')) ?? 'GET',
    url: requiredText(field(entry, 'scope')).replace(defaultPort, '$1') + requiredText(field(entry, 'path')),
    requestHeaders,
    requestBody: requestBodyOf(field(entry, 'body'), requestHeaders),
    status: status(fieldOf(entry, 'status', 'reply')),
    statusText: '',
    headers,
    body: bodyOf(field(entry, 'response'), headers, field(entry, 'responseIsBinary').value === true),
  }
}

/** nock writes out the port that every URL leaves out. */
const defaultPort = /^(https:\/\/[^/]*(?=:443$)|http:\/\/[^/]*(?=:80$)):\d+$/

/** Names and values in turn, as Node has them, or since nock 14 a map. */
function rawHeaders(entry: Entry): HeaderList {
  if (!Array.isArray(entry.value)) return headerMap(entry)
  const list = items(entry)
  if (list.length % 2 === 1) return unfit(entry, 'must be names and values in turn.')
  return list.flatMap((name, i) =>
    i % 2 === 0 ? [[text(name) ?? '', text(list[i + 1] ?? name) ?? ''] as const] : [],
  )
}

/** Whether a body stands there as it was: a text, bytes, or the packed pieces of them. */
function isKept({ value }: Entry): boolean {
  return isAbsent(value) || typeof value === 'string' || isPieces(value)
}

function isPieces(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((piece) => typeof piece === 'string' && isHex(piece))
}

/** Bytes are in hexadecimal, and nothing says so: hexadecimal that is no UTF-8, unless a header calls it a text. */
function requestBodyOf(entry: Entry, headers: HeaderList): Body {
  const { value } = entry
  const isText = /^text\/|json|urlencoded/i.test(contentType(headers))
  if (!isText && typeof value === 'string' && isHex(value)) {
    const body = textOrBytes(Buffer.from(value, 'hex'))
    if (typeof body !== 'string') return body
  }
  return isAbsent(value) ? '' : bodyOf(entry, headers, false)
}

/** Text as it was, bytes in hexadecimal, packed bodies as a list of such pieces, and JSON parsed. */
function bodyOf({ value }: Entry, headers: HeaderList, isBinary: boolean): Body {
  if (value === undefined) return ''
  const isPacked = headerOf(headers, 'content-encoding') !== undefined
  if (isPacked && isPieces(value)) return textOrBytes(Buffer.from(value.join(''), 'hex'))
  if (typeof value !== 'string') return JSON.stringify(value)
  return (isBinary || isPacked) && isHex(value) ? textOrBytes(Buffer.from(value, 'hex')) : value
}
