/** Encodes a streamed chat completion. https://openrouter.ai/docs/api-reference/streaming */
import type { Answer, Failure, StreamEvent } from '../answer.ts'
import type { AnswerHead, StreamEncoder } from '../dialect.ts'
import { stringOr } from '../json.ts'
import { type CallHead, type CallWriter, LiveCalls } from '../live-calls.ts'
import type { Json, JsonObject, ProviderData, ReasoningPart, ToolCall } from '../message.ts'
import {
  encodeCall,
  encodeCitation,
  encodeFailure,
  encodeFinish,
  encodeHead,
  encodeLogprobs,
  encodeUsage,
  encodeWhole,
} from './encode-answer.ts'
import { encodeDetails, encodeDetailHead } from './foreign-reasoning.ts'
import { isCustom } from './own.ts'
import { wordsOf } from './reasoning.ts'

/** Writes one streamed answer. */
export function encodeStream(head: AnswerHead): StreamEncoder {
  return new ChunkWriter(head)
}

/** A detail whose words stream: what it is besides them, where they stand, and those so far. */
interface OpenDetail {
  readonly head: JsonObject
  readonly field: 'text' | 'summary'
  text: string
}

/** What every chunk with a delta ends with. */
const tail = ',"finish_reason":null}]}\n\n'

class ChunkWriter implements StreamEncoder, CallWriter {
  readonly isSerial = false
  readonly contentType = 'text/event-stream'
  readonly #utf8 = new TextEncoder()
  readonly #head: JsonObject
  /** What every chunk with a delta begins with. */
  readonly #start: string
  #hasBegun = false
  #isOver = false
  #detail: OpenDetail | undefined
  #thoughts = 0
  #isThinking = false
  readonly #calls = new LiveCalls(this)
  /** What the calls' first deltas said, by index. */
  readonly #heads: string[] = []
  readonly #customs = new Set<number>()
  /** The chunks of calls since this was last asked. */
  #written = ''

  constructor({ id, model, created }: AnswerHead) {
    this.#head = { id, object: 'chat.completion.chunk', created, model }
    this.#start = `data: ${JSON.stringify(this.#head).slice(0, -1)},"choices":[{"index":0,"delta":`
  }

  push(event: StreamEvent): Uint8Array {
    if (this.#isOver) return new Uint8Array()
    const chunks = this.#encode(event)
    if (chunks === '') return new Uint8Array()
    const first = this.#hasBegun ? '' : this.#delta({ role: 'assistant', content: '' })
    this.#hasBegun = true
    return this.#utf8.encode(first + chunks)
  }

  #encode(event: StreamEvent): string {
    switch (event.type) {
      case 'text':
        this.#endThought()
        return this.#delta({ content: event.text })
      case 'reasoning':
        return this.#encodeThought(event.text, event.data)
      case 'part-end':
        if (event.part.type === 'reasoning') return this.#encodeDetails(event.part)
        return event.part.citations === undefined
          ? ''
          : this.#delta({ annotations: event.part.citations.map(encodeCitation) })
      case 'part': {
        const { part } = event
        if (part.type === 'reasoning') return this.#encodeDetails(part)
        this.#endThought()
        const fields = encodeWhole([part])
        return Object.keys(fields).length > 0 ? this.#delta(fields) : ''
      }
      case 'tool-input':
      case 'tool-call': {
        if (this.#isThinking) this.#endThought()
        this.#calls.take(event)
        const written = this.#written
        this.#written = ''
        return written
      }
      case 'finish':
        return this.#encodeEnd(event.answer)
      case 'error':
        return this.#encodeFailure(event.failure)
    }
  }

  /** Words of a thought stand in `reasoning`, and in a detail where it is known what detail they belong to. */
  #encodeThought(text: string, data: ProviderData | undefined): string {
    if (!this.#isThinking || data !== undefined) {
      this.#endThought()
      this.#isThinking = true
      this.#detail = openDetail(data, this.#thoughts)
    }
    const detail = this.#detail
    if (detail === undefined) return this.#delta({ reasoning: text })
    detail.text += text
    return this.#delta({ reasoning: text, reasoning_details: [{ ...detail.head, [detail.field]: text }] })
  }

