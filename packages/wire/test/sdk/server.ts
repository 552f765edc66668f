/** A model over HTTP: decodes what a client asks in its dialect, and answers with what it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Answer,
  type AnswerHead,
  type AssistantPart,
  dialectOf,
  type Failure,
  type ModelRequest,
  type StreamEvent,
} from '../../src/index.ts'

/**
 * What the model says next. `breaks-off`: the answer's parts come, then the failure in place of the end. `paced`: these
 * events come, and behind each piece of a tool's input nothing until `seen` resolves.
 */
export type Reply =
  | Answer
  | Failure
  | { readonly type: 'breaks-off'; readonly answer: Answer; readonly failure: Failure }
  | { readonly type: 'paced'; readonly events: readonly StreamEvent[]; readonly seen: () => Promise<void> }

export interface ModelServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly origin: string
  /** What was asked, in order. */
  readonly requests: readonly ModelRequest[]
  /** The headers of each request. */
  readonly headers: readonly IncomingMessage['headers'][]
}

/** Serves every dialect on a port of its own; request by request it gives the replies in order. */
export async function serve(...replies: readonly Reply[]): Promise<ModelServer> {
  const requests: ModelRequest[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((incoming, response) => {
    void answer(incoming, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = `http://127.0.0.1${incoming.url ?? ''}`
    const body: unknown = JSON.parse(await textOf(incoming))
    const dialect = dialectOf(url, body)
    const reply = replies[requests.length]
    if (dialect === null || reply === undefined) throw new Error(`Nothing answers ${url}`)
    const request = dialect.server.decodeRequest(body, url)
    requests.push(request)
    headers.push(incoming.headers)
    const head: AnswerHead = { id: 'gen-1', model: request.model, created: 1_790_000_000, url }
    if (reply.type === 'failure') {
      const error = dialect.server.encodeError(reply)
      response
        .writeHead(error.status, { 'content-type': 'application/json', ...error.headers })
        .end(error.body)
    } else if (request.stream) {
      const encoder = dialect.server.encodeStream(head)
      response.writeHead(200, { 'content-type': encoder.contentType })
      for (const event of eventsOfReply(reply)) {
        response.write(encoder.push(event))
        if (reply.type === 'paced' && event.type === 'tool-input' && event.text !== '') await reply.seen()
      }
      response.end()
    } else if (reply.type === 'answer') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(dialect.server.encodeResponse(reply, head))
    } else {
      throw new Error('A plain answer comes at once')
    }
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    headers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function eventsOfReply(reply: Exclude<Reply, Failure>): readonly StreamEvent[] {
  if (reply.type === 'answer') return eventsOf(reply)
  if (reply.type === 'paced') return reply.events
  const { answer, failure } = reply
  const deltas = eventsOf(answer).filter(({ type }) => type !== 'tool-call' && type !== 'finish')
  return [...deltas, { type: 'error', failure }]
}

/** An answer as the events in which it would have come, its deltas a few characters long. */
export function eventsOf(answer: Answer): StreamEvent[] {
  let calls = 0
  const { content } = answer.message
  const events = content.flatMap((part): StreamEvent[] => {
    if (part.type === 'tool-call') return inputEvents(part, calls++)
    if (part.type !== 'text' && part.type !== 'reasoning') return [{ type: 'part', part }]
    if (part.type === 'reasoning' && part.text === '') return [{ type: 'part', part }]
    const { type } = part
    return [...pieces(part.text).map((text) => ({ type, text })), { type: 'part-end', part }]
  })
  for (const part of content) if (part.type === 'tool-call') events.push({ type: 'tool-call', call: part })
  events.push({ type: 'finish', answer })
  return events
}

function inputEvents(
  { id, name, inputText, data }: AssistantPart & { readonly type: 'tool-call' },
  index: number,
): StreamEvent[] {
  const first: StreamEvent = { type: 'tool-input', index, id, name, text: '', ...(data && { data }) }
  return [
    first,
    ...pieces(inputText).map((text): StreamEvent => ({ type: 'tool-input', index, id, name, text })),
  ]
}

function pieces(text: string): string[] {
  return text.match(/.{1,7}/gsu) ?? []
}
