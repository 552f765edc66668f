/** Reads whole exchanges from every format that the corpora have: just enough for tests. */
import { readFileSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { binaryTag, CORE_SCHEMA, defineMappingTag, defineScalarTag, defineSequenceTag, load } from 'js-yaml'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../src/json.ts'

/** One request and its response, of any API. */
export interface Exchange {
  /** Its place in the file: the number that the file gives it, else its index. */
  readonly id: number
  readonly method: string
  readonly url: string
  readonly requestBody: string
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/** The exchanges of one file, in its order. An empty file has none. */
export function readExchanges(path: string): readonly Exchange[] {
  const file = readFileSync(path, 'utf8')
  const whole = objectOr(/\.ya?ml$/.test(path) ? parseYaml(file) : parseJson(file))
  const entries = arrayOr(objectOr(whole['log'])['entries'])
  if (entries.length > 0) return entries.map((entry, index) => readHar(objectOr(entry), index))
  const interactions = whole['interactions'] ?? whole['http_interactions'] ?? [whole]
  return arrayOr(interactions).flatMap((interaction, index) => {
    const { request, response, id } = objectOr(interaction)
    if (!isObject(request) || !isObject(response)) return []
    return [read(request, response, typeof id === 'number' ? id : index)]
  })
}

/** go-vcr, vcrpy, Ruby VCR and dd-trace differ in names only. */
function read(request: Unread, response: Unread, id: number): Exchange {
  const headers = headersOf(response['headers'])
  const { status } = response
  const code = isObject(status) ? status['code'] : (response['code'] ?? status)
  return {
    id,
    method: String(request['method']).toUpperCase(),
    url: String(request['url'] ?? request['uri']),
    requestBody: textOf(bodyOf(request)),
    status: Number.parseInt(String(code), 10),
    headers,
    body: new Uint8Array(unpacked(bodyOf(response), headers)),
  }
}

function readHar({ request, response }: Unread, id: number): Exchange {
  const asked = objectOr(request)
  const answered = objectOr(response)
  const { text, encoding } = objectOr(answered['content'])
  return {
    id,
    method: String(asked['method']),
    url: String(asked['url']),
    requestBody: stringOr(objectOr(asked['postData'])['text']) ?? '',
    status: Number(answered['status']),
    headers: headersOf(
      Object.fromEntries(
        arrayOr(answered['headers']).map((one) => [objectOr(one)['name'], objectOr(one)['value']]),
      ),
    ),
    body: new Uint8Array(Buffer.from(stringOr(text) ?? '', encoding === 'base64' ? 'base64' : 'utf8')),
  }
}

/** A body is its text or bytes, or an object with either, or JSON that the file holds parsed. */
function bodyOf({ body, parsed_body }: Unread): Uint8Array {
  const inner = isObject(body) && !(body instanceof Uint8Array) ? body : { string: body }
  if (typeof inner['base64_string'] === 'string') return Buffer.from(inner['base64_string'], 'base64')
  const value = inner['string']
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') {
    return value.startsWith('base64:') ? Buffer.from(value.slice(7), 'base64') : Buffer.from(value)
  }
  const parsed = parsed_body ?? (isObject(body) && !('string' in body) ? body : undefined)
  return Buffer.from(parsed === undefined ? '' : JSON.stringify(parsed))
}

/** Most recorders unpack bodies and keep the header that says how they were packed. */
function unpacked(body: Uint8Array, headers: Headers): Uint8Array {
  const encoding = headers.get('content-encoding')
  try {
    if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body)
    if (encoding === 'br') return brotliDecompressSync(body)
    if (encoding === 'deflate') return inflateSync(body)
  } catch {
    // It was unpacked.
  }
  return body
}

function headersOf(wire: unknown): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(objectOr(wire))) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const words = one instanceof Uint8Array ? textOf(one) : String(one)
      // A hidden value may hold anything; `Headers` takes no line ends.
      headers.append(name, words.replace(/[^\t\x20-\x7e]/g, ''))
    }
  }
  return headers
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Builds nothing that a tag names: bytes are bytes, any other tag is null (Python objects, symbols). */
const prefix = { matchByTagPrefix: true, identify: () => false }
const nothing = ['!', 'tag:'].flatMap((tag) => [
  defineScalarTag(tag, { ...prefix, resolve: () => null }),
  defineSequenceTag(tag, { ...prefix, create: () => null, addItem: () => {} }),
  defineMappingTag(tag, {
    ...prefix,
    create: () => null,
    addPair: () => '',
    has: () => false,
    keys: () => [],
    get: () => null,
  }),
])
const rubyBinary = defineScalarTag('!binary', { identify: () => false, resolve: binaryTag.resolve })
const schema = CORE_SCHEMA.withTags(binaryTag, rubyBinary, ...nothing)

function parseYaml(text: string): unknown {
  return text.trim() === '' ? undefined : load(text, { schema, json: true })
}
