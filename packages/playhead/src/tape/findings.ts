/** What is wrong with an interaction, for `playhead tape check`. */
import type { Interaction, Redaction } from '@playhead/tape'
import { scrub } from '@playhead/tape'
import { understand, WireError } from '@playhead/wire'

/** What kinds of findings there are. */
export type FindingCode =
  | 'unreadable'
  | 'warning'
  | 'parent'
  | 'unfinished'
  | 'request'
  | 'truncated'
  | 'malformed'
  | 'secret'
  | 'duplicate'

/** Something that somebody should look at. */
export interface TapeFinding {
  readonly code: FindingCode
  readonly message: string
  /** Where in the interaction; null where all of it is meant. */
  readonly where: string | null
}

const secrets: Readonly<Record<string, string>> = {
  credential: 'a credential stands here',
  account: 'the id of an account stands here',
}

/**
 * Never holds a secret: only its kind and its place. What was recorded as an error, by a provider or a network, is none.
 * Kinds of secrets that are `allowed` are passed over.
 */
export function* findingsOf(
  interaction: Interaction,
  redaction: Redaction,
  allowed: readonly string[],
): Generator<TapeFinding> {
  const { ending } = interaction
  if (ending.type === 'unfinished') {
    yield { code: 'unfinished', message: 'whoever recorded it was gone before its end', where: null }
  }
  yield* conversationFindings(interaction)
  const seen = new Set<string>()
  for (const { name, where } of scrub(interaction, redaction).changes) {
    if (allowed.includes(name) || seen.has(`${name} ${where}`)) continue
    seen.add(`${name} ${where}`)
    yield { code: 'secret', message: secrets[name] ?? `what looks like a key stands here: ${name}`, where }
  }
}

/** An answer that was left or lost is not held to its dialect: that it broke off is on the tape. */
function* conversationFindings(interaction: Interaction): Generator<TapeFinding> {
  const { dialect, request, outcome } = understand(interaction)
  if (dialect === null) return
  if (request instanceof WireError) {
    const { path, message } = request
    const what = message.endsWith(` at ${path}`) ? message.slice(0, -4 - path.length) : message
    yield { code: 'request', message: `the request is not understood: ${what}`, where: `request ${path}` }
  }
  if (outcome?.type !== 'failure' || interaction.ending.type !== 'end') return
  if (outcome.code !== 'truncated' && outcome.code !== 'malformed') return
  const what =
    outcome.code === 'truncated' ? 'the stream has no end' : `the answer is malformed: ${outcome.message}`
  yield { code: outcome.code, message: what, where: 'response body' }
}
