/** Lays a fault over a recorded answer. */
import type { HeaderList, Piece, RecordedHead } from '../interaction.ts'
import type { SaidError } from '../match.ts'
import type { Reply } from '../reply.ts'
import { eventEnds } from './events.ts'
import type { Fault, Point } from './fault.ts'

/** Says an error for one request; undefined where nobody knows the words. */
export type SayError = (status: number, message: string) => SaidError | undefined

/** Five minutes: longer than anyone waits for silence to end. */
const longStall = 300_000

/** The reply as it is with the fault. */
export function layFault(fault: Fault, reply: Reply, sayError: SayError): Reply {
  if (fault.type === 'status') return errorReply(fault, sayError)
  if (fault.type === 'reset' && fault.head === false) return { ...reply, head: null, ...broken(0) }
  if (reply.head === null) return reply
  if (fault.type === 'delay') return delayed(reply, reply.head, fault.for)
  const body = new Taped(reply.head, [...reply.pieces])
  const at = body.offsetOf(fault)
  switch (fault.type) {
    case 'cut':
      return { ...reply, pieces: body.upTo(at), ending: { type: 'end', at: body.timeAt(at) } }
    case 'reset':
      return { ...reply, pieces: body.upTo(at), ...broken(body.timeAt(at)) }
    case 'stall':
      return { ...reply, pieces: [...body.upTo(at), ...later(body.from(at), fault.for ?? longStall)] }
    case 'malformed': {
      const end = body.endOfEventAt(at)
      const middle = at + Math.ceil((end - at) / 2)
      // The line ends stay: it is the event that is broken, not the stream.
      const rest = body.trailingBreaks(middle, end)
      return { ...reply, pieces: [...body.upTo(middle), ...body.from(rest)] }
    }
    case 'duplicate': {
      const end = body.endOfEventAt(at)
      return { ...reply, pieces: [...body.upTo(end), ...body.between(at, end), ...body.from(end)] }
    }
    case 'error-event': {
      const bytes = sayError(500, fault.message ?? 'The server had an error')?.event ?? new Uint8Array()
      const time = body.timeAt(at)
      return {
        ...reply,
        pieces: [...body.upTo(at), { bytes, at: time }],
        ending: { type: 'end', at: time },
      }
    }
  }
}

function broken(at: number): Pick<Reply, 'ending'> {
  return { ending: { type: 'error', at, code: 'ECONNRESET', message: 'read ECONNRESET' } }
}

function delayed(reply: Reply, head: RecordedHead, milliseconds: number): Reply {
  const pieces = [...later([...reply.pieces], milliseconds)]
  return { ...reply, head: { ...head, duration: head.duration + milliseconds }, pieces }
}

function later(pieces: readonly Piece[], milliseconds: number): Piece[] {
  return pieces.map(({ bytes, at }) => ({ bytes, at: at + milliseconds }))
}

function errorReply(
  { status, retryAfter, message = `HTTP status ${status}` }: Extract<Fault, { type: 'status' }>,
  sayError: SayError,
): Reply {
  const said = sayError(status, message)
  const headers: HeaderList = [
    ...(said?.headers ?? [['Content-Type', 'application/json'] as const]),
    ...(retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)] as const]),
  ]
  const body = said?.body ?? JSON.stringify({ error: { code: status, message } })
  return {
    head: { status, statusText: '', headers, duration: 0 },
    pieces: [{ bytes: new TextEncoder().encode(body), at: 0 }],
    ending: { type: 'end', at: 0 },
  }
}

/** A body whole, with the times of its pieces. */
class Taped {
  readonly #pieces: readonly Piece[]
  readonly #bytes: Uint8Array
  readonly #ends: readonly number[]
  readonly #started: number

  constructor(head: RecordedHead, pieces: readonly Piece[]) {
    this.#pieces = pieces
    this.#bytes = Buffer.concat(pieces.map(({ bytes }) => bytes))
    this.#ends = eventEnds(this.#bytes, head.headers)
    this.#started = head.duration
  }

  /** Bytes from the start. */
  offsetOf({ events, bytes = 0 }: Point): number {
    if (events === undefined)
      return within(bytes < 0 ? this.#bytes.length + bytes : bytes, this.#bytes.length)
    const count = within(events < 0 ? this.#ends.length + events : events, this.#ends.length)
    return count === 0 ? 0 : (this.#ends[count - 1] ?? 0)
  }

  /** Where the event ends that begins or goes on at an offset. */
  endOfEventAt(offset: number): number {
    return this.#ends.find((end) => end > offset) ?? this.#bytes.length
  }

  /** Where the line breaks begin that close what stands between two offsets. */
  trailingBreaks(start: number, end: number): number {
    let place = end
    while (place > start && (this.#bytes[place - 1] === 0x0a || this.#bytes[place - 1] === 0x0d)) place -= 1
    return place
  }

  /** When the byte before an offset had come. */
  timeAt(offset: number): number {
    return this.upTo(offset).at(-1)?.at ?? this.#started
  }

  upTo(offset: number): Piece[] {
    return this.between(0, offset)
  }

  from(offset: number): Piece[] {
    return this.between(offset, this.#bytes.length)
  }

  between(start: number, end: number): Piece[] {
    let place = 0
    const found: Piece[] = []
    for (const { bytes, at } of this.#pieces) {
      const part = bytes.subarray(Math.max(0, start - place), Math.max(0, end - place))
      if (part.length > 0) found.push({ bytes: part, at })
      place += bytes.length
    }
    return found
  }
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}
