/** A gateway: all its parts, put together and taken apart again. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { Environment } from '@playhead/wire'
import { createApi } from './api/answer.ts'
import { KeyCache } from './api/key-cache.ts'
import { ownCurrents } from './byok/own-currents.ts'
import { type Catalogue, loadCatalogue } from './catalogue/catalogue.ts'
import type { Configuration } from './config/configuration.ts'
import type { Context, Current } from './context.ts'
import { createGenerate } from './generate/generate.ts'
import { Live } from './generate/live.ts'
import { fetchHandler } from './http/fetch-server.ts'
import { type Answer, listen, type Listener } from './http/node-server.ts'
import { createKey } from './keys.ts'
import { jsonLog } from './log/json-log.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createEndpoints, type Endpoints, type OwnKeys } from './route/endpoints.ts'
import { createHealth } from './route/health.ts'
import type { Model, Router } from './route/route.ts'
import { createRouter } from './route/router.ts'
import { createSticky } from './route/sticky.ts'
import { calmSums } from './store/calm-sums.ts'
import { openStore } from './store/open.ts'
import { loadSecret } from './store/secret.ts'
import type { Store } from './store/store.ts'
import { openTapes, type Tapes } from './tapes.ts'
import { openTelemetry } from './telemetry/open.ts'
import { messageOf } from './thrown.ts'
import { networkTransport } from './transport/network.ts'
import { type Proxies, proxiesOf } from './transport/proxy.ts'
import type { Transport } from './transport/transport.ts'

export interface GatewayOptions {
  readonly configuration: Configuration
  /** The folder of the gateway's own files: the secret that keys are hashed with. */
  readonly home: string
  /** Default: the process's. It also names the proxies: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
  readonly environment?: Environment
  /** Default: JSON lines to standard error. */
  readonly log?: Log
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** 0 to 1. Default `Math.random`. */
  readonly random?: () => number
}

/** Made by `createGateway`. */
export interface Gateway extends AsyncDisposable {
  /** Answers in the process, without a socket: for an agent's `fetch`. */
  fetch(request: Request): Promise<Response>
  /** Rejects with the system's error when a port is taken. */
  listen(): Promise<{ readonly url: string; readonly adminUrl: string | null }>
  /** From now on; what is under way stays as it began. Port, host and store are those of the start. */
  reconfigure(configuration: Configuration): Promise<void>
  /** A key, where there is none yet; null where there is. */
  createFirstKey(): Promise<string | null>
  readonly store: Store
  router(): Router
  /** Takes no more requests, waits for those under way as long as `server.drain` says, ends the rest, closes the store. */
  close(): Promise<void>
}

/** Milliseconds between two signs of life, and after how many without one a replica counts as dead. */
const beatEvery = 3000
const deadAfter = 15_000

/** Rejects with a StoreError, a ProxyError, or with what is wrong with the secret's file. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { configuration, home, environment = process.env, now = Date.now, random = Math.random } = options
  const log = options.log ?? jsonLog((line) => process.stderr.write(line), { env: environment })
  const proxies = proxiesOf(environment)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const [secret, catalogue, store] = await Promise.all([
    loadSecret(home, environment),
    loadCatalogue(),
    openStore(configuration.store),
  ])
  const assembly = new Assembly({ catalogue, secret, proxies, log, now, random })
  let serving = await assembly.serve(configuration)
  const metrics = createMetrics(listedBy(() => serving.current.router.models()))
  const context: Context = {
    get current() {
      return serving.current
    },
    currentFor: (who) => serving.currentFor(who),
    store: { ...store, sumGenerations: calmSums(store, now) },
    secret,
    replica: randomUUID(),
    log,
    metrics,
    now,
    random,
  }
  const life = await keepAlive(context)
  return new RunningGateway(context, {
    reconfigure: async (configuration) => {
      serving = await assembly.serve(configuration)
    },
    close: async () => {
      life.stop()
      await Promise.all([assembly.close(), serving.current.telemetry?.flush()])
      await store.close()
    },
  })
}

/** Whether a model is on the list: only the names of those become labels, or clients could make up any number. */
function listedBy(models: () => readonly Model[]): (name: string) => boolean {
  let list: readonly Model[] = []
  let names: ReadonlySet<string> = new Set()
  return (name) => {
    const now = models()
    // The same array until a price changes.
    if (now !== list) [list, names] = [now, new Set(now.map((model) => model.name))]
    return names.has(name)
  }
}

/** What follows from a configuration: for all keys, and for each one. */
type Serving = Pick<Context, 'current' | 'currentFor'>

type AssemblyParts = Pick<Context, 'secret' | 'log' | 'now' | 'random'> & {
  readonly catalogue: Catalogue
  readonly proxies: Proxies | null
}

