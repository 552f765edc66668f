/** Providers to put a gateway before: real servers on this machine that answer from recordings, or fail as they are told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Recorded } from './recorded.ts'

/** What an upstream does with one request. A plain answer has no events: it is cut in its middle. */
export type Act =
  | { readonly type: 'answer'; readonly recorded: Recorded }
  /** An error of HTTP. */
  | Refusal
  /** The connection breaks before a byte has come. */
  | { readonly type: 'reset' }
  /** Nothing comes back, ever. */
  | { readonly type: 'silence' }
  /** A head comes, then nothing. Where it is a stream, also an event without a token, and a comment. */
  | { readonly type: 'late-token'; readonly recorded: Recorded }
  /** The connection breaks after so many events. */
  | { readonly type: 'cut'; readonly recorded: Recorded; readonly events: number }
  /** Nothing comes any more after so many events. */
  | { readonly type: 'stall'; readonly recorded: Recorded; readonly events: number }
  /** An event that is not JSON after so many; the rest follows as if nothing were. */
  | { readonly type: 'malformed'; readonly recorded: Recorded; readonly events: number }
  /** A clean end of the connection after so many events: no finish reason, no `[DONE]`. */
  | { readonly type: 'no-end'; readonly recorded: Recorded; readonly events: number }
  /** An error as an event of the stream after so many. A plain answer is the error, with status 200. */
  | {
      readonly type: 'error-event'
      readonly recorded: Recorded
      readonly events: number
      readonly error: unknown
    }
  /** Events come so many milliseconds apart. A plain answer comes after all of them. */
  | { readonly type: 'slow'; readonly recorded: Recorded; readonly pace: number }
  /** Decides by the request. */
  | { readonly type: 'choose'; readonly choose: (request: UpstreamRequest) => Act }

/** An error of HTTP, as data. */
export interface Refusal {
  readonly type: 'refusal'
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A request that came. */
export interface UpstreamRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly isStream: boolean
  /** Whether the one who asked left before the answer was whole. */
  hasLeft: boolean
}

/** A provider that is told what to do. */
export interface Upstream extends AsyncDisposable {
  /** `http://127.0.0.1:4711/v1` */
  readonly baseUrl: string
  readonly port: number
  /** Those since `play` was last called, in order. */
  readonly requests: readonly UpstreamRequest[]
  /** Sets what it does with the next requests, in turn; the last act is that for all further ones. Forgets what came before. */
  play(...acts: readonly Act[]): void
  /** Closes connections that nobody uses: the next request comes by a fresh one. */
  closeIdle(): void
  /** Connections that are open. */
  connections(): Promise<number>
}

/** Starts a provider on a port, or on any that is free. Until it is told what to do it refuses with 599. */
export async function startUpstream(port = 0): Promise<Upstream> {
  let requests: UpstreamRequest[] = []
  let acts: readonly Act[] = [refusal(599, 'nothing is played here')]
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const mine = requests
    readRequest(incoming, (request) => {
      const act = acts[mine.length] ?? acts.at(-1) ?? refusal(599, 'nothing is played here')
      mine.push(request)
      response.on('close', () => (request.hasLeft = !response.writableFinished))
      perform(act, request, response)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    get requests() {
      return requests
    },
    play(...next) {
      requests = []
      acts = next
    },
    closeIdle: () => server.closeIdleConnections(),
    connections: () => connectionsOf(server),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** OpenAI's shape of an error. */
export function refusal(
  status: number,
  message: string,
  options: { readonly code?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Refusal {
  const error = { message, type: options.code ?? 'error', param: null, code: options.code ?? null }
  return { type: 'refusal', status, headers: options.headers ?? {}, body: { error } }
}

function readRequest(incoming: IncomingMessage, take: (request: UpstreamRequest) => void): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8')
    const path = incoming.url ?? ''
    const isStream = /"stream"\s*:\s*true/.test(text) || path.includes(':streamGenerateContent')
    take({ path, headers: incoming.headers, text, isStream, hasLeft: false })
  })
}

type Performers = {
  readonly [Type in Exclude<Act['type'], 'choose'>]: (
    act: Extract<Act, { readonly type: Type }>,
    stage: Stage,
  ) => void
}

/** What an act has to work with. */
interface Stage {
  readonly isStream: boolean
  readonly response: ServerResponse
  /** Writes the head of an answer and its first events, or the first half of a plain answer; then goes on. */
  readonly begin: (recorded: Recorded, events: number, then: () => void) => void
}

const performers: Performers = {
  answer({ recorded }, { isStream, response }) {
    const { frames, plain } = recorded
    head(response, recorded, isStream)
    response.end(isStream ? frames.join('') : plain)
  },
  refusal({ status, headers = {}, body }, { response }) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  },
  reset: (_, { response }) => void response.socket?.resetAndDestroy(),
  silence: () => {},
  'late-token'({ recorded }, { isStream, response }) {
    head(response, recorded, isStream)
    response.flushHeaders()
    if (isStream) response.write(`: PROCESSING\n\n${recorded.frames[0] ?? ''}`)
  },
  cut: ({ recorded, events }, { begin, response }) =>
    begin(recorded, events, () => response.socket?.resetAndDestroy()),
  stall: ({ recorded, events }, { begin }) => begin(recorded, events, () => {}),
  malformed({ recorded, events }, { isStream, begin, response }) {
    if (!isStream) return void response.writeHead(200).end('<html>502 Bad Gateway</html>')
    begin(recorded, events, () => {
      response.end(`data: {"id":"gen-1","choices":[{"ind\n\n${recorded.frames.slice(events).join('')}`)
    })
  },
  'no-end': ({ recorded, events }, { begin, response }) => begin(recorded, events, () => response.end()),
  'error-event'({ recorded, events, error }, { isStream, begin, response }) {
    if (!isStream) return void response.writeHead(200).end(JSON.stringify({ error }))
    begin(recorded, events, () => response.end(`data: ${JSON.stringify({ error })}\n\n`))
  },
  slow({ recorded, pace }, { isStream, response }) {
    const pieces = isStream ? recorded.frames : [recorded.plain]
    head(response, recorded, isStream)
    const write = (index: number): void => {
      const piece = pieces[index]
      if (piece === undefined) response.end()
      else if (!response.destroyed) {
        response.write(piece)
        setTimeout(write, pace, index + 1)
      }
    }
    setTimeout(write, isStream ? 0 : recorded.frames.length * pace, 0)
  },
}

function perform(act: Act, request: UpstreamRequest, response: ServerResponse): void {
  if (act.type === 'choose') return perform(act.choose(request), request, response)
  const { isStream } = request
  const begin: Stage['begin'] = (recorded, events, then) => {
    head(response, recorded, isStream)
    const { frames, plain } = recorded
    const first = isStream ? frames.slice(0, events).join('') : plain.slice(0, Math.floor(plain.length / 2))
    // What follows is another read of whoever listens.
    response.write(first, () => setTimeout(then, 5))
  }
  const performer = performers[act.type] as (act: Act, stage: Stage) => void
  performer(act, { isStream, response, begin })
}

function head(response: ServerResponse, recorded: Recorded, isStream: boolean): void {
  response.writeHead(200, { 'content-type': isStream ? recorded.contentType : 'application/json' })
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
