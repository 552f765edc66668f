/** Ids: letters and digits by chance, from bytes that are drawn many at a time. */
import { randomFillSync } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const drawn = Buffer.alloc(4096)
let used = drawn.length

/** So many letters and digits, each as likely as any other. */
export function letters(count: number): string {
  let text = ''
  // 62 of 64 values have a letter: the others are drawn again.
  while (text.length < count) text += alphabet[nextByte() & 63] ?? ''
  return text
}

function nextByte(): number {
  if (used === drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  return drawn[used++] ?? 0
}