/** What of a running gateway outlives a configuration, and what is made anew for each. */
class Assembly {
  readonly #parts: AssemblyParts
  readonly #open: Transport
  readonly #private: Transport
  readonly #health
  readonly #sticky
  #tapes: Tapes | null = null

  constructor(parts: AssemblyParts) {
    this.#parts = parts
    this.#open = networkTransport({ allowsPrivate: false, proxies: parts.proxies })
    this.#private = networkTransport({ allowsPrivate: true, proxies: parts.proxies })
    this.#health = createHealth({ now: parts.now })
    this.#sticky = createSticky()
  }

  async serve(configuration: Configuration): Promise<Serving> {
    const { secret, log } = this.#parts
    const before = this.#tapes
    const tapes = await openTapes(configuration.tapes, this.#parts)
    this.#tapes = tapes
    await before?.close()
    const endpoints = this.#endpoints(configuration, tapes)
    for (const problem of endpoints.warnings) log({ level: 'warn', event: 'provider left out', problem })
    const current: Current = {
      configuration,
      router: this.#router(configuration, endpoints),
      telemetry: await openTelemetry(configuration.telemetry, log),
    }
    const currentFor = ownCurrents({
      current,
      endpoints,
      secret,
      log,
      routerFor: (configuration, own) =>
        this.#router(configuration, this.#endpoints(configuration, tapes, own)),
    })
    return { current, currentFor }
  }

  #endpoints(configuration: Configuration, tapes: Tapes, own?: OwnKeys): Endpoints {
    return createEndpoints({
      configuration,
      catalogue: this.#parts.catalogue,
      transportFor: ({ allowsPrivate }) => (allowsPrivate ? this.#private : this.#open),
      extra: tapes.endpoints,
      ...(own !== undefined && { own }),
    })
  }

  #router({ unpriced }: Configuration, endpoints: Endpoints): Router {
    const { now, random } = this.#parts
    return createRouter({ endpoints, unpriced, now, random, health: this.#health, sticky: this.#sticky })
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#open.close(), this.#private.close(), this.#tapes?.close()])
  }
}

/** Tells the others that this replica lives, and closes what the dead left open. */
async function keepAlive({ store, replica, now, log }: Context): Promise<{ stop(): void }> {
  const beat = async (): Promise<void> => {
    await store.beat(replica, now())
    const released = await store.releaseDead(now() - deadAfter, now())
    if (released > 0) log({ level: 'warn', event: 'generations of dead replicas closed', count: released })
  }
  await beat()
  const timer = setInterval(() => {
    beat().catch((error: unknown) =>
      log({
        level: 'error',
        event: 'store unreachable',
        problem: messageOf(error),
      }),
    )
  }, beatEvery)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

class RunningGateway implements Gateway {
  readonly store: Store
  readonly #context: Context
  readonly #parts: Pick<Gateway, 'reconfigure' | 'close'>
  readonly #live: Live
  readonly #answer: Record<'all' | 'public' | 'admin', Answer>
  readonly #listeners: Listener[] = []
  #closing: Promise<void> | null = null
  readonly fetch: (request: Request) => Promise<Response>

  constructor(context: Context, parts: Pick<Gateway, 'reconfigure' | 'close'>) {
    this.store = context.store
    this.#context = context
    this.#parts = parts
    this.#live = new Live((change) => context.metrics.inFlight(change))
    const generate = createGenerate(context, this.#live)
    const keys = new KeyCache(context.store, () => context.now())
    this.#answer = {
      all: createApi(context, generate, 'all', keys),
      public: createApi(context, generate, 'public', keys),
      admin: createApi(context, generate, 'admin', keys),
    }
    this.fetch = fetchHandler(this.#answer.all)
  }

  async listen(): Promise<{ readonly url: string; readonly adminUrl: string | null }> {
    const { host, port, adminPort, server } = this.#context.current.configuration
    const main = await listen(
      { host, port, server },
      adminPort === null ? this.#answer.all : this.#answer.public,
    )
    this.#listeners.push(main)
    if (adminPort === null) return { url: main.url, adminUrl: null }
    const admin = await listen({ host, port: adminPort, server }, this.#answer.admin)
    this.#listeners.push(admin)
    return { url: main.url, adminUrl: admin.url }
  }

  reconfigure(configuration: Configuration): Promise<void> {
    return this.#parts.reconfigure(configuration)
  }

  async createFirstKey(): Promise<string | null> {
    const { store, secret, now } = this.#context
    const { key, record } = createKey(secret, { name: 'first', createdAt: now() })
    return (await store.insertFirstKey(record)) ? key : null
  }

  router(): Router {
    return this.#context.current.router
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { drain } = this.#context.current.configuration.server
    const closing = this.#listeners.map((listener) => listener.close(drain, () => this.#live.stop()))
    await Promise.all([this.#live.end(drain), ...closing])
    // What began meanwhile, on a connection that was open still.
    await this.#live.end(0)
    await this.#parts.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
