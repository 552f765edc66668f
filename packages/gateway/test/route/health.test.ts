/** How endpoints fare over time: outages, pauses, probes, quantiles, all on a clock of the test's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createHealth, type TrackedHealth } from '../../src/route/health.ts'
import { Recent } from '../../src/route/recent.ts'
import { Rolling } from '../../src/route/rolling.ts'
import type { AttemptResult, EndpointHealth, Fitness } from '../../src/route/route.ts'

const start = Date.parse('2026-10-01T12:00:00Z')

interface Patient {
  readonly health: TrackedHealth
  readonly clock: { now: number }
  /** `+` an answer, `-` a failure, `.` neither, a number lets so many milliseconds pass. */
  live(past: string): void
  end(result: Partial<AttemptResult>): void
  readonly fitness: Fitness
  readonly known: EndpointHealth
}

function patient(): Patient {
  const clock = { now: start }
  const health = createHealth({ now: () => clock.now })
  const types = { '+': 'answer', '-': 'failure', '.': 'neutral' } as const
  const end = (result: Partial<AttemptResult>): void => {
    health.began('e')
    health.ended('e', { type: 'answer', retryAfter: null, firstToken: null, throughput: null, ...result })
  }
  return {
    health,
    clock,
    end,
    live(past) {
      for (const [word] of past.matchAll(/\d+|[+.-]/g)) {
        if (word in types) end({ type: types[word as keyof typeof types] })
        else clock.now += Number(word)
      }
    },
    get fitness() {
      return health.fitness('e', clock.now)
    },
    get known() {
      return health.of('e')
    },
  }
}

const table: readonly [sentence: string, past: string, state: EndpointHealth['state'], fitness: Fitness][] = [
  ['nobody knows anything bad of a new one', '', 'good', 'good'],
  ['answers are good', '+++', 'good', 'good'],
  ['two failures are no outage', '--', 'good', 'good'],
  ['three on end are', '---', 'unhealthy', 'unhealthy'],
  ['the fault of a request is no failure', '--.....', 'good', 'good'],
  ['an answer ends what was on end', '--+-', 'unhealthy', 'unhealthy'],
  ['as many answers as failures are no outage', '--++-+', 'good', 'good'],
  ['more failures than answers are', '-+-+-', 'unhealthy', 'unhealthy'],
  ['after 30 seconds without one, failures are forgotten', '--- 30000', 'good', 'good'],
  ['before that they are not', '--- 29999', 'unhealthy', 'unhealthy'],
  ['after five on end it is paused', '-----', 'paused', 'paused'],
  ['for a second', '----- 999', 'paused', 'paused'],
  ['then it recovers, behind others while failures are fresh', '----- 1000', 'recovering', 'unhealthy'],
  ['recovering it is as good as others once they are not', '----- 30000', 'recovering', 'good'],
  ['a failure while it recovers pauses it again', '----- 1000 -', 'paused', 'paused'],
  ['for twice as long', '----- 1000 - 1999', 'paused', 'paused'],
  ['and no longer', '----- 1000 - 2000', 'recovering', 'unhealthy'],
  ['failures during a pause make it no longer', '----- 500 --- 500', 'recovering', 'unhealthy'],
  [
    'it is never paused for more than a minute',
    '----- 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 59999',
    'paused',
    'paused',
  ],
  [
    'which then ends',
    '----- 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 60000 - 60000',
    'recovering',
    'good',
  ],
  ['one answer and it has recovered', '----- 1000 +', 'unhealthy', 'unhealthy'],
  ['and it is good when failures are old', '----- 1000 + 30000', 'good', 'good'],
  [
    'after an answer it is paused for a second again',
    '----- 1000 - 2000 + ----- 1000',
    'recovering',
    'unhealthy',
  ],
  ['a probe that ended in neither leaves it recovering', '----- 30000 .', 'recovering', 'good'],
]
for (const [sentence, past, state, fitness] of table) {
  test(sentence, () => {
    const one = patient()
    one.live(past)
    assert.equal(one.known.state, state)
    assert.equal(one.fitness, fitness)
    assert.equal(one.known.until !== null, state === 'paused')
  })
}

test('while it recovers, one attempt at a time goes there before others', () => {
  const one = patient()
  one.live('----- 30000')
  assert.equal(one.fitness, 'good')
  one.health.began('e')
  assert.equal(one.fitness, 'unhealthy')
  one.health.ended('e', { type: 'neutral', retryAfter: null, firstToken: null, throughput: null })
  assert.equal(one.fitness, 'good')
})

