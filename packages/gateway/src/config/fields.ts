/** Every field of `playhead.yaml`: what it takes, what it means, what holds without it. */
import type { Unpriced } from '../price.ts'
import { type Limit, measures, type Period, periods } from '../limits.ts'
import type {
  Failover,
  ServerConfiguration,
  StoreConfiguration,
  TelemetryConfiguration,
  Timeouts,
} from './configuration.ts'
import { amount, price } from './prices.ts'
import { model, type WrittenModel } from './model-fields.ts'
import { provider, timeoutFields, timeouts, type WrittenProvider } from './provider-fields.ts'
import {
  either,
  type Fields,
  listOf,
  type Located,
  located,
  mapOf,
  record,
  type RecordShape,
  type Shape,
  word,
} from './shape.ts'
import { storePlace } from './store-place.ts'
import { count, flag, path, port, share, size, text, time } from './units.ts'

/** The file as it is written; what needs another field, or the world, is done in `read.ts`. */
export interface Written {
  readonly port: number
  readonly host: string
  readonly adminPort: Located<number> | null
  readonly store: StoreConfiguration | null
  readonly providers: ReadonlyMap<string, Located<WrittenProvider>> | null
  readonly models: ReadonlyMap<string, WrittenModel>
  readonly tapes: ReadonlyMap<string, Located<string>> | null
  readonly unpriced: Unpriced
  readonly limits: readonly Limit[]
  readonly timeouts: Timeouts
  readonly failover: Failover
  readonly clientLeft: 'abort' | 'drain'
  readonly record: { readonly folder: string | null; readonly share: number }
  readonly telemetry: TelemetryConfiguration
  readonly server: ServerConfiguration
}

const none = { value: null, shown: 'none' }

interface WrittenLimit {
  readonly money: bigint | null
  readonly requests: number | null
  readonly tokens: number | null
  readonly per: Period
}

export const writtenLimit: RecordShape<WrittenLimit> = record<WrittenLimit>(
  'a limit: {money: 10, per: day}',
  {
    money: { shape: amount, says: 'Dollars.', otherwise: none },
    requests: { shape: count, says: 'Requests.', otherwise: none },
    tokens: { shape: count, says: 'Tokens, in and out.', otherwise: none },
    per: {
      shape: word(...periods),
      says: 'How long until it begins anew, by the clock of UTC; a week on Monday.',
    },
  },
)

/** A cap on one of three. */
export const limit: Shape<Limit> = {
  ...writtenLimit,
  read(spot, reading) {
    const written = writtenLimit.read(spot, reading)
    if (written === undefined) return undefined
    const said = measures.flatMap((of) => {
      const most = written[of]
      return most === null ? [] : [{ of, per: written.per, most: BigInt(most) }]
    })
    if (said.length !== 1) reading.tell(spot, 'must have one of money, requests and tokens')
    return said[0]
  },
}

export const failover: RecordShape<Failover> = record<Failover>('{attempts, after_first_token}', {
  attempts: {
    shape: count,
    says: 'How many attempts a request gets, the first included: at other endpoints, or at the last one again.',
    otherwise: { value: 4, shown: '4' },
  },
  afterFirstToken: {
    shape: word('error', 'continue'),
    says: 'What happens when an answer breaks off that has begun: an error in the stream, or another endpoint goes on where that is safe.',
    otherwise: { value: 'error', shown: 'error' },
  },
})

export const recording: RecordShape<Written['record']> = record<Written['record']>('{folder, share}', {
  folder: {
    shape: path,
    says: 'Where tapes go.',
    otherwise: { value: null, shown: '`tapes` in the data folder' },
  },
  share: {
    shape: share,
    says: 'What share of all exchanges is recorded. A key’s own share counts where it is more.',
    otherwise: { value: 0, shown: '0%' },
  },
})

export const telemetry: RecordShape<TelemetryConfiguration> = record<TelemetryConfiguration>(
  '{spans, propagate}',
  {
    spans: {
      shape: word('auto', 'always', 'never'),
      says: 'Whether there are spans: where the process has set a tracer provider at the start, even if it has not yet, or never.',
      otherwise: { value: 'auto', shown: 'auto' },
    },
    propagate: {
      shape: flag,
      says: 'Whether providers are told the trace, by `traceparent`.',
      otherwise: { value: false, shown: 'false' },
    },
  },
)

