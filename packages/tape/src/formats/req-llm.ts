/** The fixtures of Elixir's ReqLLM: one exchange in each file. It keeps the pieces of a stream, and no times. */
import { textOrBytes } from '../http.ts'
import type { Body } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Exchange, Reading } from './reading.ts'
import { date, type Entry, field, isAbsent, isFields, items, text } from './values.ts'
import { headsOf } from './vcr-messages.ts'

export const reqLlm: ForeignFormat = {
  name: 'req-llm',
  matches: (root) =>
    isFields(root) &&
    isFields(root['request']) &&
    'canonical_json' in root['request'] &&
    isFields(root['response']),
  read: (root, reading) => [reading.interaction(readExchange(root, reading), 0)],
}

function readExchange(root: Entry, reading: Reading): Exchange {
  const request = field(root, 'request')
  const response = field(root, 'response')
  const pieces = items(field(root, 'chunks')).map(bytesOf)
  return {
    ...headsOf(request, response),
    requestBody: bodyOf(field(request, 'body'), reading),
    body: pieces.length > 0 ? textOrBytes(Buffer.concat(pieces)) : bodyOf(field(response, 'body'), reading),
    startedAt: date(field(root, 'captured_at')),
    chunks: pieces.length > 0 ? pieces.map(({ length }) => ({ length, at: 0 })) : null,
  }
}

function bodyOf(body: Entry, reading: Reading): Body {
  const { value } = body
  if (isAbsent(value)) return ''
  if (typeof value === 'string' || field(body, 'b64').value !== undefined) return textOrBytes(bytesOf(body))
  return reading.parsedJson(value)
}

function bytesOf(piece: Entry): Buffer {
  return typeof piece.value === 'string'
    ? Buffer.from(piece.value)
    : Buffer.from(text(field(piece, 'b64')) ?? '', 'base64')
}
