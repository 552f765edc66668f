/** Elixir's ExVCR. */
import { textOrBytes } from '../http.ts'
import type { Body, Interaction } from '../interaction.ts'
import type { ForeignFormat } from './format.ts'
import type { Reading } from './reading.ts'
import { type Entry, field, isExchanges, items, jsonOf, text, unfit } from './values.ts'
import { headsOf, requestHead } from './vcr-messages.ts'

export const exvcr: ForeignFormat = {
  name: 'exvcr',
  matches: (root) => isExchanges(root, (request, response) => 'url' in request && 'status_code' in response),
  read: (root, reading) => items(root).map((entry, id) => readInteraction(entry, id, reading)),
}

function readInteraction(entry: Entry, id: number, reading: Reading): Interaction {
  const request = field(entry, 'request')
  const response = field(entry, 'response')
  const requestBody = text(field(request, 'body')) ?? text(field(request, 'request_body')) ?? ''
  if (text(field(response, 'type')) !== 'error')
    return reading.interaction({ ...headsOf(request, response), requestBody, body: bodyOf(response) }, id)
  const reason = field(response, 'body').value
  const message = typeof reason === 'string' ? reason : jsonOf(reason)
  const failed = { status: 0, statusText: '', headers: [], body: '' }
  const ending = { type: 'error', at: 0, code: null, message } as const
  return {
    ...reading.interaction({ ...requestHead(request), requestBody, ...failed, ending }, id),
    response: null,
  }
}

function bodyOf(response: Entry): Body {
  const body = field(response, 'body')
  return field(response, 'binary').value === true ? binaryTerm(body) : (text(body) ?? '')
}

/** Bytes as Erlang writes them down: 131, `m`, their length in four bytes, themselves. */
function binaryTerm(entry: Entry): Body {
  const term = Buffer.from(text(entry) ?? '', 'base64')
  if (term.length < 6 || term[0] !== 131 || term[1] !== 109)
    return unfit(entry, 'is a term of Erlang that is no bytes.')
  return textOrBytes(term.subarray(6, 6 + term.readUInt32BE(2)))
}
