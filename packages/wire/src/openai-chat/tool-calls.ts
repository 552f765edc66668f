/** Puts tool calls together from their deltas, in all the shapes that servers send them. */
import type { AnswerBuilder, OpenCall } from '../answer-builder.ts'
import { isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import type { JsonObject, ProviderData } from '../message.ts'
import { inputTextOf } from '../tool-input.ts'
import { own } from './own.ts'

/**
 * The tool calls of one answer. What is known of real deltas (go-vcr/fantasy records kimi-k2
 * from ten upstreams): after the first, `id` and `name` may be absent, null, empty or repeated; the first
 * may lack `arguments`; a whole call may be one delta; `index` may be absent (Gemini, SGLang), always 0
 * (Ollama), start above 0 or skip.
 */
export class ToolCalls {
  readonly #builder: AnswerBuilder
  /** The last call of each place, where the provider says one, and of each id; of none, under the empty one. */
  readonly #known = new Map<number | string, OpenCall>()
  #last: OpenCall | undefined
  /** How many characters were parsed to find out whether an input is whole. */
  #parsed = 0

  constructor(builder: AnswerBuilder) {
    this.#builder = builder
  }

  /** Takes one element of `tool_calls`: a delta, or in a whole message a whole call. */
  add(wire: Unread, isWhole: boolean): void {
    const { index, custom } = wire
    const isCustom = isObject(custom)
    const inner = isCustom ? custom : objectOr(wire['function'])
    const place = typeof index === 'number' ? index : null
    const id = stringOr(wire['id']) ?? ''
    const name = stringOr(inner['name']) ?? ''
    // Text Generation Inference before 2 calls it `parameters`.
    const text = inputTextOf(inner[isCustom ? 'input' : 'arguments'] ?? inner['parameters'])
    const data = dataOf(wire)
    let call = isWhole ? undefined : this.#find(place, id, name, text)
    if (call === undefined) {
      call = this.#builder.openCall(id, name, data, text)
      this.#last = call
    } else {
      call.id ||= id
      call.name ||= name
      call.data = data ?? call.data
      this.#builder.addInput(call, text)
    }
    this.#known.set(call.id, call)
    if (place !== null) this.#known.set(place, call)
  }

  /** The call that a delta continues; undefined when it begins a new one. */
  #find(place: number | null, id: string, name: string, text: string): OpenCall | undefined {
    const call = place === null ? this.#findWithoutPlace(id, name) : this.#known.get(place)
    if (call === undefined || name === '') return call
    // Some servers repeat the name with every delta, but a name with another id is another call.
    if (id !== '') return call.id !== '' && call.id !== id ? undefined : call
    // With neither id nor place, another name is another call, and so is the same after a whole input.
    if (place !== null || call.name === '') return call
    return call.name !== name || this.#isWhole(call, text) ? undefined : call
  }

  /** The id may come behind the name. */
  #findWithoutPlace(id: string, name: string): OpenCall | undefined {
    if (id === '') return this.#last
    const unknown = name === '' ? this.#known.get('') : undefined
    return this.#known.get(id) ?? (unknown?.id === '' ? unknown : undefined)
  }

  /**
   * Whether an input is whole, where what comes may begin another one. What looks like that again and again is parsed
   * again only up to a limit: it must not cost its square.
   */
  #isWhole({ input }: OpenCall, next: string): boolean {
    if (!/^\s*(\{|$)/.test(next) || this.#parsed > 1e8) return false
    this.#parsed += input.length
    return isObject(parseJson(input.toString()))
  }
}

/** That it is no function but a tool of OpenAI's that takes any text; Gemini's signature, which it wants back. */
function dataOf({ custom, extra_content }: Unread): ProviderData | undefined {
  if (isObject(custom)) return own({ type: 'custom' })
  return isObject(extra_content) ? own({ extra_content: extra_content as JsonObject }) : undefined
}
