/** The events of one streamed answer, from its bytes. */
import type { StreamEvent } from './answer.ts'
import { BatchIterator } from './batches.ts'
import type { DialectClient } from './dialect.ts'
import type { Provider } from './provider.ts'
import { custom } from './hosts.ts'

/** As much of a `ReadableStream` of bytes as decoding needs. */
export interface ByteStream {
  getReader(): ByteReader
}

/** As much of its reader. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
}

/**
 * Iterates over the events of a streamed answer. The last one is always one `finish` or one `error`.
 * Nobody waits for what stands behind it: after a `finish` it is read in the background, so that a recorder
 * has all of the stream and the connection can be used again; after an `error`, and when the loop is left
 * before, the stream is cancelled. Throws only what reading the stream throws before its last event.
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
    leave: () => (isDone ? Promise.resolve() : reader.cancel()),
  })

  function decode({ value }: { readonly value?: Uint8Array | undefined }): readonly StreamEvent[] {
    const events = value === undefined ? decoder.end() : decoder.push(value)
    const last = events[events.length - 1]
    isDone = value === undefined
    if (last?.type === 'finish' || last?.type === 'error') {
      isDone = true
      void (last.type === 'finish' ? readRest(reader) : reader.cancel().catch(() => {}))
    }
    return events
  }
}

/**
 * Reads what stands behind a complete answer, so that a recorder has all of it and the connection can be used
 * again. Never rejects: what breaks there is no failure of the answer.
 */
export async function readRest(reader: ByteReader): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Nobody misses it.
  }
}
