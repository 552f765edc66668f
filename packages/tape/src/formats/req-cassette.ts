/** Elixir's ReqCassette. */
import type { Body } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange, Reading } from './reading.ts'
import {
  date,
  type Entry,
  field,
  fromBase64,
  isAbsent,
  isExchanges,
  isFields,
  items,
  text,
} from './values.ts'
import { headsOf } from './vcr-messages.ts'

export const reqCassette: ForeignFormat = {
  name: 'req-cassette',
  matches: (root) => isFields(root) && isExchanges(root['interactions'], (request) => 'body_type' in request),
  read: (root, reading) =>
    items(field(root, 'interactions')).map((entry, id) =>
      reading.interaction(readExchange(entry, reading), id),
    ),
}

function readExchange(entry: Entry, reading: Reading): Exchange {
  if (!isAbsent(field(entry, 'template').value))
    reading.warn('a template ({{name.0}}) is kept as text; it is never filled in')
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const heads = headsOf(request, response)
  const query = text(field(request, 'query_string')) ?? ''
  return {
    ...heads,
    url: query === '' ? heads.url : `${heads.url}?${query}`,
    requestBody: bodyOf(request, reading),
    body: bodyOf(response, reading),
    startedAt: date(field(entry, 'recorded_at')),
  }
}

function bodyOf(message: Entry, reading: Reading): Body {
  const parsed = field(message, 'body_json').value
  if (parsed !== undefined) return reading.parsedJson(parsed)
  const blob = text(field(message, 'body_blob'))
  return blob === undefined ? (text(field(message, 'body')) ?? '') : fromBase64(blob)
}
