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
  readonly #calls: WireCall[] = []

  constructor(builder: AnswerBuilder) {
    this.#builder = builder
  }

  /** Takes one element of `tool_calls`: a delta, or in a whole message a whole call. */
  add(wire: Unread, isWhole: boolean): void {
    const inner = objectOr(wire['function'])
    const next: CallDelta = {
      wireIndex: typeof wire['index'] === 'number' ? wire['index'] : null,
      id: stringOr(wire['id']) ?? '',
      name: stringOr(inner['name']) ?? '',
    }
    const text = inputText(inner['arguments'])
    let open = isWhole ? undefined : this.#find(next)?.open
    if (open === undefined) {
      open = this.#builder.openCall(next.id, next.name, undefined, text)
      this.#calls.push({ wireIndex: next.wireIndex, open })
    } else {
      open.id ||= next.id
      open.name ||= next.name
      this.#builder.addInput(open, text)
    }
    // Gemini's signature of a call, which it wants back with it.
    const extra = wire['extra_content']
    if (isObject(extra)) open.data = own({ extra_content: extra as JsonObject })
  }

  /** The call that a delta continues; undefined when it begins a new one. */
  #find(next: CallDelta): WireCall | undefined {
    const { wireIndex, id, name } = next
    const call =
      wireIndex === null
        ? this.#findWithoutIndex(next)
        : this.#calls.findLast((known) => known.wireIndex === wireIndex)
    if (call === undefined || name === '') return call
    // Some servers repeat the name with every delta, but a name with another id is another call.
    return id !== '' && call.open.id !== '' && id !== call.open.id ? undefined : call
  }

  #findWithoutIndex({ id, name }: CallDelta): WireCall | undefined {
    if (id !== '')
      return this.#calls.findLast(({ open }) => open.id === id || (open.id === '' && name === ''))
    const last = this.#calls.at(-1)
    if (last === undefined || name === '' || last.open.name === '') return last
    // With neither id nor index, another name is another call, and so is the same after a whole input.
    return last.open.name !== name || isWhole(last.open.input.toString()) ? undefined : last
  }
}

interface CallDelta {
  /** What the provider calls the call's place. */
  readonly wireIndex: number | null
  readonly id: string
  readonly name: string
}

interface WireCall {
  readonly wireIndex: number | null
  readonly open: OpenCall
}

/** `arguments` is text; some servers send the JSON itself. */
function inputText(wire: unknown): string {
  if (typeof wire === 'string') return wire
  return wire === undefined || wire === null ? '' : stringifyJson(wire)
}

function isWhole(text: string): boolean {
  return text.trimEnd().endsWith('}') && isObject(parseJson(text))
}
