/** Where the tape of a test lies. */
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'

/** `__tapes__/calculator.test.ts/arithmetic/adds.tape.jsonl`, next to the test's file. */
export function tapeFileOf(file: string, names: readonly string[]): string {
  return join(dirname(file), '__tapes__', basename(file), ...names.map(safeName)) + '.tape.jsonl'
}

/** Letters and digits of any script, in small letters: not every file system tells `A` from `a`. */
function safeName(name: string): string {
  const words =
    name
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const safe = words.join('-')
  if (safe === '') return shortHash(name)
  if (safe.length > longest) return `${safe.slice(0, longest).toWellFormed()}-${shortHash(name)}`
  return reserved.test(safe) ? `${safe}-` : safe
}

/** In most scripts it then fits the 255 bytes that a name may have. */
const longest = 70

/** Names of devices on Windows, whatever follows the point. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/

function shortHash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8)
}
