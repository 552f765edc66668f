/** Money of the ledger, as people read it. */
import { dollars, type Money } from '@playhead/gateway/admin'
import { money } from '../terminal.ts'

/** `$0.25`, exact. */
export function amount(of: Money): string {
  return money(dollars(of))
}

/** `$0.25 more`, `$0.25 less`. */
export function moreOrLess(difference: Money): string {
  return difference < 0n ? `${amount(-difference)} less` : `${amount(difference)} more`
}
