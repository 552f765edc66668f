/** The snapshots of undici's SnapshotAgent: each request once, with all that it was answered. */
import { textOrBytes } from '../http.ts'
import { type Body, type HeaderList, headerOf } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { type Exchange, lostRequestBody, type Reading } from './reading.ts'
import {
  type Entry,
  field,
  fromBase64,
  headerMap,
  isAbsent,
  isFields,
  items,
  requiredText,
  status,
  text,
} from './values.ts'

export const undici: ForeignFormat = {
  name: 'undici',
  matches: (root) =>
    Array.isArray(root) && root.every((one) => isFields(one) && 'hash' in one && isFields(one['snapshot'])),
  read: (root, reading) =>
    items(root)
      .flatMap((entry) => exchangesOf(field(entry, 'snapshot'), reading))
      .map((exchange, id) => reading.interaction(exchange, id)),
}

function exchangesOf(snapshot: Entry, reading: Reading): Exchange[] {
  const request = field(snapshot, 'request')
  const requestHeaders = headerMap(field(request, 'headers'))
  const asked = {
    method: text(field(request, 'method')) ?? 'GET',
    url: requiredText(field(request, 'url')),
    requestHeaders,
    requestBody: requestBodyOf(field(request, 'body'), requestHeaders, reading),
  }
  const single = field(snapshot, 'response')
  const responses = isAbsent(single.value) ? items(field(snapshot, 'responses')) : [single]
  return responses.map((response) => ({
    ...asked,
    status: status(field(response, 'statusCode')),
    statusText: '',
    headers: headerMap(field(response, 'headers')),
    body: fromBase64(text(field(response, 'body')) ?? ''),
  }))
}

/** Bytes became the text of their numbers, streams their name. The number of bytes tells the first from such a text. */
function requestBodyOf(entry: Entry, headers: HeaderList, reading: Reading): Body {
  const body = text(entry) ?? ''
  if (/^\[object \w+\]$/.test(body)) {
    if (headerOf(headers, 'content-length') === '0') return ''
    reading.warn(lostRequestBody)
    return ''
  }
  if (!/^\d{1,3}(?:,\d{1,3})*$/.test(body)) return body
  const numbers = body.split(',').map(Number)
  const isBytes = headerOf(headers, 'content-length') === String(numbers.length)
  return isBytes && numbers.every((one) => one < 256) ? textOrBytes(Uint8Array.from(numbers)) : body
}
