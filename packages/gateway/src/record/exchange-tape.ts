/** Puts the exchanges of one generation on a tape of its own: `tapes/2026-11-22/gen-….tape.jsonl`. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { record, type Recorder } from '@playhead/tape'
import { fetchTransport } from '../transport/fetch-transport.ts'
import type {
  OutgoingRequest,
  Receiver,
  ResponseHead,
  Sending,
  Transport,
  TransportError,
} from '../transport/transport.ts'
import { tapeFileIn } from './tape-file.ts'
import { transportFetch } from './transport-fetch.ts'

/** A tape that is being recorded. */
export interface ExchangeTape {
  /** Null until something was sent: then there is no file. */
  readonly file: string | null
  /** The same way to an upstream, with the tape in between. */
  through(transport: Transport): Transport
  /** Saves it. Rejects with a TapeError where something on it looks like a secret: it is masked there. */
  stop(): Promise<void>
}

/** Begins a tape for a generation that was opened at this time, in milliseconds since 1970. */
export async function openExchangeTape(
  folder: string,
  generation: string,
  at: number,
): Promise<ExchangeTape> {
  const file = tapeFileIn(folder, generation, at)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const recorder = await record(file, { mode: 'all' })
  const exchanges: Exchange[] = []
  return {
    get file() {
      return exchanges.length > 0 ? file : null
    },
    through: (transport) => ({
      send(request, receiver) {
        const exchange = new Exchange(recorder, transport, request, receiver)
        exchanges.push(exchange)
        return exchange
      },
      close: () => Promise.resolve(),
    }),
    async stop() {
      for (const exchange of exchanges) exchange.finish()
      // Ends reach the tape within this turn.
      await setImmediate()
      await recorder.stop()
    },
  }
}

/** One request on its way through the recorder, and what comes back. */
class Exchange implements Sending, Receiver {
  readonly #receiver: Receiver
  readonly #sending: Sending
  /** Fires when all that is wanted has come. */
  readonly #enough = new AbortController()
  #isTelling = false

  constructor(recorder: Recorder, transport: Transport, request: OutgoingRequest, receiver: Receiver) {
    this.#receiver = receiver
    const network = transportFetch(transport, request, this.#enough.signal)
    const recorded = fetchTransport((input, init) => recorder.answer(input, init, network))
    this.#sending = recorded.send(request, this)
  }

  /** What nobody has given up by now is whole, whether its connection has ended or not. */
  finish(): void {
    this.#enough.abort()
    this.#sending.resume()
  }

  pause(): void {
    this.#sending.pause()
  }

  resume(): void {
    this.#sending.resume()
  }

  /** Who gives up while he is handed bytes has found the last word among them. At any other moment it breaks off. */
  abort(): void {
    if (this.#isTelling) this.#enough.abort()
    this.#sending.abort()
  }

  head(head: ResponseHead): void {
    this.#receiver.head(head)
  }

  data(chunk: Uint8Array): void {
    this.#isTelling = true
    this.#receiver.data(chunk)
    this.#isTelling = false
  }

  /** The end of the tape is not that of the connection, which its receiver still looks after. */
  end(): void {
    if (!this.#enough.signal.aborted) this.#receiver.end()
  }

  fail(error: TransportError): void {
    this.#receiver.fail(error)
  }
}
