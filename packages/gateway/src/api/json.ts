/** Answers as JSON, with money as exact numbers. */
import { dollars, type Money } from '../money.ts'
import type { Answer } from './operation.ts'

/** A number that `JSON.stringify` writes by its own text: digits that a double does not have stay. */
export interface ExactNumber {
  readonly rawJSON: string
}

/** ECMAScript has it since Node 21, TypeScript's library not yet. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => ExactNumber }

/** Dollars as a JSON number, to the last digit. */
export function exact(money: Money): ExactNumber {
  return rawJSON(dollars(money))
}

export function json(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
