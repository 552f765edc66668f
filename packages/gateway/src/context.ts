/** What every part of a running gateway is handed. */
import type { Configuration } from './config/configuration.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Router } from './route/route.ts'
import type { KeyRecord, Store } from './store/store.ts'
import type { Telemetry } from './telemetry.ts'

export interface Context {
  /** The configuration and all that follows from it, exchanged whole when it is read again: ask for it once a request. */
  readonly current: Current
  /** The same as it is for one key: the current, but for a key that has upstream keys of its own. */
  readonly currentFor: (who: KeyRecord) => Current
  readonly store: Store
  /** What keys are hashed with, and upstream keys sealed. */
  readonly secret: string
  /** This process among those that share the store. */
  readonly replica: string
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 to 1. */
  readonly random: () => number
}

export interface Current {
  readonly configuration: Configuration
  readonly router: Router
  /** Null where nobody wants spans. */
  readonly telemetry: Telemetry | null
}
