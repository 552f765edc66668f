/** Takes keys out of what upstreams say: some repeat the one that they were asked with. */
import { createRedaction, type Redaction } from '@playhead/tape'
import type { Failure } from '@playhead/wire'

let redaction: Redaction | undefined

/**
 * A key that its issuer has masked but for its ends, `sk-proj-****abcd`: the ends are masked too. The pattern begins only at
 * the beginning of a word: tried at each letter, a long word would take for ever.
 */
const starred = /(?<![\w-])(?:[\w-]+\*{3,}[\w-]+|[\w-]+-\*{3,})|(?<![\w*-])\*{3,}[\w-]+/g

/** The text without what looks like a key, secrets of the process's environment, and `secrets`. */
export function masked(text: string, secrets: readonly string[]): string {
  redaction ??= createRedaction()
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, 'REDACTED')
  return redaction.exchange('', []).text(clean).replace(starred, 'REDACTED')
}

/** The failure without keys. */
export function maskedFailure(failure: Failure, secrets: readonly string[]): Failure {
  const { message, raw } = failure
  return {
    ...failure,
    message: masked(message, secrets),
    raw: raw === null ? null : masked(raw, secrets),
  }
}
