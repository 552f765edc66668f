/** Puts streams through relays. */
import { type Failure, failure, type Usage } from '@playhead/wire'
import type { RelayContext, StreamRelay } from '../../src/relay/relay.ts'

/** What a relay is told; costs are as reported. */
export const context: RelayContext = {
  id: 'gen-1790000000-AbCdEfGhIjKlMnOpQrSt',
  model: 'author/model',
  provider: 'Upstream',
  created: 1_790_000_000,
  url: 'http://127.0.0.1/v1/chat/completions?alt=sse',
  isStrictClient: false,
  secrets: () => [],
  upstreamCost: null,
  cost: (_usage, reported) => reported,
}

/** The same with a cost for whatever counts tokens. */
export function priced(cost: string): RelayContext {
  return { ...context, cost: (usage: Usage | null) => (usage === null ? null : cost) }
}

/** All that comes out of a relay for these pieces and their end. */
export function through(relay: StreamRelay, pieces: Iterable<Uint8Array>, cause?: Failure): Uint8Array {
  const out: Uint8Array[] = []
  for (const piece of pieces) out.push(relay.push(piece))
  out.push(relay.end(cause))
  return Buffer.concat(out)
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A connection that broke. */
export const reset = failure('network', 'The connection was reset')
