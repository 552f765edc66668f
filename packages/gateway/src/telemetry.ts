/** What a tracer is told of generations: one span for each, and one below it for each attempt. */
import type { AttemptRecord, OpenGeneration, Settlement } from './store/store.ts'

export interface Telemetry {
  /** The span of a generation that has been let in. */
  begin(opening: OpenGeneration, about: GenerationAbout): GenerationSpan
  /** Fulfilled when what has ended is on its way, or cannot be: the process may end after that. */
  flush(): Promise<void>
}

/** What a span says that the ledger does not. */
export interface GenerationAbout {
  readonly operation: 'chat' | 'embeddings'
  /** What the client allows; null where it does not say. */
  readonly maxOutputTokens: number | null
  /** The client's, by lower-case names: whose trace it is stands there. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface GenerationSpan {
  /** The span of a request to an endpoint, so many milliseconds after the generation's arrival. */
  attempt(endpoint: string, startedAfter: number): AttemptSpan
  end(settlement: Settlement): void
}

export interface AttemptSpan {
  /** What the upstream is told of the trace: nothing, unless the configuration says so. */
  readonly headers: Readonly<Record<string, string>>
  end(attempt: AttemptRecord): void
}
