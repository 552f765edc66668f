/** A stream that is cut off before its dialect's last word is an error, never a short success. */
import assert from 'node:assert/strict'
import { type Failure, providerOf, type StreamEvent } from '../../src/index.ts'
import type { Recording } from '../recordings.ts'
import { frameEnds, hasEnded } from './frames.ts'
import { eventsOf, law, same, streamed, wholeOf } from './law.ts'

law(
  'a stream cut off after or inside any event is an error until its end was said',
  streamed,
  (recording) => {
    const { body } = recording.response
    for (const place of placesOf(body)) checkPrefix(recording, body.subarray(0, place))
  },
)

law('a stream without its last word is an error however it is cut', streamed, (recording) => {
  const { body } = recording.response
  if (hasEnded(recording, body)) return
  assert.equal(wholeOf(recording).at(-1)?.type, 'error')
})

law('what came before the cut is kept', streamed, (recording) => {
  const { body } = recording.response
  const events = eventsOf(recording, [body.subarray(0, body.length >> 1)])
  const last = events.at(-1)
  if (last?.type !== 'error') return
  const parts = last.failure.partial?.content ?? []
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  assert.equal(text, events.map((event) => (event.type === 'text' ? event.text : '')).join(''))
  const thought = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  assert.ok(
    thought.includes(events.map((event) => (event.type === 'reasoning' ? event.text : '')).join('')),
    'the reasoning is lost',
  )
})

law('tokens and cost are told as soon as they came', streamed, (recording) => {
  const { dialect, response } = recording
  const decoder = dialect.client.decodeStream(providerOf(response.url))
  let place = 0
  for (const end of frameEnds(response.body)) {
    decoder.push(response.body.subarray(place, end))
    place = end
    const come = response.body.subarray(0, end)
    if (!isWhole(come)) continue
    const last = eventsOf(recording, [come]).at(-1)
    const known = last?.type === 'finish' ? last.answer : last?.type === 'error' ? last.failure : null
    same([decoder.usage, decoder.cost], [known?.usage ?? null, known?.cost ?? null], `after ${end} bytes`)
  }
})

law('a stream says nothing after its last event', streamed, ({ dialect, response }) => {
  const decoder = dialect.client.decodeStream(providerOf(response.url))
  const events = [...decoder.push(response.body), ...decoder.end()]
  assert.ok(oneEnd(events))
  assert.deepEqual(decoder.push(response.body), [])
  assert.deepEqual(decoder.end(), [])
})

/** Binary frames and lines of JSON are, at their ends; an event is with the blank line behind it. */
function isWhole(body: Uint8Array): boolean {
  return body[0] === 0 || body[0] === 123 || /\n\r?\n$/.test(String.fromCharCode(...body.subarray(-3)))
}

/** Behind each frame and inside it. A long stream is cut at a sample of them, and at all of the last ones. */
function placesOf(body: Uint8Array): number[] {
  const ends = frameEnds(body)
  const step = Math.ceil(ends.length / 25)
  const chosen = ends.filter((_end, index) => index % step === 0 || index > ends.length - 10)
  return [0, 1, ...chosen.flatMap((end) => [end - 2, end - 1, end])]
    .filter((place) => place >= 0 && place < body.length)
    .toSorted((a, b) => a - b)
}

function checkPrefix(recording: Recording, prefix: Uint8Array): void {
  const message = `cut off after ${prefix.length} bytes`
  const events = eventsOf(recording, [prefix])
  assert.ok(oneEnd(events), message)
  const last = events.at(-1)
  if (last?.type === 'error') {
    assert.ok(!events.some(({ type }) => type === 'tool-call'), `${message}: half a tool call`)
    return checkFailure(recording, last.failure, message)
  }
  assert.ok(hasEnded(recording, prefix), `${message}: a short success`)
}

/** Cut off, or the failure that the whole stream ends with. */
function checkFailure(recording: Recording, { code, retryable }: Failure, message: string): void {
  const whole = wholeOf(recording).at(-1)
  if (whole?.type === 'error' && whole.failure.code === code) return
  same([code, retryable], ['truncated', true], message)
}

function oneEnd(events: readonly StreamEvent[]): boolean {
  const ends = events.filter(({ type }) => type === 'finish' || type === 'error')
  return ends.length === 1 && events.at(-1) === ends[0]
}
