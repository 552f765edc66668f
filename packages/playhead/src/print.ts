/** Writing to standard output and standard error. */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { stopped } from './stop.ts'

const write = process.stdout.write.bind(process.stdout)
const writeError = process.stderr.write.bind(process.stderr)
const closed = new AbortController()

/** Fires when standard output takes no more: nobody reads it (`| head`), or the disk is full. */
export const outputClosed: AbortSignal = closed.signal

/** To be called once, before anything is printed. */
export function watchOutput(): void {
  process.stdout.on('error', (error) => closed.abort(error))
  // There is nobody to tell.
  process.stderr.on('error', () => {})
}

/** From now on only `print` writes to standard output: what an agent's file writes there goes to standard error. */
export function keepOutput(): void {
  process.stdout.write = writeError
}

/**
 * Waits while a pipe is full: a slow reader slows the program down, and its memory does not grow. One that
 * does not read at all does not keep a program that was stopped.
 */
export async function print(text: string): Promise<void> {
  if (text === '' || closed.signal.aborted || write(text)) return
  await once(process.stdout, 'drain', { signal: stopped }).catch(() => {})
}

/** Milliseconds that a program that was stopped waits for its reader. */
const patience = 500

/** Waits until all that was written is out. */
export async function flushOutput(): Promise<void> {
  const isOut = Promise.all([isFlushed(write), isFlushed(writeError)])
  await (stopped.aborted ? Promise.race([isOut, setTimeout(patience)]) : isOut)
}

/** Also where it never will be: an error is told to `outputClosed`. */
function isFlushed(writeTo: typeof write): Promise<void> {
  return new Promise((resolve) => writeTo('', () => resolve()))
}

/** As a line of JSON, without the control characters that JSON leaves as they are. */
export async function printJson(value: object): Promise<void> {
  const json = JSON.stringify(value).replaceAll(
    /[\u007f-\u009f]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  )
  await print(`${json}\n`)
}

/** A message for people, on standard error. */
export function printError(message: string): void {
  writeError(`playhead: ${printable(message)}\n`)
}

/** Without control characters but tab and line feed: a model must not steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replaceAll('\r', '').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u{fffd}')
}