  /** What the details say beyond the words that were streamed. */
  #encodeDetails(part: ReasoningPart): string {
    const open = this.#detail
    const [first, ...others] = encodeDetails(part, this.#thoughts)
    this.#endThought(true)
    if (first === undefined) return ''
    const isStreamed =
      open !== undefined && first[open.field] === open.text && first['type'] === open.head['type']
    const details = isStreamed ? [...rest(first, open), ...others] : [first, ...others]
    // One by one: some clients look at the first of a chunk only (https://github.com/charmbracelet/fantasy).
    return details.map((detail) => this.#encodeDetail(detail)).join('')
  }

  #encodeDetail(detail: JsonObject): string {
    // Words that were said already: `reasoning` says that there are no more.
    const reasoning = wordsOf([detail]) === '' ? null : ''
    return this.#delta({ reasoning, reasoning_details: [detail] })
  }

  #endThought(isWhole = false): void {
    if (this.#isThinking || isWhole) this.#thoughts += 1
    this.#isThinking = false
    this.#detail = undefined
  }

  beginCall({ index, id, name, data }: CallHead): void {
    const head = { id, name, input: undefined, inputText: '', ...(data !== undefined && { data }) }
    const call = encodeCall({ type: 'tool-call', ...head })
    this.#heads[index] = JSON.stringify(call)
    if (isCustom(head)) this.#customs.add(index)
    this.#written += this.#delta({ tool_calls: [{ index, ...call }] })
  }

  addInput(index: number, text: string): void {
    const field = this.#customs.has(index) ? '"custom":{"input"' : '"function":{"arguments"'
    this.#written += `${this.#start}{"tool_calls":[{"index":${index},${field}:${JSON.stringify(text)}}}]}${tail}`
  }

  /** What stands beside the input may be known only now. */
  endCall(index: number, call: ToolCall, rest: string): void {
    const { id: _id, type: _type, function: _function, custom: _custom, ...fields } = encodeCall(call)
    const isSaid = this.#heads[index] === JSON.stringify(encodeCall({ ...call, inputText: '' }))
    const last = this.#customs.has(index) ? { custom: { input: rest } } : { function: { arguments: rest } }
    if (!isSaid) this.#written += this.#delta({ tool_calls: [{ index, ...fields, ...last }] })
    else if (rest !== '') this.addInput(index, rest)
  }

  /** Where a part stands among the calls cannot be said: it waits for none. */
  part(): void {}

  /** Usage comes in a chunk of its own, which has a choice all the same: clients look at the first one unasked. */
  #encodeEnd(answer: Answer): string {
    this.#isOver = true
    const head = { ...this.#head, ...encodeHead(answer) }
    const finish = { index: 0, delta: {}, ...encodeFinish(answer), logprobs: encodeLogprobs(answer.logprobs) }
    const usage = encodeUsage(answer)
    const { finish_reason } = finish as { readonly finish_reason?: Json }
    const last = { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: finish_reason ?? null }
    const used = usage === undefined ? '' : event({ ...head, choices: [last], usage })
    return `${event({ ...head, choices: [finish] })}${used}data: [DONE]\n\n`
  }

  #encodeFailure(failure: Failure): string {
    this.#isOver = true
    const usage = encodeUsage(failure)
    return event({
      ...this.#head,
      ...(failure.provider !== null && { provider: failure.provider }),
      error: encodeFailure(failure),
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      ...(usage !== undefined && { usage }),
    })
  }

  #delta(delta: JsonObject): string {
    return this.#start + JSON.stringify(delta) + tail
  }
}

function event(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function openDetail(data: ProviderData | undefined, index: number): OpenDetail | undefined {
  const head = encodeDetailHead(data, index)
  if (head === undefined) return undefined
  return { head, field: head['type'] === 'reasoning.summary' ? 'summary' : 'text', text: '' }
}

/** What is left of a detail whose words were streamed: clients put them together, as they come from OpenRouter. */
function rest(detail: JsonObject, { head, field }: OpenDetail): JsonObject[] {
  const { [field]: _words, ...fields } = detail
  const isNew = Object.entries(fields).some(
    ([name, value]) => head[name] !== value && stringOr(value) !== null,
  )
  if (!isNew) return []
  // Only a text's words may be left out.
  return [field === 'summary' ? { ...fields, summary: '' } : fields]
}
