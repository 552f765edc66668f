/** What a gateway is set to, read and checked: what `playhead.yaml` says, with its secrets and defaults filled in. */
import type { DialectName, Environment } from '@playhead/wire'
import type { Price, Unpriced } from '../price.ts'
import type { Limit } from '../limits.ts'

export interface Configuration {
  /** Default 4000; 0 for any that is free. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host: string
  /** Where admin calls are taken: on a listener of their own, or with the rest; always with an admin key. */
  readonly adminPort: number | null
  readonly store: StoreConfiguration
  /** By name. With no configuration: those whose keys are in the environment. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>
  /** By the name that clients ask for. A model that is not here is looked for at its providers by its name. */
  readonly models: ReadonlyMap<string, ConfiguredModel>
  /** Cassettes that answer as `tape/NAME`: files by name. */
  readonly tapes: ReadonlyMap<string, string>
  /** What becomes of a model whose price nobody knows: refused, free, or charged so. Default `deny`. */
  readonly unpriced: Unpriced
  /** For the gateway as a whole. */
  readonly limits: readonly Limit[]
  readonly timeouts: Timeouts
  readonly failover: Failover
  /** What becomes of the upstream when a client leaves. Default `abort`. */
  readonly clientLeft: 'abort' | 'drain'
  readonly recording: RecordingConfiguration
  readonly telemetry: TelemetryConfiguration
  readonly server: ServerConfiguration
}

export type StoreConfiguration =
  /** `path` of the file. */
  { readonly type: 'sqlite'; readonly path: string } | { readonly type: 'postgres'; readonly url: string }

/** A provider that is used here. */
export interface ConfiguredProvider {
  /** As clients name it in `provider.order`: of wire's own, or another with `kind`. */
  readonly name: string
  /** Name of one of wire's providers, whose dialects and quirks it has. */
  readonly kind: string
  /** Null: wire's. */
  readonly baseUrl: string | null
  /** Null: wire's. */
  readonly dialects: readonly DialectName[] | null
  /** The process's variables, with its key under the name that wire has for it. */
  readonly environment: Environment
  /** Whether addresses of private networks and of this machine may be spoken to. Default: only those of local kinds. */
  readonly allowsPrivate: boolean
  readonly collectsData: boolean
  readonly isZdr: boolean
  readonly timeouts: Partial<Timeouts>
}

export interface ConfiguredModel {
  readonly name: string
  /** For people; default the name. */
  readonly title: string
  readonly endpoints: readonly ConfiguredEndpoint[]
}

export interface ConfiguredEndpoint {
  /** Name of a configured provider. */
  readonly provider: string
  /** What the provider calls it; default the model's name. */
  readonly model: string
  /** Default: the provider's name. */
  readonly tag: string
  /** Null: the catalogue's. */
  readonly price: Price | null
  readonly contextLength: number | null
  readonly maxOutputTokens: number | null
  readonly supportedParameters: readonly string[] | null
  readonly quantization: string
}

/** Milliseconds. */
export interface Timeouts {
  /** Until a connection stands. Default 10,000. */
  readonly connect: number
  /** From then until the response's head. Default 120,000: a plain answer's head comes when it is whole. */
  readonly head: number
  /** From the head until the first token. Default 60,000. */
  readonly firstToken: number
  /** Between two chunks. Default 60,000. */
  readonly idle: number
}

export interface Failover {
  /** How many requests are sent for one question, the first included. Default 4. */
  readonly attempts: number
  /** What happens when an answer breaks off that has begun. Default `error`. */
  readonly afterFirstToken: 'error' | 'continue'
}

export interface RecordingConfiguration {
  /** Folder of the tapes. */
  readonly folder: string
  /** What share of all exchanges is recorded, 0 to 1. A key's own share counts where it is more. Default 0. */
  readonly share: number
}

export interface TelemetryConfiguration {
  /** Spans where the process has set a tracer provider, whether or not it has yet, or never. Default `auto`. */
  readonly spans: 'auto' | 'always' | 'never'
  /** Whether providers are told the trace. Default false. */
  readonly propagate: boolean
}

export interface ServerConfiguration {
  /** Bytes of a request's body. Default 32 MB. */
  readonly bodyLimit: number
  /** Milliseconds for a request to arrive. Default 60,000. */
  readonly requestTimeout: number
  /** Bytes that wait for one slow reader before its upstream is held. Default 1 MB. */
  readonly bufferLimit: number
  /** Milliseconds that a reader may take to read what waits. Default 120,000. */
  readonly readTimeout: number
  /** Milliseconds that streams under way have to finish at a shutdown. Default 30,000. */
  readonly drain: number
  /** Milliseconds between comments that keep a silent stream's connection open. Default 15,000. */
  readonly keepAlive: number
}
