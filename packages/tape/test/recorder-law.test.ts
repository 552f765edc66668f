/** The law of recording: whatever was asked and answered is answered again the same. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { readGoVcr, record, writeGoVcr } from '../src/index.ts'
import { textOrBytes } from '../src/http.ts'
import { strictMatcher } from '../src/match.ts'
import { cassetteNames, newCassette, serve } from './servers.ts'

interface Exchange {
  readonly method: string
  readonly path: string
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly answer: Answer
  /** How its body is read. */
  readonly way: number
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: readonly Uint8Array[]
}

const text = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '\r', '\t', ':', '"', "'", '\\', '#', '-', 'é', '😀', '\u2028', '\0'),
})
const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Uint8Array.from(array))

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 201, 204, 304, 400, 404, 429, 500, 503, 599),
  headers: fc.dictionary(
    fc.constantFrom('x-a', 'retry-after', 'x-request-id', 'content-type'),
    fc.string({ unit: fc.constantFrom('a', '1', ' ', ':', '"', '#', ';', '{') }).map((value) => value.trim()),
  ),
  chunks: fc.array(
    fc.oneof(
      text.map((value) => Buffer.from(value)),
      bytes,
    ),
    { maxLength: 4 },
  ),
})

/** Few different requests, so that equal ones come again. */
const exchange: fc.Arbitrary<Exchange> = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH'),
  path: fc.constantFrom('/', '/a?b=c'),
  body: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('', '{"a":[1,{"b":"é"}]}', '{"a":1}') },
    text,
    bytes,
  ),
  answer,
  way: fc.nat(2),
})

const plans: Answer[] = []
const scope = { after: (release: () => void) => after(release) }
const base = serve(scope, (request, response) => {
  const { status, headers, chunks } = plans.shift() ?? assert.fail()
  request.resume()
  response.writeHead(status, headers)
  for (const chunk of chunks) response.write(chunk)
  response.end()
})

/** Ways to read a body; they say the pieces that it came in where they see any. */
const ways: readonly ((response: Response) => Promise<readonly Uint8Array[]>)[] = [
  async (response) => [await response.bytes()],
  async (response) => [new Uint8Array(await response.clone().arrayBuffer())],
  async (response) => {
    const pieces: Uint8Array[] = []
    for await (const piece of response.body ?? []) pieces.push(piece)
    return pieces
  },
]

/** Asks for all of it, one after the other. */
async function askAll(fetch: typeof globalThis.fetch, exchanges: readonly Exchange[]): Promise<Seen[]> {
  const seen: Seen[] = []
  for (const { method, path, body, way } of exchanges) {
    const response = await fetch((await base) + path, { method, body })
    const { status, statusText, headers } = response
    const head = { status, statusText, headers: [...headers] }
    seen.push({ head, pieces: (await ways[way]?.(response))?.map((piece) => Buffer.from(piece)) ?? [] })
  }
  return seen
}

interface Seen {
  readonly head: object
  readonly pieces: readonly Buffer[]
}

/** How a body was cut is on native tapes only. */
function comparable(seen: readonly Seen[], name: string): unknown {
  return seen.map(({ head, pieces }) => ({
    head,
    body: name.endsWith('.jsonl') ? pieces : Buffer.concat(pieces),
  }))
}

for (const name of cassetteNames) {
  test(`${name}: what was recorded is replayed, different requests in any order`, async (t) => {
    const file = newCassette(t, name)
    const property = fc.asyncProperty(
      fc.array(exchange, { maxLength: 6 }),
      fc.func(fc.nat()),
      async (exchanges, rank) => {
        rmSync(file, { force: true })
        plans.splice(0, Infinity, ...exchanges.map(({ answer }) => answer))
        const recorder = await record(file)
        const live = await askAll(recorder.fetch, exchanges)
        await recorder.stop()
        if (exchanges.length > 0 && name === 'cassette.yaml') {
          const written = readFileSync(file, 'utf8')
          assert.equal(writeGoVcr(readGoVcr(written, file)), written)
        }
        // Sorting is stable: equal requests, which have the same rank, stay in their order.
        const rankOf = ({ method, path, body }: Exchange): number =>
          rank(strictMatcher.key({ method, url: path, body: textOrBytes(Buffer.from(body)) }))
        const order = exchanges.map((_, index) => index)
        const shuffled = order.toSorted(
          (a, b) => rankOf(exchanges[a] ?? assert.fail()) - rankOf(exchanges[b] ?? assert.fail()),
        )
        const replay = await record(file, { mode: exchanges.length === 0 ? 'once' : 'replay' })
        const replayed = await askAll(
          replay.fetch,
          shuffled.map((index) => exchanges[index] ?? assert.fail()),
        )
        const expected = shuffled.map((index) => live[index] ?? assert.fail())
        assert.deepEqual(comparable(replayed, name), comparable(expected, name))
        assert.deepEqual(replay.unused, [])
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })
}
