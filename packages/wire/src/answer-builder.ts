/** Puts one answer together, part by part, and says each step as an event: for streams and plain answers alike. */
import type { Answer, Failure, FinishReason, StreamEvent, TokenLogprob, Usage } from './answer.ts'
import { given, listOrNone } from './given.ts'
import { GrowingText } from './growing-text.ts'
import { parseJson } from './json.ts'
import type {
  AssistantPart,
  Citation,
  JsonObject,
  ProviderData,
  ReasoningPart,
  TextPart,
  ToolCall,
} from './message.ts'
import type { Cost } from './money.ts'

/** A tool call whose input is still coming. */
export interface OpenCall {
  readonly type: 'open-call'
  /** Its place among the answer's tool calls. */
  readonly index: number
  id: string
  name: string
  data: ProviderData | undefined
  readonly input: GrowingText
}

interface OpenPart {
  readonly type: 'text' | 'reasoning'
  readonly text: GrowingText
  citations: Citation[]
  data: ProviderData | undefined
  head: ProviderData | undefined
}

/**
 * What is known of an answer so far. Text and reasoning go to the part that is open; another kind of part, or
 * `endPart`, closes it. A part without text and data is none. Events are collected until they are taken.
 */
export class AnswerBuilder {
  id = ''
  model = ''
  provider: string | null = null
  rawFinishReason: string | null = null
  usage: Usage | null = null
  cost: Cost | null = null
  data: ProviderData | undefined
  readonly logprobs: TokenLogprob[] = []
  /** Whether `finish` or `fail` was called: nothing is taken any more. */
  isOver = false
  readonly #content: (Exclude<AssistantPart, ToolCall> | OpenCall)[] = []
  #calls = 0
  #open: OpenPart | undefined
  /** A part that is closed but whose end has not been said: only a part of its kind right behind it asks for that. */
  #unsaid: TextPart | ReasoningPart | undefined
  #events: StreamEvent[] = []

  readonly #thought: ProviderData | undefined

  /** What is known of any reasoning before it comes: its first delta says so, as with `beginPart`. */
  constructor(thought?: ProviderData) {
    this.#thought = thought
  }

  /** The events since this was last asked. */
  takeEvents(): readonly StreamEvent[] {
    const events = this.#events
    if (events.length > 0) this.#events = []
    return events
  }

  /** A delta of text. */
  addText(text: string): void {
    this.#add('text', text)
  }

  /** A delta of reasoning. */
  addReasoning(text: string): void {
    this.#add('reasoning', text)
  }

  /** Another text or reasoning begins, and so much is known of it: its first delta says so, the part does not. */
  beginPart(type: 'text' | 'reasoning', head: ProviderData): void {
    this.endPart()
    this.#opened(type).head = head
  }

  /** A source of the text that is open, or is about to come. One that says nothing is none. */
  addCitation(citation: Citation): void {
    if (Object.keys(citation).length > 0) this.#opened('text').citations.push(citation)
  }

  /** What belongs to the text or reasoning that is open, or is about to come, in a dialect's own words. */
  addData(type: 'text' | 'reasoning', dialect: string, fields: JsonObject): void {
    const part = this.#opened(type)
    part.data = { ...part.data, [dialect]: { ...part.data?.[dialect], ...fields } }
  }

  /** The text or reasoning that is open is complete: what comes next is another part. */
  endPart(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    const { type, citations, data } = open
    const text = open.text.toString()
    const more = given({ citations: listOrNone(citations), data })
    const isSaid = Object.keys(more).length === 0
    if (isSaid && text === '') return
    const part = { type, text, ...more }
    this.#content.push(part)
    if (isSaid) this.#unsaid = part
    // Reasoning that is only data had no deltas: it came at once.
    else this.#emit({ type: type === 'reasoning' && text === '' ? 'part' : 'part-end', part } as StreamEvent)
  }

  /** A part that comes at once, without deltas. */
  addPart(part: Exclude<AssistantPart, ToolCall | TextPart>): void {
    this.#separate(part.type)
    this.#content.push(part)
    this.#emit({ type: 'part', part })
  }

