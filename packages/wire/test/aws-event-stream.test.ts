/** AWS's binary event streams, cut anywhere, broken anywhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { AwsFraming, crc32 } from '../src/aws-event-stream.ts'
import { AwsMessages, encodeAwsFrame } from '../src/aws-event-stream-encoder.ts'
import { type Read, readFrames } from './frames.ts'

const event = (type: string, payload: string): Uint8Array =>
  encodeAwsFrame({ ':event-type': type, ':message-type': 'event' }, payload)

/** From the format's description: no headers, the payload `{'foo':'bar'}`. */
const known = Uint8Array.from(
  '0000001d00000000fd528c5a7b27666f6f273a27626172277dc36539 36'.replaceAll(' ', '').match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
)

test('what is written is what is read, whatever it is and however it is cut', () => {
  const message = fc.record({ name: fc.string({ maxLength: 50 }), data: fc.string({ unit: 'grapheme' }) })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(40)), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(({ name, data }) => event(name, data)))
      const expected = messages.map(({ name, data }) => ({ name, data }))
      assert.deepEqual(read(bytes, [bytes.length]).frames, expected)
      assert.deepEqual(read(bytes, cuts).frames, expected)
      assert.deepEqual(read(bytes, [1, ...Array.from(bytes, () => 1)]).frames, expected)
    }),
  )
})

test('the example of the format is read, and its bytes are what is written', () => {
  assert.deepEqual(read(known, [known.length]), {
    frames: [{ name: '', data: "{'foo':'bar'}" }],
    body: undefined,
    failure: null,
  })
  assert.deepEqual(encodeAwsFrame({}, "{'foo':'bar'}"), known)
})

test('a message is the same whatever was written before it', () => {
  const headers = { ':event-type': 'a', ':message-type': 'event' }
  const messages = new AwsMessages(headers)
  for (const length of [3, 259, 3, 5000, 3, 4096, 1300, 0]) {
    const payload = 'ö'.repeat(length)
    assert.deepEqual(messages.encode(payload), encodeAwsFrame(headers, payload), `${length}`)
    assert.deepEqual(read(messages.encode(payload), [7]).frames, [{ name: 'a', data: payload }])
  }
})

test('an exception says its type, and an error its code and message', () => {
  const exception = { ':message-type': 'exception', ':exception-type': 'throttlingException' }
  const error = { ':message-type': 'error', ':error-code': 'Internal', ':error-message': 'broke off' }
  const bytes = Buffer.concat([encodeAwsFrame(exception, '{"message":"slow"}'), encodeAwsFrame(error, '')])
  assert.deepEqual(read(bytes, [bytes.length]).frames, [
    { name: 'throttlingException', data: '{"message":"slow"}', isException: true },
    { name: 'Internal', data: 'broke off', isException: true },
  ])
})

test('headers of every type are passed over', () => {
  const lengths = [0, 0, 1, 2, 4, 8, 3, 3, 8, 16]
  const odd = lengths.flatMap((length, type) => {
    const size = type === 6 || type === 7 ? [0, length] : []
    return [1, 97, type, ...size, ...Array.from({ length }, () => 98)]
  })
  const name = ':event-type'
  const headers = Uint8Array.from([...odd, name.length, ...Buffer.from(name), 7, 0, 2, 111, 107])
  assert.deepEqual(read(frameOf(headers, '{}'), [5, 7]).frames, [{ name: 'ok', data: '{}' }])
})

test('a byte that is wrong anywhere is found, and nothing behind it is read', () => {
  const bytes = Buffer.concat([event('a', '{"n":1}'), event('b', '{"n":2}'), event('c', '{"n":3}')])
  const second = event('a', '{"n":1}').length
  for (let place = second; place < second + event('b', '{"n":2}').length; place += 1) {
    const broken = Uint8Array.from(bytes)
    broken[place] = (broken[place] ?? 0) ^ 0x55
    const { frames, failure } = read(broken, [13, 1])
    assert.deepEqual(frames, [{ name: 'a', data: '{"n":1}' }], `byte ${place}`)
    assert.equal(failure?.code, 'malformed')
  }
})

