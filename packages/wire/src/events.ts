/** The events of one streamed answer, from its bytes. */
import type { StreamEvent } from './answer.ts'
import type { Dialect } from './dialect.ts'
import { custom, type Provider } from './provider.ts'

/** As much of a `ReadableStream` of bytes as decoding needs. */
export interface ByteStream {
  getReader(): ByteReader
}

export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
}

/**
 * Iterates over the events of a streamed answer. The last one is always one `finish` or one `error`;
 * after it, what is left of the stream is read, so that a recorder sees all of it. Leaving the loop early
 * cancels the stream. Throws only what reading the stream throws.
 */
export async function* decodeEvents(
  dialect: Dialect,
  body: ByteStream,
  provider: Provider = custom,
): AsyncGenerator<StreamEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = dialect.decodeStream(provider)
  let done = false
  try {
    while (!done) {
      const read = await reader.read()
      done = read.done
      if (read.value !== undefined) yield* decoder.push(read.value)
    }
    yield* decoder.end()
  } finally {
    if (!done) await reader.cancel()
  }
}
