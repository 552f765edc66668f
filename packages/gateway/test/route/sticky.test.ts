/** How conversations stay where their prompt cache is, and when they leave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Preferences } from '../../src/question.ts'
import { endpoint, fail, priceOf, tags, three, two, world, type World } from './world.ts'

const session = { text: 'key session s', isSession: true }
const beginning = { text: 'key prefix p', isSession: false }

test('a conversation stays where it is for ten minutes after each answer', () => {
  const made = world(three)
  const first = (): string | undefined => tags(made.ask({}, {}, {}, session))[0]
  assert.equal(first(), 'vertex/us')
  made.router.remember(session, 'together:lab/model')
  assert.deepEqual(tags(made.ask({}, {}, {}, session)), ['together', 'vertex/us', 'groq'])
  assert.equal(made.ask({}, {}, {}, session).strategy, 'sticky')
  made.clock.now += 599_999
  assert.equal(first(), 'together')
  made.router.remember(session, 'together:lab/model')
  made.clock.now += 599_999
  assert.equal(first(), 'together')
  made.clock.now += 1
  assert.equal(first(), 'vertex/us')
})

test('another conversation goes where it likes', () => {
  const made = world(three)
  made.router.remember(session, 'together:lab/model')
  assert.equal(made.ask({}, {}, {}, { ...session, text: 'other' }).strategy, 'weighted')
})

const looseners: readonly [sentence: string, wants: Partial<Preferences>, before: (world: World) => void][] =
  [
    ['an order', { order: ['groq'] }, () => {}],
    ['an outage', {}, (world) => fail(world, 'together', 3)],
    ['being ignored', { ignore: ['together'] }, () => {}],
    ['a price', { maxPrice: { prompt: '2' } }, () => {}],
  ]
for (const [what, wants, before] of looseners) {
  test(`a conversation leaves for ${what}`, () => {
    const made = world(three)
    made.router.remember(session, 'together:lab/model')
    before(made)
    const route = made.ask(wants, {}, {}, session)
    assert.notEqual(tags(route)[0], 'together')
    assert.notEqual(route.strategy, 'sticky')
  })
}

test('a beginning stays only where reading it from the cache is cheaper', () => {
  const same = endpoint('groq', { price: priceOf(3, 3, { cachedInput: priceOf(3, 3).input }) })
  const made = world([
    ...three,
    endpoint('fireworks', { price: priceOf(4, 4) }),
    { ...same, tag: 'cerebras', id: 'cerebras' },
  ])
  made.router.remember(beginning, 'cerebras')
  assert.equal(made.ask({}, {}, {}, beginning).strategy, 'weighted')
  made.router.remember(beginning, 'fireworks:lab/model')
  assert.equal(tags(made.ask({}, {}, {}, beginning))[0], 'fireworks')
})

test('a conversation that went on with a fallback model comes back to the one that is asked for', () => {
  const made = world(two)
  made.router.remember(session, 'cerebras:lab/other')
  assert.deepEqual(tags(made.ask({}, { models: ['lab/model', 'lab/other'] }, {}, session)), [
    'groq',
    'cerebras lab/other',
    'groq lab/other',
  ])
})
