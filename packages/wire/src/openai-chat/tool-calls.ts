/** Puts tool calls together from their deltas, in all the shapes that servers send them. */
import type { ToolInputEvent } from '../answer.ts'
import { GrowingText } from '../growing-text.ts'
import { isObject, objectOr, parseJson, stringifyJson, stringOr, type Unread } from '../json.ts'
import type { JsonObject, ToolCall } from '../message.ts'

/**
 * The tool calls of one streamed answer. What is known of real deltas (go-vcr/fantasy records kimi-k2
 * from ten upstreams): after the first, `id` and `name` may be absent, null, empty or repeated; the first
 * may lack `arguments`; a whole call may be one delta; `index` may be absent (Gemini, SGLang), always 0
 * (Ollama), start above 0 or skip.
 */
export class ToolCalls {
  readonly #calls: OpenCall[] = []

  /** Takes one element of `delta.tool_calls`. Null when it adds nothing. */
  add(delta: Unread): ToolInputEvent | null {
    const next = readDelta(delta)
    const call = this.#find(next)
    if (call === undefined) {
      const { length } = this.#calls
      this.#calls.push(open(next, length))
      return { type: 'tool-input', index: length, name: next.name, text: next.text }
    }
    call.id ??= next.id
    call.extra = next.extra ?? call.extra
    if (call.name === '') call.name = next.name
    if (next.text === '') return null
    call.text.add(next.text)
    return { type: 'tool-input', index: call.index, name: call.name, text: next.text }
  }

  /** The whole calls, in the order in which they began. Only right when the answer is complete. */
  finish(): ToolCall[] {
    return this.#calls.map(close)
  }

  /** The call that a delta continues; undefined when it begins a new one. */
  #find(next: CallDelta): OpenCall | undefined {
    const call = next.wireIndex === null ? this.#findWithoutIndex(next) : this.#findByIndex(next.wireIndex)
    if (call === undefined || next.name === '') return call
    // Some servers repeat the name with every delta, but a name with another id is another call.
    return next.id !== null && call.id !== null && next.id !== call.id ? undefined : call
  }

  #findByIndex(wireIndex: number): OpenCall | undefined {
    return this.#calls.findLast((call) => call.wireIndex === wireIndex)
  }

  #findWithoutIndex({ id, name }: CallDelta): OpenCall | undefined {
    if (id !== null)
      return this.#calls.findLast((call) => call.id === id || (call.id === null && name === ''))
    const last = this.#calls.at(-1)
    if (last === undefined || name === '' || last.name === '') return last
    // With neither id nor index, another name is another call, and so is the same after a whole input.
    return last.name !== name || isWhole(last.text.toString()) ? undefined : last
  }
}

/** Decodes `message.tool_calls` of a plain answer, where every element is a whole call. */
export function decodeToolCalls(wire: readonly unknown[]): ToolCall[] {
  return wire.filter(isObject).map((element, index) => close(open(readDelta(element), index)))
}

interface CallDelta {
  /** What the provider calls the call's place. */
  readonly wireIndex: number | null
  readonly id: string | null
  readonly name: string
  readonly text: string
  readonly extra: JsonObject | null
}

interface OpenCall {
  /** Its place among the answer's calls. */
  readonly index: number
  readonly wireIndex: number | null
  id: string | null
  name: string
  readonly text: GrowingText
  extra: JsonObject | null
}

function open({ wireIndex, id, name, text, extra }: CallDelta, index: number): OpenCall {
  const call = { index, wireIndex, id, name, text: new GrowingText(), extra }
  call.text.add(text)
  return call
}

function readDelta(delta: Unread): CallDelta {
  const wire = objectOr(delta['function'])
  return {
    wireIndex: typeof delta['index'] === 'number' ? delta['index'] : null,
    id: stringOr(delta['id']),
    name: stringOr(wire['name']) ?? '',
    text: inputText(wire['arguments']),
    // Gemini's signature of a call, which it wants back with it.
    extra: isObject(delta['extra_content']) ? (delta['extra_content'] as JsonObject) : null,
  }
}

function close({ index, id, name, text, extra }: OpenCall): ToolCall {
  const written = text.toString()
  // A tool without parameters is called with nothing at all by some models: that is an empty object.
  const inputText = written.trim() === '' ? '{}' : written
  return {
    type: 'tool-call',
    id: id ?? `call_${index}`,
    name,
    input: parseJson(inputText),
    inputText,
    ...(extra !== null && { data: { 'openai-chat': { extra_content: extra } } }),
  }
}

/** `arguments` is text; some servers send the JSON itself. */
function inputText(wire: unknown): string {
  if (typeof wire === 'string') return wire
  return wire === undefined || wire === null ? '' : stringifyJson(wire)
}

function isWhole(text: string): boolean {
  return text.trimEnd().endsWith('}') && isObject(parseJson(text))
}
