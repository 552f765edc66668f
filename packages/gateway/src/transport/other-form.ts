/** A question in the form that it was not asked in, a stream or none, and its answer brought back into the one that it was. */
import {
  type Answer,
  type AssistantPart,
  decodeExchange,
  type DialectServer,
  dialectOf,
  type Failure,
  type ModelRequest,
  providerOf,
  type StreamEvent,
  type ToolCall,
  WireError,
} from '@playhead/wire'

export interface OtherForm {
  readonly url: string
  readonly body: string
  /** The answer to it as one to the question as it was asked. A refusal stays one. */
  answer(response: Response): Promise<Response>
}

/** Null for what is in no dialect, or cannot be read. */
export function otherForm(url: string, body: unknown): OtherForm | null {
  try {
    const wire: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
    const dialect = dialectOf(url, wire)
    if (dialect === null) return null
    const { client, server } = dialect
    const asked = server.decodeRequest(wire, url)
    const other = { ...asked, stream: !asked.stream }
    const provider = providerOf(url)
    const otherUrl = withPath(url, client.path(asked, provider), client.path(other, provider))
    if (otherUrl === null) return null
    return {
      url: otherUrl,
      body: client.encodeRequest(other, provider),
      async answer(response) {
        if (!response.ok) return response
        const { status, headers } = response
        const bytes = new Uint8Array(await response.arrayBuffer())
        const recorded = { url: otherUrl, status, headers, body: bytes }
        return told(decodeExchange(client, recorded, other.stream), server, asked, url)
      },
    }
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) return null
    throw error
  }
}

/** Some dialects ask for a stream by their path. Null where the path is written in another way. */
function withPath(url: string, path: string, other: string): string | null {
  if (path === other) return url
  const place = url.indexOf(path.split('?', 1)[0] ?? path)
  return place === -1 ? null : url.slice(0, place) + other
}

/** A failure is the last event of a stream, with the tokens that it took. To who wants none, it is a refusal. */
function told(
  outcome: Answer | Failure,
  server: DialectServer,
  { stream }: ModelRequest,
  url: string,
): Response {
  const { id = '', model = '' } = outcome.type === 'answer' ? outcome : { model: outcome.model }
  const head = { id, model, created: Math.floor(Date.now() / 1000), url }
  if (stream) {
    const encoder = server.encodeStream(head)
    const bytes = eventsOf(outcome).map((event) => encoder.push(event))
    return respond(Buffer.concat(bytes), encoder.contentType)
  }
  if (outcome.type === 'answer') return respond(server.encodeResponse(outcome, head), 'application/json')
  const { status, headers, body } = server.encodeError(outcome)
  return new Response(body, { status, headers })
}

function respond(body: string | Uint8Array<ArrayBuffer>, contentType: string): Response {
  return new Response(body, { headers: { 'content-type': contentType } })
}

/** What a stream of the answer would have told: each part in one piece. */
function eventsOf(outcome: Answer | Failure): readonly StreamEvent[] {
  if (outcome.type === 'failure') return [{ type: 'error', failure: outcome }]
  const { content } = outcome.message
  const calls = content.filter((part) => part.type === 'tool-call')
  return [
    ...content.flatMap((part) => partEvents(part, calls)),
    ...calls.map((call) => ({ type: 'tool-call' as const, call })),
    { type: 'finish', answer: outcome },
  ]
}

function partEvents(part: AssistantPart, calls: readonly ToolCall[]): readonly StreamEvent[] {
  if (part.type === 'tool-call') {
    const { id, name, inputText: text, data } = part
    const index = calls.indexOf(part)
    return [{ type: 'tool-input', index, id, name, text, ...(data !== undefined && { data }) }]
  }
  if (part.type === 'text' || (part.type === 'reasoning' && part.text !== ''))
    return [
      { type: part.type, text: part.text },
      { type: 'part-end', part },
    ]
  return [{ type: 'part', part }]
}
