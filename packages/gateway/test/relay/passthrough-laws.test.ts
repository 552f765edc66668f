/** Every recorded stream, passed on in its own dialect: its bytes are the same, and what is known of it is what its decoder knows. */
import assert from 'node:assert/strict'
import { type Dialect, type Failure, providerOf, type StreamEvent } from '@playhead/wire'
import { frameEnds } from '../../../wire/test/laws/frames.ts'
import { decodeStream, law, same, some, streamed, wholeOf } from '../../../wire/test/laws/law.ts'
import type { Recording } from '../../../wire/test/recordings.ts'
import { cut, random, single } from '../../../wire/test/streams.ts'
import { outcomeOf } from '../../src/relay/head.ts'
import { Passthrough } from '../../src/relay/passthrough.ts'
import type { AnswerOutcome, StreamRelay } from '../../src/relay/relay.ts'
import { streamRelay } from '../../src/relay/stream-relay.ts'
import { context, reset, textOf, through } from './relaying.ts'

/** Bytes that one test may relay. */
const budget = 12_000_000

/** Server-sent events of dialects whose bytes pass. */
function passed(dialect: Dialect): readonly Recording[] {
  return streamed(dialect).filter(
    (recording) =>
      relayOf(recording) instanceof Passthrough && /^[^\0[]/.test(textOf(recording.response.body)),
  )
}

function short(dialect: Dialect): readonly Recording[] {
  const ordered = passed(dialect).toSorted((a, b) => a.response.body.length - b.response.body.length)
  let spent = 0
  return ordered.filter(({ response }, index) => {
    if (response.body.length === ordered[index - 1]?.response.body.length) return false
    spent += response.body.length ** 2 / 8
    return spent <= budget || index === 0
  })
}

function relayOf({ dialect, response }: Recording): StreamRelay {
  return streamRelay(dialect, dialect, providerOf(response.url), context)
}

function lastOf(recording: Recording): StreamEvent {
  const last = wholeOf(recording).at(-1)
  assert.ok(last !== undefined)
  return last
}

/** As the decoder says, which reads every frame. */
function expected(last: StreamEvent): unknown {
  if (last.type === 'finish') return outcomeOf(last.answer)
  return last.type === 'error' ? essence(last.failure) : null
}

function actual(outcome: AnswerOutcome | null): unknown {
  return outcome?.type === 'failure' ? essence(outcome.failure) : outcome
}

function essence({ code, usage, cost }: Failure): unknown {
  return { code, usage, cost }
}

law('bytes pass as they are', passed, (recording) => {
  const { body } = recording.response
  const relay = relayOf(recording)
  const out = textOf(through(relay, [body]))
  if (relay.outcome?.type === 'failure') return
  const text = textOf(body)
  if (/^\s*[[{]/.test(text)) return
  // What has no blank line at its end gets one, and a last word where a provider leaves it out.
  assert.equal(out.slice(0, text.length), text)
  assert.match(out.slice(text.length), /^\n*(data: \[DONE\]\n\n)?$/)
})

law('what is known of the answer is what a decoder of every frame knows', passed, (recording) => {
  const { body } = recording.response
  for (const pieces of [[body], frames(body), cut(body, places(body))]) {
    const relay = relayOf(recording)
    through(relay, pieces)
    same(actual(relay.outcome), expected(lastOf(recording)))
  }
})

law('what comes out does not depend on how the bytes are cut', short, (recording) => {
  const { body } = recording.response
  const whole = relayed(recording, [body])
  same(relayed(recording, single(body)), whole, 'byte by byte')
  const step = Math.max(1, Math.floor(body.length / 40))
  for (let place = 1; place < body.length; place += step)
    same(relayed(recording, cut(body, [place])), whole, `cut at ${place}`)
})

law('broken bytes come out the same in every cut, and nothing throws', short, (recording) => {
  const next = random(recording.response.body.length)
  for (let round = 0; round < 10; round += 1) {
    const body = recording.response.body.slice(0, 6000)
    for (let hits = 0; hits < 3; hits += 1) body[Math.floor(next() * body.length)] = Math.floor(next() * 256)
    const whole = relayed(recording, [body])
    same(relayed(recording, cut(body, places(body))), whole, `round ${round}`)
    assert.notEqual(whole.outcome, null)
  }
})

law('a stream that is cut off ends with an error that its client reads', some(passed, 60), (recording) => {
  const { body, url } = recording.response
  const ends = frameEnds(body)
  const step = Math.ceil(ends.length / 12)
  for (const end of ends.filter((_end, index) => index % step === 0)) {
    for (const place of [end, end - 1, end + 3]) {
      const part = body.subarray(0, place)
      const wanted = decodeStream(recording.dialect, url, [part]).at(-1)
      const relay = relayOf(recording)
      const out = through(relay, [part], reset)
      assert.equal(relay.outcome?.type, wanted?.type === 'finish' ? 'answer' : 'failure', `cut at ${place}`)
      const read = decodeStream(recording.dialect, url, [out]).at(-1)
      assert.equal(read?.type, wanted?.type, `cut at ${place}: ${textOf(out).slice(-300)}`)
    }
  }
})

law('a failure of ours is read by the client, and nothing follows it', passed, (recording) => {
  const { body, url } = recording.response
  const half = body.subarray(0, body.length >> 1)
  const relay = relayOf(recording)
  const out = [relay.push(half)]
  if (relay.outcome !== null) return
  out.push(relay.fail(reset))
  const read = decodeStream(recording.dialect, url, [Buffer.concat(out)]).at(-1)
  const isAnswer = (relay.outcome as AnswerOutcome | null)?.type === 'answer'
  assert.equal(read?.type, isAnswer ? 'finish' : 'error', textOf(Buffer.concat(out)).slice(-300))
  assert.equal(relay.push(body).length * Number(!isAnswer), 0)
  assert.equal(relay.end().length, 0)
})

law('the first token is when a decoder has it', passed, (recording) => {
  const { body, url } = recording.response
  const relay = relayOf(recording)
  for (const end of frameEnds(body)) {
    relay.push(body.subarray(frameEnds(body).findLast((other) => other < end) ?? 0, end))
    if (!relay.hasBegun) continue
    const events = decodeStream(recording.dialect, url, [body.subarray(0, end)])
    assert.ok(events.some((event) => event.type !== 'error' && event.type !== 'finish'))
    return
  }
})

function relayed(recording: Recording, pieces: Iterable<Uint8Array>): { out: string; outcome: unknown } {
  const relay = relayOf(recording)
  const out = textOf(through(relay, pieces))
  return { out, outcome: relay.outcome }
}

function* frames(body: Uint8Array): Generator<Uint8Array> {
  yield* cut(body, frameEnds(body))
}

function places(body: Uint8Array): number[] {
  const next = random(body.length)
  const chosen: number[] = []
  for (let place = 0; place < body.length; place += 1 + Math.floor(next() ** 4 * 3000)) chosen.push(place)
  return chosen
}
