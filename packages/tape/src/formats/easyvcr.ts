/** EasyVCR of C#. */
import type { HeaderList } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange } from './reading.ts'
import {
  date,
  type Entry,
  field,
  headerMap,
  isFields,
  items,
  milliseconds,
  requiredText,
  status,
  text,
} from './values.ts'

export const easyVcr: ForeignFormat = {
  name: 'easyvcr',
  matches: (root) =>
    Array.isArray(root) &&
    root.every((one) => isFields(one) && isFields(one['Request']) && isFields(one['Response'])),
  read: (root, reading) => items(root).map((entry, id) => reading.interaction(readExchange(entry), id)),
}

function readExchange(entry: Entry): Exchange {
  const request = field(entry, 'Request')
  const response = field(entry, 'Response')
  const recordedStatus = field(response, 'Status')
  return {
    method: requiredText(field(request, 'Method')),
    url: requiredText(field(request, 'Uri')),
    requestHeaders: headersOf(request, 'RequestHeaders'),
    requestBody: text(field(request, 'Body')) ?? '',
    status: status(field(recordedStatus, 'Code')),
    statusText: text(field(recordedStatus, 'Message')) ?? '',
    headers: headersOf(response, 'ResponseHeaders'),
    body: text(field(response, 'Body')) ?? '',
    startedAt: date(field(entry, 'RecordedAt')),
    duration: milliseconds(field(entry, 'Duration')) ?? 0,
  }
}

/** .NET keeps those that describe a body apart. */
function headersOf(message: Entry, name: string): HeaderList {
  return [...headerMap(field(message, name)), ...headerMap(field(message, 'ContentHeaders'))]
}
