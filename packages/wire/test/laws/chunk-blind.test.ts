/** However the bytes of a stream are cut, its events are the same, in every dialect. */
import assert from 'node:assert/strict'
import type { Dialect } from '../../src/index.ts'
import type { Recording } from '../recordings.ts'
import { cut, random, single } from '../streams.ts'
import { eventsOf, law, same, streamed, wholeOf } from './law.ts'

/** Bytes that one test may decode: the shortest streams are cut everywhere, as far as these go. */
const budget = 24_000_000

law('every recorded stream gives the same events byte by byte', streamed, (recording) => {
  same(eventsOf(recording, single(recording.response.body)), wholeOf(recording))
})

law('every recorded stream gives the same events in random cuts', streamed, (recording) => {
  const { body } = recording.response
  same(eventsOf(recording, randomCuts(body, body.length)), wholeOf(recording))
})

law('the shortest streams give the same events for every cut in two', shortest, (recording) => {
  const { body } = recording.response
  for (let place = 0; place <= body.length; place++) {
    same(eventsOf(recording, cut(body, [place])), wholeOf(recording), `cut at ${place}`)
  }
})

law('empty pieces say nothing', shortest, (recording) => {
  const { body } = recording.response
  const empty = new Uint8Array()
  same(eventsOf(recording, [empty, ...cut(body, [body.length >> 1]), empty]), wholeOf(recording))
  same(eventsOf(recording, [empty, empty]), eventsOf(recording, []))
})

law('broken bytes give the same events in every cut', shortest, (recording) => {
  const next = random(recording.response.body.length)
  for (let round = 0; round < 10; round++) {
    const body = recording.response.body.slice(0, 4000)
    for (let hits = 0; hits < 3; hits++) body[Math.floor(next() * body.length)] = Math.floor(next() * 256)
    const whole = eventsOf(recording, [body])
    same(eventsOf(recording, randomCuts(body, round)), whole, `round ${round}`)
    assert.match(whole.at(-1)?.type ?? '', /^(finish|error)$/)
  }
})

/** At least one of each dialect, and each different. */
function shortest(dialect: Dialect): readonly Recording[] {
  const ordered = streamed(dialect)
    .filter(({ response }) => response.body.length > 0)
    .toSorted((a, b) => a.response.body.length - b.response.body.length)
  let spent = 0
  return ordered.filter(({ response }, index) => {
    if (response.body.length === ordered[index - 1]?.response.body.length) return false
    spent += response.body.length ** 2
    return spent <= budget || index === 0
  })
}

function* randomCuts(bytes: Uint8Array, seed: number): Generator<Uint8Array> {
  const next = random(seed)
  const places: number[] = []
  for (let place = 0; place < bytes.length; place += 1 + Math.floor(next() ** 4 * 3000)) places.push(place)
  yield* cut(bytes, places)
}