  /** A tool call begins, perhaps with the start of its input. */
  openCall(id: string, name: string, data?: ProviderData, text = ''): OpenCall {
    this.#separate('open-call')
    const call: OpenCall = { type: 'open-call', index: this.#calls, id, name, data, input: new GrowingText() }
    this.#calls += 1
    this.#content.push(call)
    this.#addInput(call, text, data)
    return call
  }

  /** A delta of a tool call's input. */
  addInput(call: OpenCall, text: string): void {
    if (text !== '') this.#addInput(call, text)
  }

  /** A tool call that comes whole. */
  addCall(id: string, name: string, inputText: string, data?: ProviderData): void {
    this.openCall(id || `call_${this.#calls}`, name, data, inputText)
  }

  /** Whether anything was answered. */
  get isEmpty(): boolean {
    return this.#content.length === 0 && this.#open === undefined
  }

  /** Whether the answer has tool calls. */
  get hasCalls(): boolean {
    return this.#calls > 0
  }

  /** The answer is complete. `arrange` puts its parts in order where that is not the one in which they came. */
  finish(finishReason: FinishReason, arrange?: (content: AssistantPart[]) => AssistantPart[]): Answer {
    this.endPart()
    this.isOver = true
    const came = this.#content.map((part) => (part.type === 'open-call' ? closeCall(part) : part))
    const content = arrange?.(came) ?? came
    for (const part of content) if (part.type === 'tool-call') this.#emit({ type: 'tool-call', call: part })
    const { id, model, provider, rawFinishReason, usage, cost, logprobs, data } = this
    const answer: Answer = {
      type: 'answer',
      id,
      model,
      provider,
      message: { role: 'assistant', content },
      finishReason,
      rawFinishReason,
      usage,
      cost,
      ...given({ logprobs: listOrNone(logprobs), data }),
    }
    this.#emit({ type: 'finish', answer })
    return answer
  }

  /** There will be no answer. What had come is part of the failure: it is paid for. */
  fail(cause: Failure): Failure {
    this.endPart()
    this.isOver = true
    const content = this.#content.filter((part) => part.type !== 'open-call')
    const { model, provider, usage, cost } = this
    const failure: Failure = {
      ...cause,
      ...given({ model: model || null, provider, usage, cost }),
      ...given(cause),
      partial: content.length > 0 ? { role: 'assistant', content } : null,
    }
    this.#emit({ type: 'error', failure })
    return failure
  }

  #add(type: OpenPart['type'], delta: string): void {
    if (delta === '') return
    const { text, head } = this.#opened(type)
    const isFirst = text.length === 0
    text.add(delta)
    this.#emit(isFirst && head !== undefined ? { type, text: delta, data: head } : { type, text: delta })
  }

  #addInput({ index, id, name, input }: OpenCall, text: string, data?: ProviderData): void {
    input.add(text)
    this.#emit({ type: 'tool-input', index, id, name, text, ...(data !== undefined && { data }) })
  }

  #opened(type: OpenPart['type']): OpenPart {
    if (this.#open?.type === type) return this.#open
    this.#separate(type)
    const head = type === 'reasoning' ? this.#thought : undefined
    this.#open = { type, text: new GrowingText(), citations: [], data: undefined, head }
    return this.#open
  }

  #separate(next: string): void {
    this.endPart()
    if (this.#unsaid?.type === next) this.#emit({ type: 'part-end', part: this.#unsaid })
    this.#unsaid = undefined
  }

  /** A list of one needs no room to grow: most chunks hold one event. */
  #emit(event: StreamEvent): void {
    if (this.#events.length === 0) this.#events = [event]
    else this.#events.push(event)
  }
}

/** A tool without parameters is called with nothing at all by some models: that is an empty object. */
function closeCall({ id, index, name, data, input }: OpenCall): ToolCall {
  const written = input.toString()
  const inputText = written.trim() === '' ? '{}' : written
  return {
    type: 'tool-call',
    // For a call whose provider gives none.
    id: id || `call_${index}`,
    name,
    input: parseJson(inputText),
    inputText,
    ...given({ data }),
  }
}
