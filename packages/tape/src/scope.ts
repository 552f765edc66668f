/** Whose the calls of an async context are, where code cannot be handed a `fetch`. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Fetch } from './http.ts'

/** A recorder's `fetch`; `network` is how the call would have gone out without it. */
export type InstalledFetch = (
  input: string | URL | Request,
  init: RequestInit | undefined,
  network: Fetch,
) => Promise<Response>

/** Within it, calls go to a recorder. */
interface Frame {
  /** Null where the scope has no recorder (yet, or any more): then whoever is around it. */
  fetch: InstalledFetch | null
  readonly outer: Frame | undefined
}

const frames = new AsyncLocalStorage<Frame | 'network'>()
const installed: { readonly fetch: InstalledFetch }[] = []

/** Who answers the calls of this async context: the innermost scope, else the latest that was installed. */
export function currentFetch(): InstalledFetch | undefined {
  let frame = frames.getStore()
  if (frame === 'network') return undefined
  while (frame !== undefined && frame.fetch === null) frame = frame.outer
  return frame?.fetch ?? installed.at(-1)?.fetch
}

/** Answers every call that no scope answers, until what it gives is called; in any order with others. */
export function installFetch(fetch: InstalledFetch): () => void {
  const entry = { fetch }
  installed.push(entry)
  return () => {
    const place = installed.indexOf(entry)
    if (place !== -1) installed.splice(place, 1)
  }
}

/** Runs what belongs to a recorder's own way to the network: none of it is put on tape again. */
export function onNetwork<T>(run: () => T): T {
  return frames.run('network', run)
}

/** Runs something whose calls are a recorder's. */
export function runWithin<T>(fetch: InstalledFetch, run: () => T): T {
  return frames.run({ fetch, outer: outerFrame() }, run)
}

/** A scope from here on, to the end of the async context that opened it. */
export interface OpenScope {
  /** Whose its calls are; null for those of whoever is around it. */
  fetch: InstalledFetch | null
}

/** Opens one for all that follows in the caller's async context, when it is called before that has waited. */
export function openFrame(): OpenScope {
  const frame: Frame = { fetch: null, outer: outerFrame() }
  frames.enterWith(frame)
  return frame
}

function outerFrame(): Frame | undefined {
  const frame = frames.getStore()
  return frame === 'network' ? undefined : frame
}
