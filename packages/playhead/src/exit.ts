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
  /** SIGTERM. */
  terminated: 143,
} as const

/** Something the user can mend before the work begins. Its message is all that is printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What went wrong, for people: never a stack, also where a message holds one. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? describe(error.message) || error.name : describe(error)
  return text.replace(/\n\s+at .*/s, '')
}

/** Anything can be thrown, also what cannot be made a text. */
function describe(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that is no error was thrown'
  }
}
