/** Puts recorders behind code that cannot be handed a `fetch`: the global one, undici, `node:http` and `node:https`. */
import type { Fetch } from '../http.ts'
import {
  currentFetch,
  type InstalledFetch,
  installFetch,
  onNetwork,
  type OpenScope,
  openFrame,
  runWithin,
} from '../scope.ts'
import { patchDispatchers } from './dispatcher.ts'
import { Loopback } from './loopback.ts'
import { type HttpModule, patchHttp } from './node-http.ts'

/**
 * Answers every call of this process that no scope answers with `fetch`, until what it gives is called. Of several, the
 * latest answers; they may be undone in any order. Calls that `fetch` itself makes go to the network.
 */
export function install(fetch: InstalledFetch): () => void {
  return both(hold(), installFetch(fetch))
}

/** Runs something, and all that it waits for, with its calls answered by `fetch`. */
export async function withinScope<T>(fetch: InstalledFetch, run: () => T | Promise<T>): Promise<T> {
  const release = hold()
  try {
    return await runWithin(fetch, run)
  } finally {
    release()
  }
}

/**
 * A scope for all that follows in the caller's async context, when it is called before that has waited; closed by
 * `close`. Set `fetch` to the one that answers.
 */
export function openScope(): OpenScope & { close(): void } {
  const release = hold()
  const scope = openFrame()
  return Object.assign(scope, {
    close: () => {
      scope.fetch = null
      release()
    },
  })
}

let holders = 0
let undo: (() => void) | undefined

/** Keeps the patches in place until what it gives is called. */
function hold(): () => void {
  if (holders === 0) undo = patch()
  holders += 1
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    holders -= 1
    if (holders === 0) undo?.()
  }
}

function patch(): () => void {
  const [http, https, net, { syncBuiltinESMExports }] = [
    process.getBuiltinModule('node:http'),
    process.getBuiltinModule('node:https'),
    process.getBuiltinModule('node:net'),
    process.getBuiltinModule('node:module'),
  ]
  const loopback = new Loopback(http, net)
  const undone = [
    patchFetch(),
    patchDispatchers(loopback),
    // Their overloads say what they take; here it is handed on as it is.
    patchHttp(http as HttpModule, loopback),
    patchHttp(https as HttpModule, loopback),
  ]
  // Whoever imported `request` by its name has the new one, too.
  syncBuiltinESMExports()
  return () => {
    for (const one of undone) one()
    syncBuiltinESMExports()
  }
}

function patchFetch(): () => void {
  const original = globalThis.fetch
  const network: Fetch = (input, init) => onNetwork(() => original(input, init))
  const ours: typeof original = function fetch(input, init) {
    const current = currentFetch()
    return current === undefined ? original(input, init) : current(input, init, network)
  }
  globalThis.fetch = ours
  return () => {
    if (globalThis.fetch === ours) globalThis.fetch = original
  }
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first()
    second()
  }
}
