/** Takes secrets out of what was recorded without care, and says which there were. */
import type { Cassette } from '../cassette.ts'
import { bytesOf, textOrBytes } from '../http.ts'
import type { Body, HeaderList, Interaction, RecordedResponse } from '../interaction.ts'
import type { BodyRedactor, ExchangeRedactor, Redaction } from '../redaction.ts'
import { encodingOf, unpacked } from './encoded.ts'
import { secretNamesWith } from './names.ts'
import { accountMember } from './shapes.ts'
import { redacted } from './url.ts'

/** A secret that stood on a tape. It is not said what it was. */
export interface Change {
  /** Where it stood: `request header authorization`, `response body`, `url`, `ending`. */
  readonly where: string
  /** The kind of key (`openai-key`), `credential` for what is known by its name, `account` for an id. */
  readonly name: string
}

/** A secret of an interaction of a cassette. */
export interface Secret extends Change {
  /** The interaction's. */
  readonly id: number
}

/** The interaction without its secrets; the same one when it has none. Placeholders that others left stay. */
export function scrub(
  interaction: Interaction,
  redaction: Redaction,
): { readonly interaction: Interaction; readonly changes: readonly Change[] } {
  const { request, response, ending } = interaction
  const exchange = redaction.exchange(request.url, request.headers)
  const changes: Change[] = []
  const text = (where: string, value: string, clean: string): string => {
    const names = namesOf(exchange, where, value, clean)
    changes.push(...names.map((name) => ({ where, name })))
    return names.length > 0 ? clean : value
  }
  const body: ScrubBody = (where, headers, value, clean) => {
    const plain = plainOf(value, headers)
    return value === clean || text(where, plain, plainOf(clean, headers)) === plain ? value : clean
  }
  const scrubbed: Interaction = {
    ...interaction,
    request: {
      ...request,
      url: text('url', request.url, exchange.url(request.url)),
      headers: scrubHeaders(exchange, 'request', request.headers, text),
      body: body('request body', request.headers, request.body, exchange.body(request.body, request.headers)),
    },
    response: response && {
      ...response,
      ...scrubBody(exchange.response(response.headers), response, ending.type !== 'end', body),
      statusText: text('text', response.statusText, exchange.text(response.statusText)),
      headers: scrubHeaders(exchange, 'response', response.headers, text),
    },
    ending:
      ending.type === 'error'
        ? { ...ending, message: text('text', ending.message, exchange.text(ending.message)) }
        : ending,
  }
  return { interaction: changes.length === 0 ? interaction : scrubbed, changes }
}

/** Every secret of a cassette, in order. */
export function* findSecrets(cassette: Cassette, redaction: Redaction): Generator<Secret> {
  for (const interaction of cassette)
    for (const change of scrub(interaction, redaction).changes) yield { id: interaction.id, ...change }
}

type ScrubBody = (where: string, headers: HeaderList, value: Body, clean: Body) => Body
type ScrubText = (where: string, value: string, clean: string) => string

const names = secretNamesWith([])

function scrubHeaders(
  exchange: ExchangeRedactor,
  side: string,
  headers: HeaderList,
  text: ScrubText,
): HeaderList {
  const clean = [...exchange.headers(headers)]
  return headers.flatMap((header) => {
    const [name, value] = header
    const where = `${side} header ${name.toLowerCase()}`
    // Those that are left out are missing in the second list; the others stand in order.
    if (clean[0]?.[0] === name) return [[name, text(where, value, clean.shift()?.[1] ?? value)] as const]
    return text(where, value, redacted) === value ? [header] : []
  })
}

/** The pieces stay as many as they were. */
function scrubBody(
  redactor: BodyRedactor,
  { headers, body, chunks }: RecordedResponse,
  isCut: boolean,
  scrubOne: ScrubBody,
): Pick<RecordedResponse, 'body' | 'chunks'> {
  const bytes = bytesOf(body)
  let start = 0
  const pieces = (chunks ?? [{ length: bytes.length, at: 0 }]).flatMap(({ length, at }) => {
    const piece = { bytes: bytes.subarray(start, start + length), at }
    start += length
    return redactor.push(piece)
  })
  const all = [...pieces, ...redactor.end(isCut)]
  const clean = scrubOne(
    'response body',
    headers,
    body,
    textOrBytes(Buffer.concat(all.map((piece) => piece.bytes))),
  )
  if (clean === body || chunks === null) return { body: clean, chunks }
  return { body: clean, chunks: all.map((piece) => ({ length: piece.bytes.length, at: piece.at })) }
}

/** What the masked parts of a text were; nothing for what stood in a secret's place already. */
function namesOf(exchange: ExchangeRedactor, where: string, value: string, clean: string): readonly string[] {
  if (value === clean) return []
  const found = exchange.findings.filter((finding) => finding.where === where).map(({ name }) => name)
  const others = maskedIn(value, clean)
    .filter((masked) => !placeholder.test(masked))
    .map((masked) => (isAccount(where, masked) ? 'account' : 'credential'))
  // Where kinds are known, `credential` says nothing more.
  const kinds = found.length > 0 ? others.filter((name) => name === 'account') : others
  return [...new Set([...found, ...kinds])]
}

/** How people and programs write that something was taken out. */
const placeholder =
  /^((bearer|basic|token) )?(<[^<>]*>|[*x.\u2022-]*|[[(*{]*(redacted|filtered|masked|removed|scrubbed|hidden|omitted|secret|x{3,})[\])*}]*|\{\{.*\}\}|\$\{?\w+\}?|%\w+%|AWS4-HMAC-SHA256 Credential=<[^]*Signature=<[^<>]*>)$/i

function isAccount(where: string, masked: string): boolean {
  return (
    names.isAccountHeader(where.split(' ').at(-1) ?? '') ||
    accountMember.test(masked) ||
    /^\d{12}$/.test(masked)
  )
}

/** The parts of a text in whose place the other one has placeholders. */
function maskedIn(value: string, clean: string): readonly string[] {
  const masked: string[] = []
  const [first = '', ...rest] = clean.split(redacted)
  let position = first.length
  for (const [index, kept] of rest.entries()) {
    const isLast = index === rest.length - 1
    const end = isLast ? value.length - kept.length : value.indexOf(kept, position)
    masked.push(value.slice(position, Math.max(position, end)))
    position = Math.max(position, end) + kept.length
  }
  return masked
}

/** A body as its bytes, unpacked, each a character. */
function plainOf(body: Body, headers: HeaderList): string {
  const bytes = bytesOf(body)
  const encoding = encodingOf(headers)
  const inner = encoding && unpacked(bytes, encoding)
  return Buffer.from(inner === undefined || inner === 'too large' ? bytes : inner).toString('latin1')
}