const deferrals: readonly [sentence: string, retryAfter: number, lasts: number][] = [
  ['a provider that says when is left alone until then', 2500, 2500],
  ['for a millisecond too', 1, 1],
  ['for ten minutes at most', 3_600_000, 600_000],
]
for (const [sentence, retryAfter, lasts] of deferrals) {
  test(sentence, () => {
    const one = patient()
    one.end({ type: 'failure', retryAfter })
    assert.equal(one.known.until, start + lasts)
    one.clock.now += lasts - 1
    assert.equal(one.fitness, 'deferred')
    assert.equal(one.known.state, 'deferred')
    one.clock.now += 1
    assert.equal(one.fitness, 'good')
    assert.equal(one.known.state, 'recovering')
  })
}

test('a wait of nothing is none', () => {
  const one = patient()
  one.end({ type: 'failure', retryAfter: 0 })
  assert.equal(one.fitness, 'good')
})

test('an answer to an earlier request does not cut what a provider asked for short, nor does a shorter one', () => {
  const one = patient()
  one.end({ type: 'failure', retryAfter: 5000 })
  one.end({ type: 'answer' })
  one.end({ type: 'failure', retryAfter: 1000 })
  one.live('4999')
  assert.equal(one.fitness, 'deferred')
})

test('quantiles are of the last five minutes: of times the slowest, of speeds what was reached', () => {
  const one = patient()
  one.end({ firstToken: 9999, throughput: 1 })
  one.live('300000')
  for (let value = 1; value <= 100; value++) one.end({ firstToken: value * 10, throughput: value })
  assert.deepEqual(one.known.firstToken, { p50: 500, p75: 750, p90: 900, p99: 990 })
  assert.deepEqual(one.known.throughput, { p50: 51, p75: 26, p90: 11, p99: 2 })
  one.end({ firstToken: 99_000 })
  assert.equal(one.known.firstToken.p99, 1000)
  for (let count = 0; count < 9; count++) one.end({ firstToken: 99_000 })
  assert.equal(one.known.firstToken.p99, 99_000)
  one.live('300000')
  assert.equal(one.known.firstToken, null)
})

test('uptime is the share of answers, in its own stretch of time', () => {
  const one = patient()
  assert.deepEqual(one.known.uptime, { minutes5: null, minutes30: null, day: null })
  one.live('- 7200000 -+ 600000 ++++-...')
  assert.deepEqual(one.known.uptime, { minutes5: 4 / 5, minutes30: 5 / 7, day: 5 / 8 })
})

test('counts are those of the stretch, exact to one bucket, for any past', () => {
  const attempts = fc.array(fc.record({ wait: fc.nat(5000), isGood: fc.boolean() }), { maxLength: 200 })
  fc.assert(
    fc.property(attempts, fc.nat(40_000), (past, last) => {
      const counts = new Rolling(30_000, 10)
      const all: { readonly at: number; readonly isGood: boolean }[] = []
      let now = start
      for (const { wait, isGood } of past) {
        now += wait
        counts.add(isGood, now)
        all.push({ at: now, isGood })
      }
      now += last
      const { good, bad } = counts.sums(now)
      const within = (span: number): number => all.filter(({ at }) => now - at < span).length
      assert.ok(good + bad >= within(27_000))
      assert.ok(good + bad <= within(30_000))
      const oldest = all.slice(all.length - good - bad)
      assert.equal(oldest.filter(({ isGood }) => isGood).length, good)
    }),
  )
})

test('a clock that is set back breaks nothing', () => {
  const counts = new Rolling(30_000, 10)
  counts.add(true, start)
  counts.add(false, start - 3_600_000)
  assert.deepEqual(counts.sums(start - 3_600_000), { good: 1, bad: 1 })
  assert.deepEqual(counts.sums(start), { good: 1, bad: 1 })
})

test('at no time is more than one probe sent before others, and a pause ends whatever happens', () => {
  const steps = fc.array(fc.constantFrom('began', 'good', 'bad', 'wait', 'long'), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (list) => {
      const one = patient()
      one.live('-----')
      let underWay = 0
      for (const step of list) {
        if (step === 'wait') one.live('700')
        if (step === 'long') one.live('30000')
        if (step === 'began') {
          const { state } = one.known
          const { fitness } = one
          if (state === 'recovering' && underWay > 0) assert.equal(fitness, 'unhealthy')
          // The router sends nothing to those that are not good while there are others.
          if (fitness !== 'good') continue
          one.health.began('e')
          underWay++
        }
        if (underWay > 0 && (step === 'good' || step === 'bad')) {
          underWay = 0
          const type = step === 'good' ? 'answer' : 'failure'
          one.health.ended('e', { type, retryAfter: null, firstToken: null, throughput: null })
          if (type === 'answer') assert.notEqual(one.known.state, 'paused')
        }
      }
      one.live('60000')
      assert.notEqual(one.known.state, 'paused')
    }),
  )
})

test('what is remembered is bounded, the longest unused goes first', () => {
  const recent = new Recent<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  assert.equal(recent.get('a'), 1)
  recent.set('c', 3)
  assert.equal(recent.get('b'), undefined)
  assert.equal(recent.peek('a'), 1)
  assert.equal(recent.size, 2)
})
