/** nock's recorder and `nock.back`: a list of what each request is answered with. */
import { textOrBytes } from '../http.ts'
import type { Body, HeaderList } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange } from './reading.ts'
import {
  type Entry,
  field,
  fieldOf,
  headerMap,
  headerOf,
  isAbsent,
  isFields,
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
      if (isFields(field(entry, 'response').value) || Array.isArray(field(entry, 'response').value)) {
        reading.warn('nock keeps JSON parsed: how its text was spaced and its numbers were written is lost')
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
    requestBody: bodyOf(field(entry, 'body'), requestHeaders, false),
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

const hexadecimal = /^(?:[\da-f]{2})+$/i

/** Text as it was, bytes in hexadecimal, packed bodies as a list of such pieces, and JSON parsed. */
function bodyOf(entry: Entry, headers: HeaderList, isBinary: boolean): Body {
  const { value } = entry
  if (isAbsent(value)) return ''
  const isPacked = headerOf(headers, 'content-encoding') !== undefined
  if (
    isPacked &&
    Array.isArray(value) &&
    value.every((piece) => typeof piece === 'string' && hexadecimal.test(piece))
  ) {
    return textOrBytes(Buffer.from(value.join(''), 'hex'))
  }
  if (typeof value !== 'string') return JSON.stringify(value)
  return (isBinary || isPacked) && hexadecimal.test(value) ? textOrBytes(Buffer.from(value, 'hex')) : value
}
