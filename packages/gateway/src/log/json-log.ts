/** The log as lines of JSON, from which secrets are taken out on their way. */
import { createRedaction } from '@playhead/tape'
import type { Log } from '../log.ts'

export interface JsonLogOptions {
  /** Variables whose values are secret where their names say so. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Whatever is said begins with its time. `write` is given whole lines, all that were said at one turn of the event loop at
 * once, an error at once. All that is logged goes through here, so here
 * it is looked through: for known keys, what looks like one, and what stands where one is sent.
 */
export function jsonLog(write: (lines: string) => void, options: JsonLogOptions = {}): Log {
  const { env = process.env, now = Date.now } = options
  const redactor = createRedaction({ env }).exchange('http://gateway/', [])
  let lines = ''
  const flush = (): void => {
    if (lines === '') return
    const text = lines
    lines = ''
    write(redactor.text(text.replaceAll(sent, '$1***')))
  }
  process.once('exit', flush)
  return (entry) => {
    if (lines === '') setImmediate(flush)
    lines += `{"time":"${new Date(now()).toISOString()}",${JSON.stringify(entry).slice(1)}\n`
    if (entry.level === 'error') flush()
  }
}

/** Also what is too short or too plain to be taken for a key elsewhere: in a log nothing of the kind is missed. */
const sent = /\b(Bearer |sk-|x-(?:goog-)?api-key: ?|[?&]key=)(?!ph-\w{4}…)[\w.~+/=-]{4,}/gi
