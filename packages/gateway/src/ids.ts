/** Ids: letters and digits by chance, of which many are drawn at a time. */
import { randomBytes } from 'node:crypto'

let drawn = ''
let used = 0

/** So many letters and digits, at most some thousands, each as likely as any other. */
export function letters(count: number): string {
  if (used + count > drawn.length) {
    // Without two of its 64 characters, base64 has those that are wanted, and each as often.
    drawn = randomBytes(6144).toString('base64').replaceAll(/[+/]/g, '')
    used = 0
  }
  used += count
  return drawn.slice(used - count, used)
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * As OpenRouter's: `gen-<seconds>-<20 letters and digits>`. The first two of those are the milliseconds: ids grow with
 * time, so that an index over them is written at its end and not all over. `now` in milliseconds since 1970.
 */
export function generationId(now: number): string {
  const milliseconds = Math.floor(now) % 1000
  const [high, low] = [digits[Math.floor(milliseconds / 62)], digits[milliseconds % 62]]
  return `gen-${Math.floor(now / 1000)}-${high}${low}${letters(18)}`
}
