/** Gateways for tests: whole, over real sockets, before upstreams of the test's own. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DialectName, Environment } from '@playhead/wire'
import type {
  Configuration,
  ConfiguredEndpoint,
  ConfiguredModel,
  ConfiguredProvider,
} from '../src/config/configuration.ts'
import { createGateway, type Gateway } from '../src/index.ts'
import { createKey } from '../src/keys.ts'
import type { LogEntry } from '../src/log.ts'
import { moneyOf } from '../src/money.ts'
import type { Price } from '../src/price.ts'
import { loadSecret } from '../src/store/secret.ts'
import type { KeyRecord } from '../src/store/store.ts'

/** A gateway that serves. */
export interface Running extends AsyncDisposable {
  readonly gateway: Gateway
  /** `http://127.0.0.1:4711` */
  readonly origin: string
  /** The same, where its API starts: `…/api/v1`. */
  readonly baseUrl: string
  /** Of a key without limits. */
  readonly key: string
  /** Where all that it writes lies. */
  readonly home: string
  readonly log: readonly LogEntry[]
  /** Makes another key. */
  createKey(about?: Partial<KeyRecord>): Promise<{ readonly key: string; readonly record: KeyRecord }>
}

/** Starts one. What it writes lies in a folder of its own, which goes with it. Several that share a store share a secret. */
export async function startGateway(
  changes: Partial<Configuration>,
  environment: Environment = {},
): Promise<Running> {
  const home = await mkdtemp(join(tmpdir(), 'playhead-gateway-'))
  const log: LogEntry[] = []
  const configuration = configurationOf(home, changes)
  const gateway = await createGateway({ configuration, home, environment, log: (entry) => log.push(entry) })
  const { url } = await gateway.listen()
  const origin = url.replace(/\/$/, '')
  const secret = await loadSecret(home, environment)
  const create: Running['createKey'] = async (about = {}) => {
    const made = createKey(secret, { name: 'test', createdAt: Date.now(), ...about })
    await gateway.store.insertKey(made.record)
    return made
  }
  const { key } = await create()
  return {
    gateway,
    origin,
    baseUrl: `${origin}/api/v1`,
    key,
    home,
    log,
    createKey: create,
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The defaults that `playhead.yaml` has, with short timeouts, a free port and nothing served. */
export function configurationOf(home: string, changes: Partial<Configuration>): Configuration {
  return {
    port: 0,
    host: '127.0.0.1',
    adminPort: null,
    store: { type: 'sqlite', path: join(home, 'ledger.sqlite') },
    providers: new Map(),
    models: new Map(),
    tapes: new Map(),
    unpriced: 'deny',
    limits: [],
    timeouts: { connect: 2000, head: 2000, firstToken: 2000, idle: 2000 },
    failover: { attempts: 4, afterFirstToken: 'error' },
    clientLeft: 'abort',
    recording: { folder: join(home, 'tapes'), share: 0 },
    telemetry: { spans: 'auto', propagate: false },
    server: {
      bodyLimit: 32 * 1024 * 1024,
      requestTimeout: 60_000,
      bufferLimit: 1024 * 1024,
      readTimeout: 120_000,
      drain: 2000,
      keepAlive: 15_000,
    },
    ...changes,
  }
}

/** Providers by name: of a kind, at a URL of this machine, spoken to in these dialects. */
export function providersOf(
  providers: Readonly<
    Record<
      string,
      { readonly kind?: string; readonly baseUrl: string; readonly dialects?: readonly DialectName[] }
    >
  >,
): ReadonlyMap<string, ConfiguredProvider> {
  const chat: readonly DialectName[] = ['openai-chat']
  return new Map(
    Object.entries(providers).map(([name, { kind = 'custom', baseUrl, dialects = chat }]) => [
      name,
      {
        name,
        kind,
        baseUrl,
        dialects,
        environment: keysOf(name),
        allowsPrivate: true,
        collectsData: false,
        isZdr: false,
        timeouts: {},
      },
    ]),
  )
}

/** A key for whatever kind a provider is of; another for each provider. */
function keysOf(name: string): Environment {
  const names = ['TOGETHER', 'GROQ', 'OPENROUTER', 'OPENAI', 'ANTHROPIC', 'GEMINI', 'CUSTOM']
  return Object.fromEntries(names.map((kind) => [`${kind}_API_KEY`, upstreamKeyOf(name)]))
}

/** What a gateway proves itself to a provider with. */
export function upstreamKeyOf(name: string): string {
  return `sk-upstream-${name}-0123456789abcdef`
}

/** Models by name, each at these providers, with dollars for a million tokens in and out. */
export function modelsOf(
  models: Readonly<
    Record<string, readonly (readonly [provider: string, price: readonly [string, string], model?: string])[]>
  >,
): ReadonlyMap<string, ConfiguredModel> {
  return new Map(
    Object.entries(models).map(([name, endpoints]) => [
      name,
      {
        name,
        title: name,
        endpoints: endpoints.map(([provider, price, model = name]): ConfiguredEndpoint => ({
          provider,
          model,
          tag: provider,
          price: priceOf(...price),
          contextLength: null,
          maxOutputTokens: null,
          supportedParameters: null,
          quantization: 'unknown',
        })),
      },
    ]),
  )
}

/** Dollars for a million tokens, as decimals. */
export function priceOf(input: string, output: string): Price {
  return {
    input: rate(input),
    output: rate(output),
    cachedInput: rate(input),
    cacheWrite: rate(input),
    request: 0n,
    tiers: [],
    source: 'configuration',
  }
}

function rate(perMillion: string): bigint {
  const money = moneyOf(perMillion)
  assert.equal(money % 1_000_000n, 0n, `$${perMillion} is no whole number of pico-dollars for a token`)
  return money / 1_000_000n
}
