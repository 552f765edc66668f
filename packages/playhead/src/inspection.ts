/** What an interaction was: the conversation that was sent and what came back, derived from its bytes. */
import { type Interaction, toHeaders } from '@playhead/tape'
import {
  type Answer,
  decodeExchange,
  type Dialect,
  dialectOf,
  type Failure,
  isStreamType,
  type ModelRequest,
  openaiChat,
  type ToolCall,
  WireError,
} from '@playhead/wire'

export interface Inspection {
  readonly file: string
  readonly interaction: Interaction
  /** Null when the interaction is in no dialect that is known. */
  readonly dialect: Dialect | null
  /** Whether the response came as a stream. */
  readonly isStream: boolean
  /** What was asked; the error when that cannot be told; null without a dialect. */
  readonly request: ModelRequest | WireError | null
  /** What came back; null when there is no telling. */
  readonly outcome: Answer | Failure | null
}

export function inspect(file: string, interaction: Interaction): Inspection {
  const { request, response } = interaction
  const body = parse(request.body)
  const dialect = dialectOf(request.url, body)
  const headers = toHeaders(response.headers)
  const isStreamAsked = dialect?.asksForStream(request.url, body) ?? false
  const received = {
    url: request.url,
    status: response.status,
    headers,
    body: typeof response.body === 'string' ? new TextEncoder().encode(response.body) : response.body,
  }
  return {
    file,
    interaction,
    dialect,
    isStream: cameAsStream(response, isStreamAsked),
    request: dialect === null ? null : decodeRequest(dialect, body, request.url),
    outcome:
      dialect !== null || response.status >= 400
        ? decodeExchange(dialect?.client ?? openaiChat, received, isStreamAsked)
        : null,
  }
}

/** A request for a stream can be answered by a plain error. Some recorders leave out what kind an answer is. */
function cameAsStream({ headers, status, body }: Interaction['response'], isExpected: boolean): boolean {
  const type = toHeaders(headers).get('content-type')
  if (type !== null && isStreamType(type)) return true
  // Ollama's cloud calls its lines `application/json`.
  return isExpected && status < 400 && (type === null || parse(body) === undefined)
}

function parse(body: string | Uint8Array): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined
  } catch {
    return undefined
  }
}

function decodeRequest(dialect: Dialect, body: unknown, url: string): ModelRequest | WireError {
  try {
    return dialect.server.decodeRequest(body, url)
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

/** The object that `playhead tape inspect --json` prints: one a line. */
export function toJson({ file, interaction, dialect, isStream, request, outcome }: Inspection): object {
  const { id, request: sent, response } = interaction
  const answer = outcome?.type === 'answer' ? outcome : null
  const failed = outcome?.type === 'failure' ? outcome : null
  const content = (answer?.message ?? failed?.partial)?.content ?? []
  const usage = outcome?.usage ?? null
  const asked = request === null || request instanceof WireError ? '' : request.model
  return {
    file,
    id,
    method: sent.method,
    url: sent.url,
    status: response.status,
    dialect: dialect?.name ?? null,
    stream: isStream,
    model: answer?.model || asked || null,
    text: join(content, 'text'),
    reasoning: join(content, 'reasoning'),
    toolCalls: content.filter((part) => part.type === 'tool-call').map(toolCallToJson),
    finishReason: answer?.finishReason ?? null,
    usage: usage === null ? null : { ...usage, inputTokens: usage.inputTokens || null },
    cost: outcome?.cost ?? null,
    error:
      failed === null ? null : { code: failed.code, message: failed.message, retryable: failed.retryable },
  }
}

/** Gemini may give no id, and then notes so beside the one that a call must have. */
function toolCallToJson({ id, name, input, inputText, data = {} }: ToolCall): object {
  const isGiven = Object.values(data).every((fields) => fields['id'] !== null)
  return { id: isGiven ? id : null, name, input: input === undefined ? inputText : input }
}

function join(content: Answer['message']['content'], type: 'text' | 'reasoning'): string {
  let text = ''
  for (const part of content) if (part.type === type) text += part.text
  return text
}
