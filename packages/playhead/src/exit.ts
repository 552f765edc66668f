/** How the command `playhead` ends. */

/** Exit codes. The table in docs/cli.md says the same. */
export const exitCodes = {
  ok: 0,
  /** The work began and failed: the model, the tape or the network; an unreadable file among several. */
  failed: 1,
  /** It could not begin: an option, a file, a key, a cassette. */
  usage: 2,
  /** The run ended without an answer: its steps were used up, or the answer was cut off. */
  incomplete: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const

/** Something the user can mend before the work begins. Its message is all that is printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What went wrong, for people: never a stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}
