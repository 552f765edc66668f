/** What a request asks of a model: that by which a recorder recognises it, and in whose words it explains a miss. */
import { failure } from './answer.ts'
import type { Dialect } from './dialect.ts'
import { dialectOf } from './dialects.ts'
import { differencesOf } from './differences.ts'
import { WireError } from './error.ts'
import { codeOfWord } from './failure.ts'
import { isObject, parseJson } from './json.ts'
import type { AssistantPart, Message, ToolCall } from './message.ts'

/** A request as far as its meaning goes. */
export interface MeantRequest {
  readonly method: string
  readonly url: string
  readonly body: string | Uint8Array
}

/** An error as a provider says it. */
export interface SaidError {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly event: Uint8Array
}

/**
 * The conversation that a request continues: the canonical form of what it asks, whatever its dialect and however it
 * is written. Given to a recorder, it makes requests equal that ask the same.
 */
export const conversation = {
  /**
   * The number grows when what `of` gives for a request becomes something else: tapes store keys under this name, and
   * are keyed anew under another.
   */
  name: 'conversation-2',

  /**
   * The canonical request, whether a stream is asked for included: a stream answers no one who wants none. The input of
   * a tool call is its value, since how it is written is the same question. Undefined for a request that is in no dialect
   * that is known, or cannot be read. Never throws.
   */
  of(asked: MeantRequest): object | undefined {
    const known = recognise(asked)
    if (known === undefined) return undefined
    try {
      const request = known.dialect.server.decodeRequest(known.wire, asked.url)
      return { ...request, messages: request.messages.map(meant) }
    } catch (error) {
      if (error instanceof WireError) return undefined
      throw error
    }
  },

  /**
   * An error of the provider in the dialect of a request: the response with this status, and the event in a stream.
   * Undefined for a request that is in no dialect that is known.
   */
  error(asked: MeantRequest, status: number, message: string): SaidError | undefined {
    const dialect = recognise(asked)?.dialect
    if (dialect === undefined) return undefined
    const said = failure(codeOfWord(status) ?? 'server', message, { status })
    const { headers, body } = dialect.server.encodeError(said)
    const stream = dialect.server.encodeStream({ id: '', model: '', created: 0, url: asked.url })
    return {
      headers: Object.entries(headers),
      body,
      event: stream.push({ type: 'error', failure: said }),
    }
  },

  /** How two differ that `of` gave, one line for each place: `message 3 (tool), result of "add": 5 → 6`. */
  explain(recorded: unknown, asked: unknown): readonly string[] {
    return differencesOf(recorded, asked)
  },
}

/** The dialect of a request, and its body, parsed. */
function recognise({ method, url, body }: MeantRequest): { dialect: Dialect; wire: unknown } | undefined {
  if (method.toUpperCase() !== 'POST' || typeof body !== 'string') return undefined
  const wire = parseJson(body)
  const dialect = isObject(wire) ? dialectOf(url, wire) : null
  return dialect === null ? undefined : { dialect, wire }
}

function meant(message: Message): object {
  if (message.role !== 'assistant') return message
  return { ...message, content: message.content.map(meantPart) }
}

/** An input stays as it is written where it is no JSON, or holds a number that may be too large for one of ours. */
function meantPart(part: AssistantPart): object {
  if (part.type !== 'tool-call' || part.input === undefined || /\d{16}/.test(part.inputText)) return part
  return meantCall(part)
}

function meantCall({ inputText: _written, ...call }: ToolCall): object {
  return call
}
