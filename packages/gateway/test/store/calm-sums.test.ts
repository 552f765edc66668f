import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calmSums } from '../../src/store/calm-sums.ts'

/** A ledger whose sums take so long each, and how often one was made. */
function ledger(took: number): {
  readonly sum: () => Promise<unknown>
  wait(time: number): void
  made: number
} {
  let time = 0
  const counted = { made: 0 }
  const store = {
    sumGenerations: async () => {
      counted.made += 1
      time += took
      return []
    },
  }
  const sums = calmSums(store, () => time)
  return {
    sum: () => sums({ keyId: 'a' }, ['day']),
    wait: (more) => {
      time += more
    },
    get made() {
      return counted.made
    },
  }
}

test('a sum that takes no time is made each time', async () => {
  const small = ledger(2)
  for (let count = 1; count <= 3; count += 1) {
    await small.sum()
    assert.equal(small.made, count)
  }
})

test('one that takes long is given again for twenty times as long', async () => {
  const large = ledger(300)
  await large.sum()
  large.wait(5999)
  await large.sum()
  assert.equal(large.made, 1)
  large.wait(1)
  await large.sum()
  assert.equal(large.made, 2)
})

test('who asks while it is made waits for the same one', async () => {
  const small = ledger(2)
  await Promise.all([small.sum(), small.sum()])
  assert.equal(small.made, 1)
})

test('one that failed is made again, and another question is another sum', async () => {
  let made = 0
  const sums = calmSums(
    {
      sumGenerations: async () => {
        made += 1
        throw new Error('no')
      },
    },
    () => 0,
  )
  await assert.rejects(sums({}, []))
  await assert.rejects(sums({}, []))
  await assert.rejects(sums({ keyId: 'a' }, []))
  assert.equal(made, 3)
})
