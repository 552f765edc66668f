/** Decimals as JSON numbers, to the last digit. */
import type { Cost } from '@playhead/wire'

/** A number that `JSON.stringify` writes by its own text: digits that a double does not have stay. */
export interface ExactNumber {
  readonly rawJSON: string
}

/** ECMAScript has it since Node 21, TypeScript's library not yet. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => ExactNumber }

export function exactNumber(decimal: Cost): ExactNumber {
  return rawJSON(decimal)
}
