/** A configuration with nothing in it, and the endpoints of one with something. */
import type { Configuration, ConfiguredModel, ConfiguredProvider } from '../../src/config/configuration.ts'
import type { Endpoint } from '../../src/endpoint.ts'
import { createEndpoints, type Endpoints, type EndpointsParts } from '../../src/route/endpoints.ts'
import { catalogue, transport } from './world.ts'

export const defaultConfiguration: Configuration = {
  port: 0,
  host: '127.0.0.1',
  adminPort: null,
  store: { type: 'sqlite', path: ':memory:' },
  providers: new Map(),
  models: new Map(),
  tapes: new Map(),
  unpriced: 'deny',
  limits: [],
  timeouts: { connect: 10_000, head: 120_000, firstToken: 60_000, idle: 60_000 },
  failover: { attempts: 4, afterFirstToken: 'error' },
  clientLeft: 'abort',
  recording: { folder: 'tapes', share: 0 },
  telemetry: { spans: 'auto', propagate: false },
  server: {
    bodyLimit: 32_000_000,
    requestTimeout: 60_000,
    bufferLimit: 1_000_000,
    readTimeout: 120_000,
    drain: 30_000,
    keepAlive: 15_000,
  },
}

interface Setting {
  readonly providers?: readonly (readonly [string, ConfiguredProvider])[]
  readonly models?: readonly ConfiguredModel[]
  readonly extra?: readonly Endpoint[]
  readonly transportFor?: EndpointsParts['transportFor']
}

export function endpointsOf({
  providers = [],
  models = [],
  extra = [],
  transportFor = () => transport,
}: Setting): Endpoints {
  const configuration = {
    ...defaultConfiguration,
    providers: new Map(providers),
    models: new Map(models.map((model) => [model.name, model])),
  }
  return createEndpoints({ configuration, catalogue, transportFor, extra })
}
