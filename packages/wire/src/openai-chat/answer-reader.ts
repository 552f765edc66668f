/** Reads one answer, from the deltas of a stream or from a whole message: both have the same fields. */
import type { Answer, Failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { brokenOff, decodeFailure } from '../failure.ts'
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { decodeLogprob } from '../logprobs.ts'
import { type AssistantPart, type Json, type JsonObject, textOf } from '../message.ts'
import { decodeFinishReason } from './finish.ts'
import { decodeUrl } from './media.ts'
import { dialect, own, ownOf } from './own.ts'
import { continues, ReasoningDetails, reasoningTextOf, wordsOf } from './reasoning.ts'
import { ToolCalls } from './tool-calls.ts'
import { decodeUsage, decodeUsageCost } from './usage.ts'

export class AnswerReader extends AnswerBuilder {
  readonly #calls = new ToolCalls(this)
  readonly #details = new ReasoningDetails()
  /** What kind of detail is being read. */
  #lead: Unread | undefined
  readonly #kept: Record<string, Json> = {}
  /** Perplexity and xAI repeat all sources in every chunk: the last ones count. */
  #sources: readonly unknown[] = []
  #audio:
    | { readonly base64: GrowingText; readonly words: GrowingText; readonly fields: Map<string, unknown> }
    | undefined
  readonly #executed = new Set<string>()

  /** Takes a chunk, or a whole completion. What had come before an error in it is part of the failure. */
  takeChunk(wire: Unread, isWhole: boolean): Failure | undefined {
    const { choices, error, message } = wire
    this.#takeHead(wire)
    const choice = arrayOr(choices).find(isFirst)
    if (choice !== undefined) this.#takeChoice(choice, isWhole)
    // `{object: "error", message}`, `{type: "error", message}`: an error that does not stand under `error`.
    const isError = choice === undefined && message !== undefined
    if (isError || (error !== undefined && error !== null)) return this.fail(decodeFailure(wire, null))
    // OpenRouter's place for it.
    if (isObject(choice?.['error'])) return this.fail(decodeFailure(choice, null))
    return undefined
  }

  /**
   * Takes the head of a chunk or a response, and its usage. Usage is the last one that says something:
   * some servers count up in every chunk, some send one without counts after it.
   */
  #takeHead(wire: Unread): void {
    this.id ||= stringOr(wire['id']) ?? ''
    this.model ||= stringOr(wire['model']) ?? ''
    this.provider ??= stringOr(wire['provider'])
    this.#keep('system_fingerprint', wire['system_fingerprint'])
    this.#keep('service_tier', wire['service_tier'])
    const sources = wire['search_results'] ?? wire['citations']
    if (sources !== undefined) this.#sources = arrayOr(sources)
    this.#takeUsage(wire['usage'])
  }

  /** Takes a choice with its delta or its message. */
  #takeChoice(choice: Unread, isWhole: boolean): void {
    const message = choice['delta'] ?? choice['message']
    if (isObject(message)) this.#takeMessage(message, isWhole)
    // Moonshot's place for it.
    if (choice['usage'] !== undefined) this.#takeUsage(choice['usage'])
    // The last one that says something: some servers send a null after it.
    this.rawFinishReason = stringOr(choice['finish_reason']) ?? this.rawFinishReason
    this.#keep('native_finish_reason', choice['native_finish_reason'])
    if (isObject(choice['logprobs'])) this.#takeLogprobs(choice['logprobs']['content'])
  }

  /** The answer is complete; `cause` where it has neither content nor a finish reason. */
  complete(cause: Failure): Answer | Failure {
    this.#close()
    const finishReason = decodeFinishReason(this.rawFinishReason)
    if (finishReason === 'error') return super.fail(brokenOff)
    if (this.isEmpty && this.rawFinishReason === null) return super.fail(cause)
    return this.finish(finishReason, arrange)
  }

  override fail(cause: Failure): Failure {
    this.#close()
    return super.fail(cause)
  }

  #takeMessage(wire: Unread, isWhole: boolean): void {
    const details = wire['reasoning_details']
    if (details !== undefined && !isWhole) this.#beginReasoning(arrayOr(details))
    this.addReasoning(reasoningTextOf(wire))
    if (details !== undefined) this.#details.add(details, isWhole)
    for (const tool of arrayOr(wire['executed_tools'])) if (isObject(tool)) this.#takeExecuted(tool)
    const content = wire['content']
    if (typeof content === 'string' && content !== '') this.#addText(content)
    else if (!this.#takeParts(content)) this.#addText(stringOr(wire['refusal']) ?? '')
    for (const image of arrayOr(wire['images'])) this.#takeImage(image)
    if (isObject(wire['audio'])) this.#takeAudio(wire['audio'])
    for (const note of arrayOr(wire['annotations'])) this.#takeSource(objectOr(note)['url_citation'])
    for (const call of arrayOr(wire['tool_calls'])) if (isObject(call)) this.#takeCall(call, isWhole)
    // What tool calls once were.
    if (isObject(wire['function_call'])) this.#takeCall({ function: wire['function_call'] }, isWhole)
  }

  /** Another kind of detail, or another index, is another thought: who passes it on must know whose words come. */
  #beginReasoning(details: readonly unknown[]): void {
    const [first] = details
    if (!isObject(first) || first['type'] === 'reasoning.encrypted') return
    if (this.#lead !== undefined && continues(this.#lead, first)) return
    this.#closeReasoning()
    this.#lead = first
    const { text: _text, summary: _summary, signature: _signature, ...head } = first
    this.beginPart('reasoning', own(head as JsonObject))
  }

  #takeCall(call: Unread, isWhole: boolean): void {
    this.#closeReasoning()
    this.#calls.add(call, isWhole)
  }

  #addText(text: string): void {
    if (text === '') return
    this.#closeReasoning()
    this.addText(text)
  }

  /** `content` as a list of parts, as reasoning models have it at Mistral and Databricks. Whether there was text in it. */
  #takeParts(content: unknown): boolean {
    let hasText = false
    for (const part of arrayOr(content)) {
      if (!isObject(part)) continue
      const { type } = part
      if (type === 'thinking' || type === 'reasoning')
        this.addReasoning(wordsOf(part['thinking'] ?? part['summary']))
      else if (type === 'image_url') this.#takeImage(part)
      else if (type === 'text' || type === undefined) {
        const words = stringOr(part['text']) ?? ''
        hasText ||= words !== ''
        this.#addText(words)
      }
    }
    return hasText
  }

  /** OpenRouter's images: parts as in a request. */
  #takeImage(part: unknown): void {
    const image = objectOr(part)['image_url']
    const url = stringOr(isObject(image) ? image['url'] : image)
    if (url === null) return
    this.#closeReasoning()
    this.addPart(decodeUrl(url, 'image/*'))
  }

  /** A sound comes in pieces, and so does what it says. Its id stands for it in the next request. */
  #takeAudio({ data, transcript, ...others }: Unread): void {
    this.#audio ??= { base64: new GrowingText(), words: new GrowingText(), fields: new Map() }
    const { base64, words, fields } = this.#audio
    base64.add(stringOr(data) ?? '')
    words.add(stringOr(transcript) ?? '')
    for (const [name, value] of Object.entries(others)) fields.set(name, value)
  }

  /** `{url, title, content, start_index, end_index}`, `{url, title}` or a URL. From 0 to 0 is nowhere. */
  #takeSource(source: unknown): void {
    const wire = isObject(source) ? source : { url: source }
    const { start_index: start, end_index: end } = wire
    const [url, title, quote] = ['url', 'title', 'content'].map((field) => stringOr(wire[field]))
    this.#closeReasoning()
    this.addCitation({
      ...(url && { url }),
      ...(title && { title }),
      ...(quote && { quote }),
      ...(typeof start === 'number' && typeof end === 'number' && end > 0 && { start, end }),
    })
  }

  /** A tool that Groq ran: `{index, type, arguments, output, …}`, in a stream first without its output. */
  #takeExecuted(tool: Unread): void {
    const id = String(tool['index'])
    const name = stringOr(tool['type']) ?? ''
    this.#closeReasoning()
    if (!this.#executed.has(id)) {
      const written = tool['arguments']
      const input = (typeof written === 'string' ? (parseJson(written) ?? written) : written) ?? null
      const { output: _output, ...asked } = tool
      this.addPart({
        type: 'provider-call',
        id,
        name,
        input: input as Json,
        data: own(asked as JsonObject),
      })
      this.#executed.add(id)
    }
    const output = tool['output'] as Json | undefined
    if (output === undefined || output === null) return
    this.addPart({
      type: 'provider-result',
      id,
      name,
      output,
      isError: false,
      data: own(tool as JsonObject),
    })
  }

  #takeLogprobs(wire: unknown): void {
    for (const one of arrayOr(wire)) {
      const top = arrayOr(objectOr(one)['top_logprobs']).map((other) => decodeLogprob(objectOr(other)))
      this.logprobs.push({ ...decodeLogprob(objectOr(one)), top })
    }
  }

  #takeUsage(wire: unknown): void {
    if (!isObject(wire)) return
    this.usage = decodeUsage(wire) ?? this.usage
    this.cost = decodeUsageCost(wire) ?? this.cost
  }

  #keep(field: string, value: unknown): void {
    if (value === undefined || value === null || this.#kept[field] === value) return
    this.#kept[field] = value as Json
    this.data ??= own(this.#kept)
  }

  /** The reasoning so far is complete, and with it its details. */
  #closeReasoning(): void {
    this.#lead = undefined
    const details = this.#details.take()
    if (details !== undefined) this.addData('reasoning', dialect, { reasoning_details: details })
  }

  #close(): void {
    this.#closeReasoning()
    for (const source of this.#sources) this.#takeSource(source)
    if (this.#audio === undefined) return
    const { base64, words, fields } = this.#audio
    const source = { type: 'base64', base64: base64.toString() } as const
    this.addPart({
      type: 'media',
      mediaType: 'audio/*',
      source,
      data: own({ ...(Object.fromEntries(fields) as JsonObject), transcript: words.toString() }),
    })
  }
}

