/** Braintrust's recorder, `@braintrust/seinfeld`. */
import type { Body } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { type Exchange, lostRequestBody, lostResponseBody, type Reading } from './reading.ts'
import { date, type Entry, field, fromBase64, isExchanges, isFields, items, text, unfit } from './values.ts'
import { headsOf } from './vcr-messages.ts'

export const seinfeld: ForeignFormat = {
  name: 'seinfeld',
  matches: (root) => isFields(root) && isExchanges(root['entries'], (_, __, entry) => 'matchKey' in entry),
  read: (root, reading) =>
    items(field(root, 'entries')).map((entry, id) => reading.interaction(readExchange(entry, reading), id)),
}

function readExchange(entry: Entry, reading: Reading): Exchange {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  return {
    ...headsOf(request, response),
    requestBody: bodyOf(field(request, 'body'), lostRequestBody, reading),
    body: bodyOf(field(response, 'body'), lostResponseBody, reading),
    startedAt: date(field(entry, 'recordedAt')),
  }
}

function bodyOf(body: Entry, lost: string, reading: Reading): Body {
  const value = field(body, 'value')
  switch (text(field(body, 'kind'))) {
    case 'json':
      return reading.parsedJson(value.value)
    case 'text':
      return text(value) ?? ''
    case 'base64':
      return fromBase64(text(value) ?? '')
    case 'sse':
      // Each event without the blank line behind it.
      return items(field(body, 'chunks'))
        .map((event) => `${text(event) ?? ''}\n\n`)
        .join('')
    case 'binary':
      // A file of its own, beside this one.
      reading.warn(lost)
      return ''
    case 'empty':
      return ''
    case undefined:
    default:
      return unfit(field(body, 'kind'), 'is no kind of body that is known.')
  }
}
