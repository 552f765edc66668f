/** Tapes as providers: `tape/NAME` answers what a cassette's requests were answered. */
import type { Endpoint } from './endpoint.ts'
import type { Log } from './log.ts'
import { freePrice } from './price.ts'
import { messageOf } from './thrown.ts'
import type { RecordedModel } from './transport/recorded-models.ts'
import { type TapeTransport, tapeTransport } from './transport/tape-transport.ts'

/** The tapes of one configuration. */
export interface Tapes {
  /** `tape/NAME` for the first model on a tape, `tape/NAME/MODEL` for each. */
  readonly endpoints: readonly Endpoint[]
  close(): Promise<void>
}

/** What cannot be opened is left out, and said. */
export async function openTapes(files: ReadonlyMap<string, string>, log: Log): Promise<Tapes> {
  const opened = await Promise.all(
    Array.from(files, async ([name, file]) => {
      try {
        return { name, transport: await tapeTransport(file) }
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
  const [first] = transport.models
  if (first === undefined) return []
  const named = transport.models.map((recorded) =>
    endpointOf(`tape/${name}/${recorded.model}`, recorded, transport),
  )
  return [endpointOf(`tape/${name}`, first, transport), ...named]
}

function endpointOf(model: string, recorded: RecordedModel, transport: TapeTransport): Endpoint {
  return {
    id: `${model}:${recorded.provider.name}`,
    model,
    upstreamModel: recorded.model,
    tag: 'tape',
    provider: { ...recorded.provider, name: 'tape' },
    dialects: recorded.dialects,
    // An answer of a tape costs what its provider said then, so that what is reserved for one is the dearest on the tape.
    price: { ...freePrice, request: recorded.dearest, source: 'tape' },
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
