/** An API for tests: a real store and router behind a real socket, and a stand-in for what asks models. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApi, type Serves } from '../../src/api/answer.ts'
import type { Generate } from '../../src/generate/generate.ts'
import { readConfiguration } from '../../src/config/read.ts'
import type { Context, Current } from '../../src/context.ts'
import { fetchHandler } from '../../src/http/fetch-server.ts'
import { listen } from '../../src/http/node-server.ts'
import { createKey } from '../../src/keys.ts'
import type { LogEntry } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createEndpoints } from '../../src/route/endpoints.ts'
import { createRouter } from '../../src/route/router.ts'
import { openStore } from '../../src/store/open.ts'
import type { AttemptRecord, KeyRecord, Settlement, Store } from '../../src/store/store.ts'

export interface Place extends AsyncDisposable {
  /** `http://127.0.0.1:4711` */
  readonly origin: string
  readonly store: Store
  readonly log: readonly LogEntry[]
  /** Milliseconds since 1970, which only the test moves. */
  readonly clock: { now: number }
  /** Of a key without limits, and of an admin. */
  readonly key: string
  readonly keyId: string
  readonly admin: string
  readonly fetch: (request: Request) => Promise<Response>
  makeKey(about?: Partial<KeyRecord>): Promise<{ readonly key: string; readonly record: KeyRecord }>
}

export interface PlaceOptions {
  readonly generate?: Generate
  readonly serves?: Serves
  readonly host?: string
  /** Puts something between the API and the store. */
  readonly storeOf?: (store: Store) => Store
}

const yaml = `
providers:
  cheap: { kind: custom, base_url: 'http://127.0.0.1:9/v1', allow_private: true }
  dear: { kind: custom, base_url: 'http://127.0.0.1:9/v1', allow_private: true }
models:
  acme/small:
    endpoints:
      - { provider: dear, price: { input: 3, output: 15 } }
      - { provider: cheap, price: { input: 0.38, output: 1.52 }, context_length: 131072, max_output_tokens: 8192 }
  acme/large:
    endpoints:
      - { provider: dear }
  plain:
    endpoints:
      - { provider: cheap, price: { input: 1, output: 2 } }
`

const secret = 'a secret for tests'

/** Echoes who asked, so that a test sees that it was let through. */
const echo: Generate = async (dialect, incoming, reply, who, requestId) => {
  const bytes = await incoming.readBody(1_000_000)
  const body = JSON.stringify({ dialect: dialect.name, who: who.id, requestId, bytes: bytes.length })
  reply.send(200, { 'content-type': 'application/json' }, body)
}

export async function startPlace(options: PlaceOptions = {}): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'playhead-api-'))
  const configuration = {
    ...readConfiguration(yaml, { file: 'playhead.yaml', environment: {}, home }),
    host: options.host ?? '127.0.0.1',
  }
  const store = await openStore(configuration.store)
  const clock = { now: Date.UTC(2026, 10, 22, 12) }
  const now = (): number => clock.now
  const endpoints = createEndpoints({
    configuration,
    catalogue: { find: () => null, names: () => [] },
    transportFor: () => ({
      send: () => {
        throw new Error('nobody asks upstreams here')
      },
      close: async () => {},
    }),
  })
  const log: LogEntry[] = []
  const current: Current = {
    configuration,
    router: createRouter({ endpoints, unpriced: 'deny', now, random: () => 0 }),
    telemetry: null,
  }
  const context: Context = {
    current,
    currentFor: () => current,
    store: options.storeOf?.(store) ?? store,
    secret,
    replica: 'test',
    log: (entry) => log.push(entry),
    metrics: createMetrics(),
    now,
    random: () => 0,
  }
  const makeKey: Place['makeKey'] = async (about = {}) => {
    const made = createKey(secret, { name: 'test', createdAt: clock.now, ...about })
    await store.insertKey(made.record)
    return made
  }
  const user = await makeKey()
  const admin = await makeKey({ name: 'admin', isAdmin: true })
  const api = createApi(context, options.generate ?? echo, options.serves)
  const server = { ...configuration.server, requestTimeout: 5000 }
  const listener = await listen({ host: '127.0.0.1', port: 0, server }, api)
  return {
    origin: listener.url,
    store,
    log,
    clock,
    key: user.key,
    keyId: user.record.id,
    admin: admin.key,
    fetch: fetchHandler(api),
    makeKey,
    async [Symbol.asyncDispose]() {
      await listener.close(0)
      await store.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** A request with a key. */
export async function ask(
  place: Place,
  path: string,
  key: string | null,
  options: {
    readonly method?: string
    readonly body?: unknown
    readonly headers?: Record<string, string>
  } = {},
): Promise<Response> {
  const { method = 'GET', body, headers } = options
  return fetch(`${place.origin}${path}`, {
    method,
    headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

const attempt: AttemptRecord = {
  endpoint: 'cheap:acme/small',
  provider: 'cheap',
  startedAfter: 1,
  duration: 900,
  firstTokenAfter: 300,
  status: 200,
  outcome: 'answer',
  message: null,
  inputTokens: 216,
  outputTokens: 56,
  cost: 269_600_000n,
}

/** Writes a generation into the ledger, as one that was answered. */
export async function spend(
  store: Store,
  keyId: string,
  id: string,
  at: number,
  about: Partial<Settlement> = {},
): Promise<void> {
  await store.open(
    {
      id,
      keyId,
      replica: 'test',
      at,
      requestId: `req-${id}`,
      dialect: 'openai-chat',
      model: 'acme/small',
      isStream: true,
      user: 'somebody',
      session: 'a session',
      boundMoney: 1_000_000_000n,
      boundTokens: 1000,
    },
    [],
  )
  await store.settle({
    id,
    keyId,
    at: at + 900,
    outcome: 'answered',
    status: 200,
    endpoint: attempt.endpoint,
    provider: attempt.provider,
    upstreamId: `up-${id}`,
    inputTokens: 216,
    outputTokens: 56,
    cachedInputTokens: 128,
    cacheWriteTokens: 0,
    reasoningTokens: 7,
    cost: 269_600_001n,
    providerCost: 269_600_000n,
    catalogueCost: 269_600_001n,
    isEstimated: false,
    isByok: false,
    byokCost: 0n,
    countsByok: false,
    finishReason: 'stop',
    rawFinishReason: 'stop',
    firstTokenAfter: 300,
    duration: 900,
    attempts: [attempt],
    story: '{}',
    tape: null,
    ...about,
  })
}
