/** Money inside the gateway: whole pico-dollars, so that sums, caps and comparisons are exact. */
import { type Cost, decodeCost } from '@playhead/wire'

/** 10⁻¹² of a US dollar. A price of $0.000001 for a million tokens is still a whole number for one of them. */
export type Money = bigint

const digits = 12

/** What a store has room for: $9.2 million. */
const mostMoney = 2n ** 63n - 1n

/** The amount, or the most that a store has room for. */
export function storable(money: Money): Money {
  return money > mostMoney ? mostMoney : money
}

/** Reads a plain decimal of dollars. What is finer than a pico-dollar is rounded up: nobody is charged too little. */
export function moneyOf(cost: Cost): Money {
  const [whole = '0', fraction = ''] = cost.replace('-', '').split('.')
  const kept = fraction.slice(0, digits).padEnd(digits, '0')
  const rest = /[1-9]/.test(fraction.slice(digits)) ? 1n : 0n
  const amount = BigInt(whole + kept) + rest
  return cost.startsWith('-') ? -amount : amount
}

/** Reads an amount that a person or a provider wrote, `0.5` or `"1e-6"`; null for what is none. */
export function readMoney(said: unknown): Money | null {
  const cost = decodeCost(said)
  return cost === null ? null : moneyOf(cost)
}

/** As a plain decimal of dollars: no exponent, no trailing zeros. */
export function dollars(money: Money): Cost {
  const text = String(money < 0n ? -money : money).padStart(digits + 1, '0')
  const point = text.length - digits
  const plain = `${text.slice(0, point)}.${text.slice(point)}`.replace(/\.?0*$/, '')
  return money < 0n ? `-${plain}` : plain
}
