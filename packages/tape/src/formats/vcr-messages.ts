/** Reads the requests and responses of the many recorders that took after Ruby's VCR. */
import { textOrBytes } from '../http.ts'
import type { Body } from '../interaction.ts'
import type { Exchange } from './reading.ts'
import {
  date,
  type Entry,
  field,
  fieldOf,
  fromBase64,
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
  const heads = headsOf(request, response)
  return { ...heads, requestBody: bodyOf(request), body: bodyOf(response), startedAt }
}

/** What stands in a request and its response besides their bodies, which each tool keeps in its own way. */
export function headsOf(request: Entry, response: Entry): Omit<Exchange, 'requestBody' | 'body'> {
  return {
    ...requestHead(request),
    ...statusOf(response),
    headers: headerMap(field(response, 'headers')),
    duration: milliseconds(field(response, 'duration')) ?? 0,
  }
}

export function requestHead(request: Entry): Pick<Exchange, 'method' | 'url' | 'requestHeaders'> {
  return {
    method: requiredText(field(request, 'method')),
    url: requiredText(fieldOf(request, 'uri', 'url')),
    requestHeaders: headerMap(field(request, 'headers')),
  }
}

/** As a number, or in parts, as Ruby writes it; R's `message` has the number once more. */
function statusOf(response: Entry): Pick<Exchange, 'status' | 'statusText'> {
  const parts = field(response, 'status')
  const [code, reason] = isFields(parts.value)
    ? [fieldOf(parts, 'code', 'status_code'), fieldOf(parts, 'reason', 'message')]
    : [fieldOf(response, 'status_code', 'status'), field(response, 'statusText')]
  return { status: status(code), statusText: text(reason) ?? '' }
}

/** A body as text or bytes, in an object that says which, or as JSON that the file holds parsed. */
function bodyOf(message: Entry): Body {
  const parsed = field(message, 'parsed_body')
  if (parsed.value !== undefined) return jsonOf(parsed.value)
  const body = fieldOf(message, 'body', 'content')
  if (!isFields(body.value)) return plainBody(body)
  const base64 = text(field(body, 'base64_string'))
  if (base64 !== undefined) return fromBase64(base64)
  const file = field(body, 'file')
  if (jsonOf(file.value) === 'true')
    return unfit(file, 'says that the body is in another file, which is not read.')
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
