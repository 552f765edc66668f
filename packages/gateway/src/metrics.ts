/** What the gateway counts, for Prometheus. */

export interface Metrics {
  /** A client's request is over, of whatever kind. `route` is one of the gateway's own paths, never a client's text. */
  request(route: string, status: number, seconds: number): void
  /** A generation is over. */
  generation(ended: GenerationMetrics): void
  /** An attempt is over. */
  attempt(endpoint: string, outcome: string, seconds: number): void
  /** Streams and plain answers under way; +1 or -1. */
  inFlight(change: 1 | -1): void
  /** As Prometheus reads it. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

export interface GenerationMetrics {
  readonly model: string
  readonly provider: string
  readonly outcome: string
  readonly seconds: number
  /** Null where no token came. */
  readonly firstTokenSeconds: number | null
  readonly inputTokens: number
  readonly outputTokens: number
  /** Dollars, for a counter that is a float anyway: the ledger has the exact sum. */
  readonly dollars: number
}
