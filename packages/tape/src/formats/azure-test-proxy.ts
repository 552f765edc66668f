/** The test proxy of Azure's SDKs. */
import { type Body, contentType, type HeaderList } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange, Reading } from './reading.ts'
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

export const azureTestProxy: ForeignFormat = {
  name: 'azure-test-proxy',
  matches: (root) =>
    isFields(root) &&
    Array.isArray(root['Entries']) &&
    root['Entries'].every((one) => isFields(one) && 'RequestUri' in one),
  read: (root, reading) =>
    items(field(root, 'Entries')).map((entry, id) => reading.interaction(readExchange(entry, reading), id)),
}

function readExchange(entry: Entry, reading: Reading): Exchange {
  const requestHeaders = headerMap(field(entry, 'RequestHeaders'))
  const headers = headerMap(field(entry, 'ResponseHeaders'))
  return {
    method: requiredText(field(entry, 'RequestMethod')),
    url: requiredText(field(entry, 'RequestUri')),
    requestHeaders,
    requestBody: bodyOf(field(entry, 'RequestBody'), requestHeaders, reading),
    status: status(field(entry, 'StatusCode')),
    statusText: '',
    headers,
    body: bodyOf(field(entry, 'ResponseBody'), headers, reading),
  }
}

/** JSON parsed, a text as it was or as a list of its lines, anything else in base64: which of these, the type says. */
function bodyOf(body: Entry, headers: HeaderList, reading: Reading): Body {
  const { value } = body
  if (isAbsent(value)) return ''
  if (Array.isArray(value))
    return items(body)
      .map((line) => text(line) ?? '')
      .join('')
  if (typeof value !== 'string') return reading.parsedJson(value)
  return textTypes.test(contentType(headers)) ? value : fromBase64(value)
}

/** https://github.com/Azure/azure-sdk-tools, ContentTypeUtilities.cs of its test proxy. */
const textTypes =
  /^text\/|(?:json|xml|-urlencoded)$|^application\/(?:json|x-www-form-urlencoded)|; charset=utf-8/i
