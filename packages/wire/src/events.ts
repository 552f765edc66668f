/** The events of one streamed answer, from its bytes. */
import type { StreamEvent } from './answer.ts'
import { BatchIterator } from './batches.ts'
import type { DialectClient } from './dialect.ts'
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
export function decodeEvents(
  dialect: DialectClient,
  body: ByteStream,
  provider: Provider = custom,
): AsyncIterableIterator<StreamEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = dialect.decodeStream(provider)
  let isDone = false
  return new BatchIterator({
    next: () => (isDone ? Promise.resolve(undefined) : reader.read().then(decode)),
    leave: () => reader.cancel(),
  })

  function decode({ value }: { readonly value?: Uint8Array | undefined }): readonly StreamEvent[] {
    isDone = value === undefined
    return value === undefined ? decoder.end() : decoder.push(value)
  }
}
