/** go-vcr 1, as its library wrote it up to version 2. */
import { parseDuration } from '../go-vcr/duration.ts'
import type { ForeignFormat } from './format.ts'
import { type Entry, field, headerMap, isFields, items, requiredText, status, text } from './values.ts'
import type { Exchange } from './reading.ts'
import { plainBody } from './vcr-messages.ts'

export const goVcr1: ForeignFormat = {
  name: 'go-vcr-1',
  matches: (root) => {
    if (!isFields(root) || !Array.isArray(root['interactions'])) return false
    const first: unknown = root['interactions'][0]
    const request = isFields(first) ? first['request'] : undefined
    return isFields(request) && 'url' in request && isFields(first) && isFields(first['response'])
  },
  read: (root, reading) =>
    items(field(root, 'interactions')).map((entry, id) => reading.interaction(readExchange(entry), id)),
}

function readExchange(entry: Entry): Exchange {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const code = status(field(response, 'code'))
  const method = text(field(request, 'method')) ?? ''
  return {
    method: method === '' ? 'GET' : method,
    url: requiredText(field(request, 'url')),
    requestHeaders: headerMap(field(request, 'headers')),
    requestBody: plainBody(field(request, 'body')),
    status: code,
    statusText: (text(field(response, 'status')) ?? '').replace(/^\d{3} ?/, ''),
    headers: headerMap(field(response, 'headers')),
    body: plainBody(field(response, 'body')),
    duration: parseDuration(text(field(response, 'duration')) ?? '') ?? 0,
  }
}
