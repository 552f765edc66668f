/** Puts undici on tape, Node's own and npm's: the real client, connected to the loopback. */
import type net from 'node:net'
import { currentFetch } from '../scope.ts'
import type { Call, Loopback } from './loopback.ts'
import { type Dispatcher, dispatcherNetwork } from './dispatcher-network.ts'

/** Where every undici of a process keeps the dispatcher of calls that name none; the second is that of newer ones. */
const newest = Symbol.for('undici.globalDispatcher.2')
const places = [Symbol.for('undici.globalDispatcher.1'), newest]

type AgentClass = new (options: object) => Dispatcher

type Connect = (
  options: { readonly protocol: string; readonly host: string },
  done: (error: null, socket: net.Socket) => void,
) => void

const globals = globalThis as Record<symbol, unknown>

/** Replaces the global dispatchers; undone by what it gives, as far as nobody has replaced them since. */
export function patchDispatchers(loopback: Loopback): () => void {
  const undo = places.map((place) => {
    const original = globals[place]
    if (!isDispatcher(original)) return () => {}
    const ours = overLoopback(original, loopback)
    globals[place] = ours
    return () => {
      if (globals[place] === ours) globals[place] = original
    }
  })
  return () => {
    for (const one of undo) one()
  }
}

function isDispatcher(value: unknown): value is Dispatcher {
  return value instanceof Object && 'dispatch' in value && typeof value.dispatch === 'function'
}

/** The same dispatcher, but for what a recorder answers. */
function overLoopback(original: Dispatcher, loopback: Loopback): Dispatcher {
  const dispatch: Dispatcher['dispatch'] = (options, handler) => {
    const fetch = currentFetch()
    // What becomes a connection of its own (a WebSocket) is no exchange.
    if (fetch === undefined || options.upgrade || options.method === 'CONNECT') {
      return original.dispatch(options, handler)
    }
    const call = { fetch, network: () => dispatcherNetwork(original, options) }
    return clientOver(original, connectTo(loopback, call)).dispatch(options, handler)
  }
  return new Proxy(original, {
    get: (target, key): unknown => (key === 'dispatch' ? dispatch : Reflect.get(target, key)),
  })
}

function connectTo(loopback: Loopback, call: Omit<Call, 'origin'>): Connect {
  return ({ protocol, host }, done) => {
    const client = loopback.connect({ ...call, origin: `${protocol}//${host}` })
    // A client does not expect to be connected before it has asked.
    process.nextTick(done, null, client)
  }
}

/** A client of the same undici for one call, connected by us. Throws where there is no telling how to make one. */
function clientOver(original: Dispatcher, connect: Connect): Dispatcher {
  // Undici 8 keeps its own dispatcher in the new place, and in the old one what speaks for it to older clients.
  const isWrapper = original.constructor.name === 'Dispatcher1Wrapper'
  const Agent = agentClassOf(isWrapper ? globals[newest] : original)
  if (Agent === undefined) {
    throw new Error(
      `A recorder cannot stand before undici's global ${original.constructor.name}; hand recorder.fetch to the client instead`,
    )
  }
  const agent = new Agent({ connect })
  return isWrapper ? new (original.constructor as new (inner: Dispatcher) => Dispatcher)(agent) : agent
}

/** Of an agent, or of one inside (of a proxy's, a mock's). */
function agentClassOf(dispatcher: unknown): AgentClass | undefined {
  if (!isDispatcher(dispatcher)) return undefined
  const inside = Object.getOwnPropertySymbols(dispatcher).map(
    (key) => Reflect.get(dispatcher, key) as unknown,
  )
  const agent = [dispatcher, ...inside]
    .filter(isDispatcher)
    .find(({ constructor }) => constructor.name === 'Agent')
  return agent?.constructor as AgentClass | undefined
}
