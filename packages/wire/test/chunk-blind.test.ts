/** However the bytes of a stream are cut, its events are the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Provider, providerOf, type StreamEvent } from '../src/index.ts'
import { corpusStreams, type Recording, seedStreams, skip } from './recordings.ts'
import { bytesOf, cut, eventsOf, random, single, textOfBytes } from './streams.ts'

for (const recording of seedStreams) {
  const { body } = recording.response
  const whole = wholeOf(recording)

  test(`${recording.name} gives the same events for every cut in two`, () => {
    for (let place = 0; place <= body.length; place++) {
      sameEvents(eventsOf(cut(body, [place]), provider(recording)), whole, `cut at ${place}`)
    }
  })

  test(`${recording.name} gives the same events in whatever form the spec allows`, () => {
    for (const [form, bytes] of formsOf(body)) {
      sameEvents(eventsOf([bytes], provider(recording)), whole, `${form}, at once`)
      sameEvents(eventsOf(single(bytes), provider(recording)), whole, `${form}, byte by byte`)
      sameEvents(eventsOf(randomCuts(bytes, 7), provider(recording)), whole, `${form}, cut at random`)
    }
  })
}

test('every recorded stream gives the same events in whatever form the spec allows', { skip }, () => {
  for (const [seed, recording] of corpusStreams.entries()) {
    const whole = wholeOf(recording)
    for (const [form, bytes] of formsOf(recording.response.body)) {
      sameEvents(eventsOf(randomCuts(bytes, seed), provider(recording)), whole, `${recording.name}, ${form}`)
    }
  }
})

test('letters of two, three and four bytes survive every cut in three', () => {
  const spoken = 'é–𝄞\u2028\u0000"\\'
  const body = bytesOf(
    `data: ${JSON.stringify({ choices: [{ delta: { content: spoken }, finish_reason: 'stop' }] })}\r\n\r\ndata: [DONE]\r\n\r\n`,
  )
  for (let first = 0; first <= body.length; first++) {
    for (let second = first; second <= body.length; second++) {
      const [event] = eventsOf(cut(body, [first, second]))
      assert.deepEqual(event, { type: 'text', text: spoken }, `cut at ${first} and ${second}`)
    }
  }
})

test('a letter that is cut off by the end of the stream is not waited for', () => {
  const body = bytesOf('data: {"choices":[{"delta":{"content":"𝄞')
  sameEvents(eventsOf(single(body.subarray(0, -2))), eventsOf([body.subarray(0, -2)]), 'cut letter')
  assert.equal(eventsOf([body.subarray(0, -2)]).length, 1)
})

test('an empty stream is the same in no piece and in empty ones', () => {
  sameEvents(eventsOf([]), eventsOf([new Uint8Array(), new Uint8Array()]), 'empty pieces')
})

test('broken bytes give the same events in every cut', () => {
  const next = random(2)
  for (const { response } of seedStreams) {
    for (let round = 0; round < 100; round++) {
      const body = response.body.slice(0, 4000)
      for (let hits = 0; hits < 3; hits++) body[Math.floor(next() * body.length)] = Math.floor(next() * 256)
      sameEvents(eventsOf(randomCuts(body, round)), eventsOf([body]), `round ${round}`)
    }
  }
})

function provider({ response }: Recording): Provider {
  return providerOf(response.url)
}

function wholeOf(recording: Recording): StreamEvent[] {
  return eventsOf([recording.response.body], provider(recording))
}

/** The same stream as the spec also allows it to be written. */
function formsOf(body: Uint8Array): [form: string, bytes: Uint8Array][] {
  const text = textOfBytes(body).replace(/\r\n?/g, '\n')
  return [
    ['with CRLF', bytesOf(text.replaceAll('\n', '\r\n'))],
    ['with lone CR', bytesOf(text.replaceAll('\n', '\r'))],
    ['with all three line ends', bytesOf(mixLineEnds(text))],
    ['after a byte order mark', bytesOf(`\ufeff${text}`)],
    [
      'with comments in between',
      bytesOf(text.replace(/^(?=data:)/gm, ': OPENROUTER PROCESSING\n\n:\n: ping\n')),
    ],
    [
      'with fields that are not known',
      bytesOf(text.replace(/^(?=data:)/gm, 'id: 1\nretry: 3\nfoo\nmore: data\n')),
    ],
    ['without the space', bytesOf(text.replace(/^data: /gm, 'data:'))],
    ['over many lines', bytesOf(text.replace(/^data: (\{.*)$/gm, (_line, json: string) => spread(json)))],
    ['without the last line end', bytesOf(text.trimEnd())],
  ]
}

function mixLineEnds(text: string): string {
  let count = 0
  // LF never follows CR: together they would be one line end.
  return text.replace(/\n/g, () => ['\n', '\r\n', '\r', '\r\n'][count++ % 4] ?? '')
}

function spread(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 1).replace(/^/gm, 'data: ')
}

function* randomCuts(bytes: Uint8Array, seed: number): Generator<Uint8Array> {
  const next = random(seed)
  const places: number[] = []
  for (let place = 0; place < bytes.length; place += 1 + Math.floor(next() ** 4 * 3000)) places.push(place)
  yield* cut(bytes, places)
}

function sameEvents(actual: readonly StreamEvent[], whole: readonly StreamEvent[], message: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(whole)) assert.deepEqual(actual, whole, message)
}
