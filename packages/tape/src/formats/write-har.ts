/** Writes HAR 1.2. What it has no place for stands in fields of our own, which start with `_` as it asks. */
import type { Cassette } from '../cassette.ts'
import {
  type Body,
  type Ending,
  type HeaderList,
  headerOf,
  type Interaction,
  type RecordedRequest,
  type RecordedResponse,
} from '../interaction.ts'

/** The text of the file. */
export function writeHar(cassette: Cassette): string {
  const entries = Array.from(cassette, (interaction) => JSON.stringify(entryOf(interaction)))
  const creator = JSON.stringify({ name: 'Playhead', version: '1' })
  const lines = entries.map((entry) => `\n      ${entry}`).join(',')
  return `{\n  "log": {\n    "version": "1.2",\n    "creator": ${creator},\n    "entries": [${lines}\n    ]\n  }\n}\n`
}

function entryOf({ request, response, ending, startedAt }: Interaction): object {
  const wait = response?.duration ?? ending.at
  const end = Math.max(wait, ending.at)
  return {
    // The field must be there; 1970 says that nobody knows.
    startedDateTime: new Date(startedAt ?? 0).toISOString(),
    time: end,
    request: requestOf(request),
    response: response === null ? noResponse(ending) : responseOf(response),
    cache: {},
    timings: { send: 0, wait, receive: end - wait },
    ...(response?.chunks && { _chunks: response.chunks }),
    ...(ending.type !== 'end' && { _ending: ending }),
  }
}

function requestOf({ method, url, headers, body, extra }: RecordedRequest): object {
  const length = Buffer.byteLength(body)
  return {
    method,
    url,
    httpVersion: protocolOf(extra?.['proto']),
    cookies: [],
    headers: headerPairs(headers),
    queryString: queryOf(url),
    ...(length > 0 && { postData: postData(body, headers) }),
    headersSize: -1,
    bodySize: length,
  }
}

/** The format has no bytes here, so they are marked by a field of our own. */
function postData(body: Body, headers: HeaderList): object {
  const mimeType = headerOf(headers, 'content-type') ?? unknownType
  if (typeof body === 'string') return { mimeType, text: body }
  return { mimeType, text: Buffer.from(body).toString('base64'), _encoding: 'base64' }
}

function responseOf({ status, statusText, headers, body, extra }: RecordedResponse): object {
  const size = Buffer.byteLength(body)
  const mimeType = headerOf(headers, 'content-type') ?? unknownType
  const content =
    typeof body === 'string'
      ? { size, mimeType, text: body }
      : { size, mimeType, text: Buffer.from(body).toString('base64'), encoding: 'base64' }
  return {
    status,
    statusText,
    httpVersion: protocolOf(extra?.['proto']),
    cookies: [],
    headers: headerPairs(headers),
    content,
    redirectURL: headerOf(headers, 'location') ?? '',
    headersSize: -1,
    bodySize: size,
  }
}

/** As browsers write a request that failed. */
function noResponse(ending: Ending): object {
  return {
    status: 0,
    statusText: '',
    httpVersion: '',
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: unknownType },
    redirectURL: '',
    headersSize: -1,
    bodySize: -1,
    ...(ending.type === 'error' && { _error: ending.message }),
  }
}

const unknownType = 'x-unknown'

function protocolOf(proto: unknown): string {
  return typeof proto === 'string' && proto !== '' ? proto : 'HTTP/1.1'
}

function headerPairs(headers: HeaderList): readonly object[] {
  return headers.map(([name, value]) => ({ name, value }))
}

/** Of a URL that may hold placeholders. */
function queryOf(url: string): readonly object[] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? ''
  return Array.from(new URLSearchParams(query), ([name, value]) => ({ name, value }))
}
