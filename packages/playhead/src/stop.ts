/** What ends a run from outside: Ctrl-C, a request to terminate, an error that nothing caught, a standstill. */
import { exitCodes, messageOf } from './exit.ts'

/** Why the run was ended. */
export interface Stop {
  readonly exitCode: number
  readonly message: string
}

/** Node ends a program that waits for what nothing can bring any more, and calls that a success. */
export const standstill = 'the work is not done, but nothing goes on: is there a promise that never settles?'

const controller = new AbortController()
let isWatching = false

/** Fires once; its reason is a `Stop`. */
export const stopped: AbortSignal = controller.signal

/**
 * Takes over from Node's own way, which ends the program before its tape is saved. Gives it back when called;
 * a second Ctrl-C ends the program at once all the same.
 */
export function watchStops(): () => void {
  isWatching = true
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', terminate)
  process.on('uncaughtException', crash)
  return () => {
    isWatching = false
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
    process.off('uncaughtException', crash)
  }
}

/** Ends the run that stands still. False where there is none, or where ending it did not help. */
export function stopAtStandstill(): boolean {
  if (!isWatching || stopped.aborted) return false
  stop(exitCodes.failed, standstill)
  return true
}

function interrupt(): void {
  stop(exitCodes.interrupted, 'the run was aborted')
}

function terminate(): void {
  stop(exitCodes.terminated, 'the run was terminated')
}

/** Also a rejection that nothing handles: Node makes it one of these. */
function crash(error: unknown): void {
  stop(exitCodes.failed, `an error was thrown where nothing catches it: ${messageOf(error)}`)
}

function stop(exitCode: number, message: string): void {
  const reason: Stop = { exitCode, message }
  controller.abort(reason)
}