test('a length that no message has is refused before its bytes come', () => {
  for (const [length, headers] of [
    [25_300_000, 0],
    [15, 0],
    [100, 85],
    [0, 0],
  ] as const) {
    const prelude = new Uint8Array(12)
    const view = new DataView(prelude.buffer)
    view.setUint32(0, length)
    view.setUint32(4, headers)
    view.setUint32(8, zlibCrc32(prelude.subarray(0, 8)))
    assert.equal(read(prelude, [12]).failure?.code, 'malformed', `${length} ${headers}`)
  }
})

test('headers that run over their end say nothing, and what follows is read', () => {
  for (const headers of [
    [5, 97],
    [1, 97, 7, 255, 255],
    [1, 97, 10],
    [1, 97, 9, 0],
  ]) {
    const bytes = Buffer.concat([frameOf(Uint8Array.from(headers), '{}'), event('a', '{"n":1}')])
    assert.deepEqual(read(bytes, [100]), {
      frames: [
        { name: '', data: '{}' },
        { name: 'a', data: '{"n":1}' },
      ],
      body: undefined,
      failure: null,
    })
  }
})

test('heads of one length are told apart', () => {
  const names = ['contentBlockDelta', 'contentBlockStart', 'contentBlockDelta', 'contentBlockDelta']
  const { frames, failure } = read(Buffer.concat(names.map((name) => event(name, '{"n":1}'))), [70, 1])
  assert.deepEqual(
    frames.map(({ name }) => name),
    names,
  )
  assert.equal(failure, null)
})

test('a byte that is wrong behind a head that is known is found, or what was sent is read all the same', () => {
  const one = event('a', '{"n":1}')
  const sent = { name: 'a', data: '{"n":1}' }
  for (let place = 0; place < one.length; place += 1) {
    const broken = Uint8Array.from(one)
    broken[place] = (broken[place] ?? 0) ^ 0x55
    const bytes = Buffer.concat([one, broken, one])
    const { frames, failure } = read(bytes, [bytes.length])
    const isHead = place >= 8 && place < one.length - '{"n":1}'.length - 4
    assert.deepEqual(frames, isHead ? [sent, sent, sent] : [sent], `byte ${place}`)
    assert.equal(failure?.code, isHead ? undefined : 'malformed')
    assert.deepEqual(read(bytes, [1, ...Array.from(bytes, () => 1)]).frames, frames)
  }
})

test('bytes that are anything never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(20)), (bytes, cuts) => {
      assert.deepEqual(read(bytes, cuts), read(bytes, [bytes.length]))
    }),
  )
})

test('the checksum is the one of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const half = bytes.length >> 1
      assert.equal(crc32(bytes, 0, bytes.length), zlibCrc32(bytes))
      assert.equal(crc32(bytes, half, bytes.length, crc32(bytes, 0, half)), zlibCrc32(bytes))
    }),
  )
})

test('a large message in small chunks takes time in its length, not its square', () => {
  const bytes = event('chunk', 'x'.repeat(8_000_000))
  const start = performance.now()
  assert.equal(
    read(
      bytes,
      Array.from({ length: bytes.length / 1000 }, () => 1000),
    ).frames.length,
    1,
  )
  assert.ok(performance.now() - start < 2000)
})

/** A message with these bytes for headers. */
function frameOf(headers: Uint8Array, payload: string): Uint8Array {
  const message = new Uint8Array(12 + headers.length + payload.length + 4)
  const view = new DataView(message.buffer)
  view.setUint32(0, message.length)
  view.setUint32(4, headers.length)
  view.setUint32(8, zlibCrc32(message.subarray(0, 8)))
  message.set(headers, 12)
  message.set(Buffer.from(payload), 12 + headers.length)
  view.setUint32(message.length - 4, zlibCrc32(message.subarray(0, -4)))
  return message
}

/** Reads the bytes in chunks of these lengths, and then the rest. */
function read(bytes: Uint8Array, lengths: readonly number[]): Read {
  return readFrames((sink) => new AwsFraming(sink), chunksOf(bytes, lengths))
}

function* chunksOf(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let start = 0
  for (const length of [...lengths, bytes.length]) {
    yield bytes.subarray(start, start + length)
    start += length
  }
}
