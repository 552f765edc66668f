/** PHP-VCR, in YAML or JSON. */
import { contentType, headerOf } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import { type Exchange, lostRequestBody, type Reading } from './reading.ts'
import { type Entry, field, fromBase64, isAbsent, isExchanges, items, text } from './values.ts'
import { headsOf } from './vcr-messages.ts'

export const phpVcr: ForeignFormat = {
  name: 'php-vcr',
  matches: (root) => isExchanges(root, (request, response) => 'url' in request && 'status' in response),
  read: (root, reading) =>
    items(root).map((entry, id) => reading.interaction(readExchange(entry, reading), id)),
}

function readExchange(entry: Entry, reading: Reading): Exchange {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const heads = headsOf(request, response)
  for (const form of ['post_fields', 'post_files'])
    if (!isAbsent(field(request, form).value)) reading.warn(lostRequestBody)
  const isBinary =
    headerOf(heads.headers, 'content-transfer-encoding') === 'binary' ||
    contentType(heads.headers).includes('application/x-gzip')
  const body = text(field(response, 'body')) ?? ''
  return {
    ...heads,
    requestBody: text(field(request, 'body')) ?? '',
    body: isBinary ? fromBase64(body) : body,
  }
}
