/** Tapes as providers: `tape/NAME` answers what a cassette's requests were answered. */
import type { Catalogue } from './catalogue/catalogue.ts'
import type { Endpoint } from './endpoint.ts'
import type { Log } from './log.ts'
import { freePrice } from './price.ts'
import { upstreamName } from './route/resolve.ts'
import { messageOf } from './thrown.ts'
import type { PriceOfModel, RecordedModel } from './transport/recorded-models.ts'
import { type TapeTransport, tapeTransport } from './transport/tape-transport.ts'

/** The tapes of one configuration. */
export interface Tapes {
  /** `tape/NAME` for the first model on a tape, `tape/NAME/MODEL` for each further one. */
  readonly endpoints: readonly Endpoint[]
  close(): Promise<void>
}

export interface TapesParts {
  readonly catalogue: Catalogue
  readonly log: Log
  readonly now: () => number
}

/** What cannot be opened is left out, and said. */
export async function openTapes(files: ReadonlyMap<string, string>, parts: TapesParts): Promise<Tapes> {
  const { catalogue, log, now } = parts
  const priceOf: PriceOfModel = ({ name }, model) =>
    catalogue.find(name, upstreamName(name, model), now())?.price ?? null
  const opened = await Promise.all(
    Array.from(files, async ([name, file]) => {
      try {
        return { name, transport: await tapeTransport(file, priceOf) }
      } catch (error) {
        const problem = messageOf(error)
        log({ level: 'error', event: 'tape not opened', tape: name, problem })
        return null
      }
    }),
  )
  const tapes = opened.filter((tape) => tape !== null)
  return {
    endpoints: tapes.flatMap(({ name, transport }) => endpointsOf(name, transport)),
    close: async () => {
      await Promise.allSettled(tapes.map(({ transport }) => transport.close()))
    },
  }
}

function endpointsOf(name: string, transport: TapeTransport): Endpoint[] {
  return transport.models.map((recorded, index) =>
    endpointOf(index === 0 ? `tape/${name}` : `tape/${name}/${recorded.model}`, recorded, transport),
  )
}

function endpointOf(model: string, recorded: RecordedModel, transport: TapeTransport): Endpoint {
  return {
    id: `${model}:${recorded.provider.name}`,
    model,
    upstreamModel: recorded.model,
    tag: 'tape',
    provider: { ...recorded.provider, name: 'tape' },
    dialects: recorded.dialects,
    // An answer costs what its provider said when it was recorded, else its tokens; what is reserved is the dearest of them.
    price: { ...(recorded.price ?? { ...freePrice, source: 'nobody' }), most: recorded.dearest },
    contextLength: null,
    maxOutputTokens: null,
    supportedParameters: null,
    quantization: 'unknown',
    collectsData: false,
    isZdr: true,
    isByok: false,
    isCounted: true,
    isTape: true,
    transport,
    authorize: () => () => Promise.resolve({}),
  }
}
