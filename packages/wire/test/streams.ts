/** Makes streams, cuts them and decodes them. */
import { custom, openaiChat, type Provider, type StreamEvent } from '../src/index.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** A stream of events, each with the JSON of one chunk, or with text as it is. */
export function sse(...chunks: readonly unknown[]): string {
  return chunks
    .map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`)
    .join('')
}

/** A chunk with one delta; with a finish reason when one is given. */
export function chunk(delta: unknown, finishReason: string | null = null): Record<string, unknown> {
  return { id: 'gen-1', model: 'm', choices: [{ index: 0, delta, finish_reason: finishReason }] }
}

/** The events of a stream that arrives in these pieces. */
export function eventsOf(pieces: Iterable<Uint8Array>, provider: Provider = custom): StreamEvent[] {
  const decoder = openaiChat.decodeStream(provider)
  const events: StreamEvent[] = []
  for (const piece of pieces) for (const event of decoder.push(piece)) events.push(event)
  events.push(...decoder.end())
  return events
}

/** The events of a stream that arrives at once. */
export function eventsOfText(text: string, provider: Provider = custom): StreamEvent[] {
  return eventsOf([bytesOf(text)], provider)
}

/** Pieces between ascending places. */
export function* cut(bytes: Uint8Array, places: Iterable<number>): Generator<Uint8Array> {
  let start = 0
  for (const place of places) {
    yield bytes.subarray(start, place)
    start = place
  }
  yield bytes.subarray(start)
}

/** One byte at a time. */
export function* single(bytes: Uint8Array): Generator<Uint8Array> {
  for (let place = 0; place < bytes.length; place++) yield bytes.subarray(place, place + 1)
}

/** The same random numbers in every run, from 0 up to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
