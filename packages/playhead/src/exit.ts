/** How the command `playhead` ends. */
import { TapeError, withRemedy } from '@playhead/tape'

/** Exit codes. The table in docs/cli.md says the same. */
export const exitCodes = {
  ok: 0,
  /** It failed, or found something: the model, the network, a cassette that cannot be read; a difference, a secret, a mistake. */
  failed: 1,
  /** It was asked wrongly: an option, a key that is not set, a file or an id that is not there. */
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

/** What is not there should not have been named; what is there and cannot be read is a failure. */
export function exitCodeOf(error: unknown): number {
  const isAsked = error instanceof UsageError || (error instanceof TapeError && error.code === 'absent')
  return isAsked ? exitCodes.usage : exitCodes.failed
}

/** For a library's error: its sentence goes on behind `playhead: `, and begins there as ours do. */
export function usageErrorOf(error: unknown): UsageError {
  const message = messageOf(error).replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase())
  return new UsageError(message, { cause: error })
}

/** What went wrong, for people: never a stack, also where a message holds one. */
export function messageOf(error: unknown): string {
  if (error instanceof TapeError && error.recordedBy !== null) return withFlag(error)
  const text = error instanceof Error ? describe(error.message) || error.name : describe(error)
  return text.replace(/\n\s+at .*/s, '')
}

/** In the command's own words: a mode is a flag. */
function withFlag({ file, detail, recordedBy }: TapeError): string {
  return `${file}: ${withRemedy(detail, `--mode ${recordedBy}`)}`
}

/** Anything can be thrown, also what cannot be made a text. */
function describe(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that is no error was thrown'
  }
}
