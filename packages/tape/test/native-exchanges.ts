/** Any exchange that a tape may hold. */
import * as fc from 'fast-check'
import type { Ending } from '../src/interaction.ts'
import type { Exchange } from './native-tape.ts'

const plain = { noNullPrototype: true } as const
const time = fc.integer({ min: 0, max: 1e9 }).map((microseconds) => microseconds / 1000)
const text = fc.string({ unit: 'binary', maxLength: 40 })
const headers = fc.array(fc.tuple(text, text), { maxLength: 3 })
const startedAt = fc.integer({ min: -1e13, max: 1e14 })

/** A conversation grows; whatever is asked is mostly what was asked before. */
const conversation = fc
  .tuple(fc.constantFrom('ab"\n', 'é😀', '\ud83d'), fc.nat(400), fc.nat(3), text)
  .map(([start, length, end, middle]) => start.repeat(length) + middle + '}]'.repeat(300 * end))

const request = fc.record(
  {
    method: text,
    url: text,
    headers,
    body: fc.oneof(text, conversation, fc.uint8Array({ maxLength: 40 })),
  },
  plain,
)

/** Text that is cut anywhere, also within a character; or bytes. */
const pieces = fc.oneof(
  fc
    .tuple(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
    )
    .map(([whole, lengths]) => {
      const bytes = new TextEncoder().encode(whole)
      let at = 0
      const cut = lengths.map((length) => bytes.slice(at, (at += length)))
      return [...cut, bytes.slice(at)]
    }),
  fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 4 }),
)

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({ type: fc.constant('end' as const), at: time }, plain),
  fc.record({ type: fc.constant('abort' as const), at: time, reason: text }, plain),
  fc.record({ type: fc.constant('error' as const), at: time, code: fc.option(text), message: text }, plain),
)

/** Any exchange that came to an end. */
export const anyExchange: fc.Arbitrary<Exchange> = fc
  .record(
    {
      request,
      startedAt,
      head: fc.option(fc.record({ status: fc.nat(999), statusText: text, headers, duration: time }, plain), {
        freq: 5,
      }),
      pieces: fc
        .tuple(pieces, time)
        .map(([all, start]) =>
          all.map((bytes, place) => ({ bytes, at: Math.round((start + place) * 1000) / 1000 })),
        ),
      ending,
    },
    plain,
  )
  .map((exchange) => (exchange.head === null ? { ...exchange, pieces: [] } : exchange))
