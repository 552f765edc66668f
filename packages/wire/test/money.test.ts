/** Money is exact: read as it was written, added without a rounding. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { addCosts, decodeCost } from '../src/index.ts'

const table: readonly [wire: unknown, cost: string | null][] = [
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [0.1, '0.1'],
  [10, '10'],
  [1.5e-7, '0.00000015'],
  [1e-7, '0.0000001'],
  [0.00026960000000000005, '0.00026960000000000005'],
  [0.00013718, '0.00013718'],
  [1e21, '1000000000000000000000'],
  [-0.25, '-0.25'],
  ['1E-3', '0.001'],
  ['1e+2', '100'],
  ['0.10', '0.1'],
  ['00.5', '0.5'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['-0', '0'],
  ['-0.0', '0'],
  ['-1.50', '-1.5'],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  ['', null],
  ['.', null],
  ['-', null],
  ['e5', null],
  ['1e', null],
  ['0x10', null],
  ['1,5', null],
  ['1_000', null],
  ['$1', null],
  [' 1', null],
  ['1\n', null],
  ['Infinity', null],
  [true, null],
  [null, null],
  [undefined, null],
  [[1], null],
  [{ valueOf: 1 }, null],
  [1n, null],
]

for (const [wire, cost] of table) {
  test(`${typeof wire === 'string' ? JSON.stringify(wire) : String(wire === null || typeof wire !== 'object' ? wire : JSON.stringify(wire))} is ${cost}`, () => {
    assert.equal(decodeCost(wire), cost)
  })
}

test('what is hostile stays small', () => {
  for (const wire of [
    '1e999',
    '1e-400',
    '-9.9e-999',
    '1e9999',
    '1e-99999999999',
    '9'.repeat(1_000_000),
    `0.${'0'.repeat(1_000_000)}1`,
  ]) {
    const cost = decodeCost(wire)
    assert.ok(cost === null || cost.length < 1200, wire.slice(0, 20))
  }
})

/** An amount as whole units of 10^-20, and as it may be written. */
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20))
  .map(([units, zeros]) => {
    const rounded = units / 10n ** BigInt(zeros)
    return { units: rounded * 10n ** BigInt(zeros), cost: written(rounded * 10n ** BigInt(zeros)) }
  })

test('a sum is exact, whatever its order', () => {
  fc.assert(
    fc.property(fc.array(amount), (amounts) => {
      const costs = amounts.map(({ cost }) => cost)
      const sum = written(amounts.reduce((all, { units }) => all + units, 0n))
      assert.equal(addCosts(costs), sum)
      assert.equal(addCosts(costs.toReversed()), sum)
      assert.equal(addCosts(costs.toSorted()), sum)
      assert.equal(addCosts(costs.map((cost) => addCosts([cost, '0']))), sum)
    }),
    { seed: 1 },
  )
})

test('reading what was written changes nothing', () => {
  fc.assert(
    fc.property(amount, ({ cost }) => assert.equal(decodeCost(cost), cost)),
    { seed: 1 },
  )
})

test('a number is read as its shortest decimal, which is the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const cost = decodeCost(value)
      assert.equal(Number(cost), value === 0 ? 0 : value)
      assert.doesNotMatch(cost ?? '', /e|^$|\.\d*0$|\.$/)
    }),
    { seed: 1 },
  )
})

test('nothing costs nothing, and the seeds cost what their two steps cost', () => {
  assert.equal(addCosts([]), '0')
  assert.equal(addCosts(['0.00013718', '0.00013718']), '0.00027436')
  assert.equal(addCosts(Array.from({ length: 10 }, () => '0.1')), '1')
  assert.equal(addCosts(['0.1', '-0.1']), '0')
})

/** Units of 10^-20 as a plain decimal. */
function written(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(21, '0')
  const decimal = `${digits.slice(0, -20)}.${digits.slice(-20)}`.replace(/\.?0*$/, '')
  return units < 0n ? `-${decimal}` : decimal
}