export const server: RecordShape<ServerConfiguration> = record<ServerConfiguration>(
  'settings of the server',
  {
    bodyLimit: {
      shape: size,
      says: 'The most that a request’s body may have.',
      otherwise: { value: 32_000_000, shown: '32MB' },
    },
    requestTimeout: {
      shape: time,
      says: 'For a request to arrive.',
      otherwise: { value: 60_000, shown: '60s' },
    },
    bufferLimit: {
      shape: size,
      says: 'What may wait for one slow reader before its provider is held.',
      otherwise: { value: 1_000_000, shown: '1MB' },
    },
    readTimeout: {
      shape: time,
      says: 'That a reader may take to read what waits, before it is cut off.',
      otherwise: { value: 120_000, shown: '2m' },
    },
    drain: {
      shape: time,
      says: 'That streams under way have to finish at a shutdown; then they end with an error.',
      otherwise: { value: 30_000, shown: '30s' },
    },
    keepAlive: {
      shape: time,
      says: 'Between comments that keep a silent stream’s connection open.',
      otherwise: { value: 15_000, shown: '15s' },
    },
  },
)

/** The others do not hold where a whole section is left out either. */
function defaultsOf<T>(fields: Fields<T>): T {
  const entries = Object.entries<Fields<T>[keyof T]>(fields)
  return Object.fromEntries(entries.map(([name, field]) => [name, field.otherwise?.value])) as T
}

const isName = (name: string): boolean => /^[A-Za-z\d][\w.-]{0,63}$/.test(name)

export const file: RecordShape<Written> = record<Written>('a map of settings', {
  port: {
    shape: port,
    says: 'Where it listens; 0 for any port that is free.',
    otherwise: { value: 4000, shown: '4000' },
  },
  host: {
    shape: text,
    says: 'On which address.',
    otherwise: { value: '127.0.0.1', shown: '127.0.0.1, this machine only' },
  },
  adminPort: {
    shape: located(port),
    says: 'A listener of their own for admin calls. They take an admin key on either.',
    otherwise: { value: null, shown: 'with the rest' },
  },
  store: {
    shape: storePlace,
    says: 'A file of SQLite, or `postgres://…` for several replicas; with a password by `env:` or `file:`.',
    otherwise: { value: null, shown: '`gateway.sqlite` in the data folder' },
  },
  providers: {
    shape: mapOf('a map of providers by their names', located(provider), isName),
    says: 'Who is asked.',
    otherwise: { value: null, shown: 'all whose keys are in the environment' },
  },
  models: {
    shape: mapOf('a map of models by the names that clients ask for', model),
    says: 'Models with endpoints of their own; any other is looked for at its provider: `groq/NAME`.',
    otherwise: { value: new Map<string, WrittenModel>(), shown: 'none' },
  },
  tapes: {
    shape: mapOf('a map of cassettes by their names', located(path), isName),
    says: 'Cassettes that answer as `tape/NAME`.',
    otherwise: { value: null, shown: '`calculator` and `calculator-retry`' },
  },
  unpriced: {
    shape: either('deny, free, or prices', word('deny', 'free'), price),
    says: 'What becomes of a model whose price nobody knows: refused, not charged, or charged so.',
    otherwise: { value: 'deny', shown: 'deny' },
  },
  limits: {
    shape: listOf('a list of limits', limit),
    says: 'Caps for the gateway as a whole.',
    otherwise: { value: [], shown: 'none' },
  },
  timeouts: {
    shape: timeouts,
    says: 'How long a provider may take.',
    otherwise: { value: defaultsOf(timeoutFields), shown: 'as below' },
  },
  failover: {
    shape: failover,
    says: 'What happens when an endpoint fails.',
    otherwise: { value: defaultsOf(failover.fields), shown: 'as below' },
  },
  clientLeft: {
    shape: word('abort', 'drain'),
    says: 'When a client leaves: the provider is cut off, or its answer read to the end. Either way it is billed.',
    otherwise: { value: 'abort', shown: 'abort' },
  },
  record: {
    shape: recording,
    says: 'Exchanges on tape.',
    otherwise: { value: defaultsOf(recording.fields), shown: 'nothing is recorded' },
  },
  telemetry: {
    shape: telemetry,
    says: 'Spans for OpenTelemetry.',
    otherwise: { value: defaultsOf(telemetry.fields), shown: 'as below' },
  },
  server: {
    shape: server,
    says: 'Limits of the server.',
    otherwise: { value: defaultsOf(server.fields), shown: 'as below' },
  },
})
