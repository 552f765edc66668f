/** Puts the exchanges of one generation on a tape of its own: `tapes/2026-11-22/gen-….tape.jsonl`. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { record, type Recorder } from '@playhead/tape'
import { fetchTransport } from '../transport/fetch-transport.ts'
import type { OutgoingRequest, Receiver, Sending, Transport } from '../transport/transport.ts'
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
  let hasSent = false
  return {
    get file() {
      return hasSent ? file : null
    },
    through: (transport) => ({
      send(request, receiver) {
        hasSent = true
        return sendOnTape(recorder, transport, request, receiver)
      },
      close: () => Promise.resolve(),
    }),
    async stop() {
      // The end of what was just given up reaches the tape within this turn.
      await setImmediate()
      await recorder.stop()
    },
  }
}

function sendOnTape(
  recorder: Recorder,
  transport: Transport,
  request: OutgoingRequest,
  receiver: Receiver,
): Sending {
  const told = new ToldReceiver(receiver)
  const network = transportFetch(transport, request, () => told.isBeingTold)
  return fetchTransport((input, init) => recorder.answer(input, init, network)).send(request, told)
}

/**
 * Knows when its receiver is being handed bytes. Who gives an answer up at that moment has found its last word among them
 * (`[DONE]`): on tape it is whole. At any other moment it broke off.
 */
class ToldReceiver implements Receiver {
  readonly #receiver: Receiver
  isBeingTold = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  head(...head: Parameters<Receiver['head']>): void {
    this.#receiver.head(...head)
  }

  data(chunk: Uint8Array): void {
    this.isBeingTold = true
    try {
      this.#receiver.data(chunk)
    } finally {
      this.isBeingTold = false
    }
  }

  end(): void {
    this.#receiver.end()
  }

  fail(...error: Parameters<Receiver['fail']>): void {
    this.#receiver.fail(...error)
  }
}
