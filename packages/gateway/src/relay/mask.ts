/** Takes keys out of what upstreams say: some repeat the one that they were asked with. */
import { createRedaction, type Redaction } from '@playhead/tape'
import type { Failure } from '@playhead/wire'

let redaction: Redaction | undefined

/**
 * A key that its issuer has masked but for its ends, `sk-proj-****abcd`: its ends are nobody's either. Looked for from the
 * beginning of a word only: from each of its letters, a long one would take for ever.
 */
const starred = /(?<![\w-])(?:[\w-]+\*{3,}[\w-]+|[\w-]+-\*{3,})|(?<![\w*-])\*{3,}[\w-]+/g

/** What looks like a key, what the process has in its environment, and these. */
export function masked(text: string, secrets: readonly string[] = []): string {
  redaction ??= createRedaction()
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, 'REDACTED')
  return redaction.exchange('', []).text(clean).replace(starred, 'REDACTED')
}

/** The failure without keys. */
export function maskedFailure(failure: Failure, secrets: readonly string[] = []): Failure {
  const { message, raw } = failure
  return {
    ...failure,
    message: masked(message, secrets),
    raw: raw === null ? null : masked(raw, secrets),
  }
}
