/** What the gateway says of its work: one JSON object a line, without bodies and without secrets. */

/** Writes one line. */
export type Log = (entry: LogEntry) => void

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  /** What happened, in a few words that stay the same: `generation`, `attempt broke`, `store unreachable`. */
  readonly event: string
  readonly requestId?: string
  readonly generation?: string
  readonly key?: string
  readonly [field: string]: string | number | boolean | null | undefined
}
