/** Gives a recorded answer as the platform's `fetch` would: its chunks, its times, and its end, also a bad one. */
import type { Clock } from './clock.ts'
import { TapeError } from './error.ts'
import { bodiless, type ReadRequest } from './http.ts'
import type { Body, Ending, Piece } from './interaction.ts'
import type { Reply } from './reply.ts'
import { type BodySource, sourcedResponse } from './response.ts'

/** Which answer it is, for errors. */
export interface ReplayPlace {
  readonly file: string
  readonly id: number
}

/** A body as it was recorded: read piece by piece, or at once. */
export interface RecordedPieces extends Iterable<Piece> {
  whole(): Body
}

/** Resolves with the response, or rejects as `fetch` does. `clock` is null where answers come at once. */
export async function respond(
  reply: Reply,
  request: ReadRequest,
  clock: Clock | null,
  place: ReplayPlace,
): Promise<Response> {
  const pace = paceOf(clock)
  const { head, ending } = reply
  await pace(head?.duration ?? ending.at, request.signal)
  if (head === null) throw brokenOff(ending, false, place) ?? new TypeError('fetch failed')
  const hasBody = !bodiless.has(head.status) && request.method !== 'HEAD'
  const { status, statusText, headers } = head
  const url = request.url.replace(/#.*$/s, '')
  const source = hasBody ? sourceOf(reply, pace, request.signal, place) : null
  return sourcedResponse(source, { status, statusText, headers, url, redirected: false })
}

/** Waits until so many milliseconds after the request was sent; undefined when that is now. */
type Pace = (at: number, signal: AbortSignal | undefined) => Promise<void> | undefined

function paceOf(clock: Clock | null): Pace {
  if (clock === null) return () => undefined
  const started = clock.now()
  return (at, signal) => {
    const wait = started + at - clock.now()
    return wait > 0 ? clock.sleep(wait, signal) : undefined
  }
}

function sourceOf(
  { pieces, ending }: Reply,
  pace: Pace,
  signal: AbortSignal | undefined,
  place: ReplayPlace,
): BodySource {
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    streamOf(pieces, pace, signal, () => ({
      at: ending.at,
      failure: brokenOff(ending, true, place),
    }))
  if (ending.type !== 'end' || !isRecorded(pieces)) return { stream }
  return {
    stream,
    whole: async () => {
      await pace(ending.at, signal)
      signal?.throwIfAborted()
      return pieces.whole()
    },
  }
}

/** An overlay may have put others in their place. */
function isRecorded(pieces: Iterable<Piece>): pieces is RecordedPieces {
  return 'whole' in pieces
}

interface StreamEnd {
  readonly at: number
  readonly failure: Error | undefined
}

/** The pieces as a stream of bytes, as the platform's bodies are: nothing is read before it is asked for. */
function streamOf(
  pieces: Iterable<Piece>,
  pace: Pace,
  signal: AbortSignal | undefined,
  end: () => StreamEnd,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = pieces[Symbol.iterator]()
  // Nobody waits for what nobody reads any more.
  const left = new AbortController()
  let leave: (() => void) | undefined
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      if (signal === undefined) return
      const abort = (): void => {
        controller.error(signal.reason)
        left.abort()
      }
      leave = () => signal.removeEventListener('abort', abort)
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    },
    pull(controller) {
      const piece = nextOf(iterator)
      if (piece !== undefined) {
        // A copy: what is handed on belongs to the caller.
        const give = (): void => controller.enqueue(new Uint8Array(piece.bytes))
        const wait = pace(piece.at, left.signal)
        return wait === undefined ? give() : wait.then(give)
      }
      const { at, failure } = end()
      const close = (): void => {
        leave?.()
        if (failure !== undefined) return controller.error(failure)
        controller.close()
        controller.byobRequest?.respond(0)
      }
      const wait = pace(at, left.signal)
      return wait === undefined ? close() : wait.then(close)
    },
    cancel() {
      leave?.()
      left.abort()
      iterator.return?.()
    },
  })
}

/** An empty piece is none: a stream of bytes takes no empty one. */
function nextOf(iterator: Iterator<Piece, unknown>): Piece | undefined {
  for (;;) {
    const next = iterator.next()
    if (next.done === true) return undefined
    if (next.value.bytes.length > 0) return next.value
  }
}

/** The error that an exchange ended with, in the platform's words; undefined for a whole answer. */
function brokenOff(ending: Ending, hasHead: boolean, { file, id }: ReplayPlace): Error | undefined {
  switch (ending.type) {
    case 'end':
      return undefined
    case 'error': {
      const { code, message } = ending
      const cause = Object.assign(new Error(message), code !== null && { code })
      return new TypeError(hasHead ? 'terminated' : 'fetch failed', { cause })
    }
    case 'abort':
    case 'unfinished': {
      const why = ending.type === 'abort' ? `its caller left (${ending.reason})` : 'its recorder was gone'
      const what = `the recording of interaction ${id} ends here: ${why}; record it anew to go on`
      return new TapeError('cut', what, { file })
    }
  }
}