/** Only one answer was asked for; a second one would be mixed into it. */
function isFirst(choice: unknown): choice is Unread {
  return isObject(choice) && (choice['index'] ?? 0) === 0
}

/**
 * A message has a field for each kind of part: in what order they came is not part of it. All text is one, and so is
 * all reasoning.
 */
function arrange(content: AssistantPart[]): AssistantPart[] {
  const only = (...types: readonly AssistantPart['type'][]): AssistantPart[] =>
    content.filter(({ type }) => types.includes(type))
  return [
    ...joinReasoning(content),
    ...only('provider-call', 'provider-result'),
    ...joinText(content),
    ...only('media'),
    ...only('tool-call'),
  ]
}

function joinReasoning(content: readonly AssistantPart[]): AssistantPart[] {
  const parts = content.filter((part) => part.type === 'reasoning')
  if (parts.length < 2) return parts
  const all = new ReasoningDetails()
  for (const part of parts) all.add(ownOf(part)?.['reasoning_details'], false)
  const details = all.take()
  const text = parts.map((part) => part.text).join('')
  return [{ type: 'reasoning', text, ...(details && { data: own({ reasoning_details: details }) }) }]
}

function joinText(content: readonly AssistantPart[]): AssistantPart[] {
  const parts = content.filter((part) => part.type === 'text')
  if (parts.length < 2) return parts
  const citations = parts.flatMap((part) => part.citations ?? [])
  return [{ type: 'text', text: textOf(parts), ...(citations.length > 0 && { citations }) }]
}
