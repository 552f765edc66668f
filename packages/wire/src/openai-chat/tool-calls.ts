/** Puts tool calls together from their deltas, in all the shapes that servers send them. */
import type { AnswerBuilder, OpenCall } from '../answer-builder.ts'
import { isObject, objectOr, parseJson, stringifyJson, stringOr, type Unread } from '../json.ts'
import type { JsonObject } from '../message.ts'
import { own } from './own.ts'

/**
 * The tool calls of one answer. What is known of real deltas (go-vcr/fantasy records kimi-k2
 * from ten upstreams): after the first, `id` and `name` may be absent, null, empty or repeated; the first
 * may lack `arguments`; a whole call may be one delta; `index` may be absent (Gemini, SGLang), always 0
 * (Ollama), start above 0 or skip.
 */
export class ToolCalls {
  readonly #builder: AnswerBuilder
  readonly #calls: OpenCall[] = []
  /** What the provider calls each one's place; null where it says none. */
  readonly #places: (number | null)[] = []

  constructor(builder: AnswerBuilder) {
    this.#builder = builder
  }

  /** Takes one element of `tool_calls`: a delta, or in a whole message a whole call. */
  add(wire: Unread, isWhole: boolean): void {
    const inner = objectOr(wire['function'])
    const place = typeof wire['index'] === 'number' ? wire['index'] : null
    const id = stringOr(wire['id']) ?? ''
    const name = stringOr(inner['name']) ?? ''
    const text = inputText(inner['arguments'])
    // Gemini's signature of a call, which it wants back with it.
    const extra = wire['extra_content']
    const data = isObject(extra) ? own({ extra_content: extra as JsonObject }) : undefined
    const open = isWhole ? undefined : this.#find(place, id, name)
    if (open === undefined) {
      this.#calls.push(this.#builder.openCall(id, name, data, text))
      this.#places.push(place)
    } else {
      open.id ||= id
      open.name ||= name
      open.data = data ?? open.data
      this.#builder.addInput(open, text)
    }
  }

  /** The call that a delta continues; undefined when it begins a new one. */
  #find(place: number | null, id: string, name: string): OpenCall | undefined {
    if (place === null) return this.#findWithoutPlace(id, name)
    const call = this.#calls[this.#places.lastIndexOf(place)]
    if (call === undefined || name === '') return call
    // Some servers repeat the name with every delta, but a name with another id is another call.
    return id !== '' && call.id !== '' && id !== call.id ? undefined : call
  }

  #findWithoutPlace(id: string, name: string): OpenCall | undefined {
    if (id !== '') return this.#calls.findLast((call) => call.id === id || (call.id === '' && name === ''))
    const last = this.#calls.at(-1)
    if (last === undefined || name === '' || last.name === '') return last
    // With neither id nor place, another name is another call, and so is the same after a whole input.
    return last.name !== name || isWhole(last.input.toString()) ? undefined : last
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
