/** Reads the requests and responses of the many recorders that took after Ruby's VCR. */
import { textOrBytes } from '../http.ts'
import type { Body } from '../interaction.ts'
import type { Exchange } from './reading.ts'
import {
  date,
  type Entry,
  field,
  fieldOf,
  headerMap,
  isAbsent,
  isFields,
  items,
  jsonOf,
  milliseconds,
  requiredText,
  status,
  text,
  unfit,
} from './values.ts'

/** An entry with a `request` and a `response`. */
export function vcrExchange(entry: Entry): Exchange {
  return exchangeOf(field(entry, 'request'), field(entry, 'response'), date(field(entry, 'recorded_at')))
}

export function exchangeOf(request: Entry, response: Entry, startedAt: number | null = null): Exchange {
  const recordedStatus = field(response, 'status')
  const isSplit = isFields(recordedStatus.value)
  return {
    method: requiredText(field(request, 'method')),
    url: requiredText(fieldOf(request, 'uri', 'url')),
    requestHeaders: headerMap(field(request, 'headers')),
    requestBody: bodyOf(request),
    status: status(isSplit ? field(recordedStatus, 'code') : fieldOf(response, 'status_code', 'status')),
    statusText: isSplit ? (text(field(recordedStatus, 'message')) ?? '') : '',
    headers: headerMap(field(response, 'headers')),
    body: bodyOf(response),
    startedAt,
    duration: milliseconds(field(response, 'duration')) ?? 0,
  }
}

/** A body as text or bytes, in an object that says which, or as JSON that the file holds parsed. */
function bodyOf(message: Entry): Body {
  const parsed = field(message, 'parsed_body')
  if (parsed.value !== undefined) return jsonOf(parsed.value)
  const body = fieldOf(message, 'body', 'content')
  if (!isFields(body.value)) return plainBody(body)
  const base64 = text(field(body, 'base64_string'))
  if (base64 !== undefined) return textOrBytes(Buffer.from(base64, 'base64'))
  if (field(body, 'type').value !== undefined) return typedBody(body)
  return plainBody(field(body, 'string'))
}

export function plainBody(body: Entry): Body {
  const { value } = body
  if (value instanceof Uint8Array) return textOrBytes(value)
  if (!Array.isArray(value)) return text(body) ?? ''
  // Pieces that a program sent one by one.
  return textOrBytes(Buffer.concat(items(body).map((piece) => Buffer.from(plainBody(piece)))))
}

/** As cassetter has them: `json`, `text`, `binary` in hexadecimal, `none`. */
function typedBody(body: Entry): Body {
  const content = field(body, 'content')
  const type = text(field(body, 'type'))
  switch (type) {
    case 'json':
      return typeof content.value === 'string' ? content.value : jsonOf(content.value)
    case 'binary':
      return textOrBytes(Buffer.from(text(content) ?? '', 'hex'))
    case 'text':
    case 'none':
      return isAbsent(content.value) ? '' : plainBody(content)
    case undefined:
    default:
      return unfit(field(body, 'type'), 'is no kind of body that is known: json, text, binary or none.')
  }
}
