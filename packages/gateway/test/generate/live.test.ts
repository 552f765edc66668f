/** What is under way when a gateway ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Live } from '../../src/generate/live.ts'

test('those that have ended are not stopped, in whatever order they did', () => {
  for (const ending of ['a', 'b', 'c', 'ab', 'ba', 'ac', 'ca', 'bc', 'cb', 'abc', 'cab']) {
    const stopped: string[] = []
    const live = new Live(() => {})
    const all = Array.from('abc', (name) => ({ name, stop: () => void stopped.push(name) }))
    for (const one of all) live.began(one)
    for (const name of ending) {
      const one = all.find((other) => other.name === name)
      if (one !== undefined) live.ended(one)
    }
    assert.equal(live.size, 3 - ending.length)
    live.stop()
    const left = Array.from('abc').filter((name) => !ending.includes(name))
    assert.deepEqual(stopped.toSorted(), left, `after ${ending}`)
  }
})

test('one that ends as it is stopped keeps none of the others going', () => {
  const stopped: string[] = []
  const live = new Live(() => {})
  for (const name of 'abc') {
    const one = {
      stop() {
        stopped.push(name)
        live.ended(one)
      },
    }
    live.began(one)
  }
  live.stop()
  assert.deepEqual(stopped.toSorted(), ['a', 'b', 'c'])
})
