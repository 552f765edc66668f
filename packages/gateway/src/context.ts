/** What every part of a running gateway is handed. */
import type { Configuration } from './config/configuration.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Router } from './route/route.ts'
import type { Store } from './store/store.ts'
import type { Telemetry } from './telemetry.ts'

export interface Context {
  /** The configuration and all that follows from it, exchanged whole when it is read again: ask for it once a request. */
  readonly current: Current
  readonly store: Store
  /** What keys are hashed with. */
  readonly secret: string
  /** This process among those that share the store. */
  readonly replica: string
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  now(): number
  /** 0 to 1. */
  random(): number
}

export interface Current {
  readonly configuration: Configuration
  readonly router: Router
  /** Null where nobody wants spans. */
  readonly telemetry: Telemetry | null
}
