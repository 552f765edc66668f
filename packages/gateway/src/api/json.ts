/** Answers as JSON, with money as exact numbers. */
import { type ExactNumber, exactNumber } from '../exact.ts'
import { dollars, type Money } from '../money.ts'
import type { Answer } from './operation.ts'

/** Dollars as a JSON number, to the last digit. */
export function exact(money: Money): ExactNumber {
  return exactNumber(dollars(money))
}

export function json(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
