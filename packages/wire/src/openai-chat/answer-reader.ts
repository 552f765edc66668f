/** Reads one answer, from the deltas of a stream or from a whole message: both have the same fields. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { brokenOff, decodeFailure, decodeStray, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { given, listOrNone } from '../given.ts'
import { arrayOr, countOr, isObject, objectOr, objectsOr, parseJson, stringOr, type Unread } from '../json.ts'
import { decodeLogprobs } from '../logprobs.ts'
import type { AssistantPart, Json, JsonObject, TextPart } from '../message.ts'
import { decodeCost, decodeUsageCost } from '../money.ts'
import type { Quirks } from '../provider.ts'
import { isAbsent } from '../strict.ts'
import { inputTextOf } from '../tool-input.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeFinishReason } from './finish.ts'
import { decodeUrl } from './media.ts'
import { dialect, own, ownOf } from './own.ts'
import { continues, extend, ReasoningDetails, reasoningTextOf, wordsOf } from './reasoning.ts'
import { ToolCalls } from './tool-calls.ts'
import { decodeUsage } from './usage.ts'

/** What says nothing. */
const isIdle = /^(:.*|null)?$/s

/** One pass, nothing copied, nothing parsed twice. */
export class AnswerReader extends AnswerBuilder implements FrameReader {
  readonly #streamEnd: Quirks['streamEnd'] | undefined
  readonly #calls = new ToolCalls(this)
  readonly #details = new ReasoningDetails()
  /** What kind of detail is being read. */
  #lead: Unread | undefined
  /** Perplexity and xAI repeat all sources in every chunk: the last ones count. */
  #sources: readonly unknown[] = []
  /** The sound that the model made, with what is known of it. */
  #audio: Record<string, unknown> | undefined
  readonly #executed = new Set<string>()

  /** What ends a stream; not said of a plain answer. */
  constructor(streamEnd?: Quirks['streamEnd']) {
    super()
    this.#streamEnd = streamEnd
  }

  take({ name, data }: Frame): void {
    // The end is looked at first: an error of `JSON.parse` is dear.
    const chunk = data === '[DONE]' ? undefined : parseJson(data)
    if (!isObject(chunk)) this.#takeWords(name, data.trim())
    else if (name === 'error') this.fail(decodeFailure(chunk))
    else this.#takeChunk(chunk, false)
  }

  /** Data that is no chunk: the end, a misplaced keepalive (`data: : ping`), or something broken. */
  #takeWords(name: string, words: string): void {
    if (words === '[DONE]') this.#complete()
    else if (name === 'error') this.fail(failure('unknown', words || 'The provider failed'))
    else if (!isIdle.test(words))
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(words)}`))
  }

  /** A plain answer, an error, or what a server sends that does not stream. */
  takeBody(wire: unknown): Answer | Failure {
    const completion = objectOr(wire)
    const error = this.#takeChunk(completion, true)
    if (error !== undefined) return error
    if (objectsOr(completion['choices']).length > 0) return this.#complete()
    return this.fail(decodeStray(wire, 'The answer has no choices'))
  }

  /** The bytes are over without `[DONE]`. */
  end(): void {
    const isEnough = this.#streamEnd === 'finish-reason' && this.rawFinishReason !== null
    if (isEnough) this.#complete()
    else this.fail(truncated)
  }

  /** Takes a chunk, or a whole completion. What had come before an error in it is part of the failure. */
  #takeChunk(wire: Unread, isWhole: boolean): Failure | undefined {
    this.id ||= stringOr(wire['id']) ?? ''
    this.model ||= stringOr(wire['model']) ?? ''
    this.provider ??= stringOr(wire['provider'])
    this.#sources = arrayOr(wire['search_results'] ?? wire['citations'] ?? this.#sources)
    this.#keep('system_fingerprint', wire['system_fingerprint'])
    this.#keep('service_tier', wire['service_tier'])
    this.#takeUsage(wire['usage'])
    // Venice's place for it.
    this.cost = decodeCost(objectOr(wire['cost'])['usd']) ?? this.cost
    const { error, message } = wire
    const choices = arrayOr(wire['choices'])
    // `{object: "error", message}`, `{type: "error", message}`: an error that does not stand under `error`.
    const isError = !isAbsent(error) || (choices.length === 0 && message !== undefined)
    let failed = isError ? wire : undefined
    // Only one answer was asked for; a second one would be mixed into it. Choices that are not numbered are one answer:
    // Copilot has a Claude's text and its calls in choices of their own (https://github.com/HKUDS/nanobot/pull/1555).
    for (const choice of choices) {
      if (!isObject(choice) || choice['index']) continue
      this.#takeChoice(choice, isWhole)
      // OpenRouter's place for it.
      if (isObject(choice['error'])) failed ??= choice
    }
    return failed && this.fail(decodeFailure(failed))
  }

  /** Takes a choice with its delta or its message. Perplexity has both: the one that was asked for says it all. */
  #takeChoice(choice: Unread, isWhole: boolean): void {
    const { delta, message } = choice
    const said = (isWhole && message) || delta || message
    if (isObject(said)) this.#takeMessage(said, isWhole)
    // Moonshot's place for it.
    this.#takeUsage(choice['usage'])
    // The last one that says something: some servers send a null after it.
    this.rawFinishReason = stringOr(choice['finish_reason']) ?? this.rawFinishReason
    this.#keep('native_finish_reason', choice['native_finish_reason'])
    const { logprobs } = choice
    if (!isObject(logprobs)) return
    for (const one of decodeLogprobs(logprobs['content'])) this.logprobs.push(one)
  }

  /**
   * Usage is the last one that says something: some servers count up in every chunk, some send one without counts
   * after it.
   */
  #takeUsage(wire: unknown): void {
    if (!isObject(wire)) return
    this.usage = decodeUsage(wire) ?? this.usage
    this.cost = decodeUsageCost(wire) ?? this.cost
  }

  #keep(field: string, value: unknown): void {
    if (typeof value !== 'string') return
    const kept = this.data?.[dialect]
    if (value !== kept?.[field]) this.data = own({ ...kept, [field]: value })
  }

  /** The answer is complete, unless it has neither content nor a finish reason. */
  #complete(): Answer | Failure {
    this.#close()
    const finishReason = decodeFinishReason(this.rawFinishReason)
    if (finishReason === 'error') return super.fail(brokenOff)
    if (this.isEmpty && this.rawFinishReason === null) return super.fail(truncated)
    return this.finish(finishReason, arrange)
  }

  override fail(cause: Failure): Failure {
    this.#close()
    return super.fail(cause)
  }

  #takeMessage(wire: Unread, isWhole: boolean): void {
    const details = wire['reasoning_details']
    if (!isWhole) this.#beginReasoning(arrayOr(details)[0])
    this.addReasoning(reasoningTextOf(wire))
    this.#details.add(details, isWhole)
    for (const tool of objectsOr(wire['executed_tools'])) this.#takeExecuted(tool)
    this.#takeContent(wire['content'])
    this.#takeContent(wire['refusal'])
    for (const image of objectsOr(wire['images'])) this.#takeImage(image)
    if (isObject(wire['audio'])) this.#takeAudio(wire['audio'])
    for (const note of objectsOr(wire['annotations'])) this.#takeSource(note['url_citation'])
    const { tool_calls: calls, function_call: old } = wire
    // Text Generation Inference before 3 streams a call alone, outside of any list.
    const list = isObject(calls) ? [calls] : objectsOr(calls)
    // What tool calls once were: some servers say both.
    for (const call of list.length === 0 && isObject(old) ? [{ function: old }] : list) {
      this.#closeReasoning()
      this.#calls.add(call, isWhole)
    }
  }

  /** Another kind of detail, or another index, is another thought: who passes it on must know whose words come. */
  #beginReasoning(first: unknown): void {
    if (!isObject(first) || first['type'] === 'reasoning.encrypted') return
    if (this.#lead !== undefined && continues(this.#lead, first)) return
    this.#closeReasoning()
    this.#lead = first
    const { text: _text, summary: _summary, signature: _signature, ...head } = first
    this.beginPart('reasoning', own(head as JsonObject))
  }

  /** A text, or a list of parts, as reasoning models have it at Mistral and Databricks. */
  #takeContent(content: unknown): void {
    if (typeof content === 'string') {
      if (content === '') return
      this.#closeReasoning()
      return this.addText(content)
    }
    for (const part of objectsOr(content)) {
      const { type = 'text' } = part
      if (type === 'text') this.#takeContent(stringOr(part['text']))
      else if (type === 'image_url') this.#takeImage(part)
      else if (type === 'thinking' || type === 'reasoning')
        this.addReasoning(wordsOf(part['thinking'] ?? part['summary']))
    }
  }

  /** OpenRouter's images: parts as in a request. */
  #takeImage({ image_url: image }: Unread): void {
    const url = stringOr(isObject(image) ? image['url'] : image)
    if (url !== null) this.#takePart(decodeUrl(url, 'image/*'))
  }

  #takePart(part: Parameters<AnswerBuilder['addPart']>[0]): void {
    this.#closeReasoning()
    this.addPart(part)
  }

  /** A sound comes in pieces, and so does what it says. */
  #takeAudio(wire: Unread): void {
    this.#audio ??= {}
    extend(this.#audio, wire, ['data', 'transcript'])
  }

  /** `{url, title, content, start_index, end_index}`, `{url, title}` or a URL. From 0 to 0 is nowhere. */
  #takeSource(source: unknown): void {
    const { url = source, title, content, start_index: start, end_index: end } = objectOr(source)
    this.#closeReasoning()
    this.addCitation({
      ...given({ url: stringOr(url), title: stringOr(title), quote: stringOr(content) }),
      ...(countOr(end) > 0 && { start: countOr(start), end: countOr(end) }),
    })
  }

  /** A tool that Groq ran: `{index, type, arguments, output, …}`, in a stream first without its output. */
  #takeExecuted(tool: Unread): void {
    const { output = null, ...asked } = tool as JsonObject
    const id = inputTextOf(asked['index'])
    const name = stringOr(asked['type']) ?? ''
    if (!this.#executed.has(id)) {
      this.#executed.add(id)
      const { arguments: written = null } = asked
      const input = (parseJson(inputTextOf(written)) ?? written) as Json
      this.#takePart({ type: 'provider-call', id, name, input, data: own(asked) })
    }
    if (output === null) return
    const data = own(tool as JsonObject)
    this.#takePart({ type: 'provider-result', id, name, output, isError: false, data })
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
    const { data, ...known } = this.#audio
    const source = { type: 'base64', base64: stringOr(data) ?? '' } as const
    // Its id stands for it in the next request.
    this.addPart({ type: 'media', mediaType: 'audio/*', source, data: own(known as JsonObject) })
  }
}

/**
 * A message has a field for each kind of part: in what order they came is not part of it. All text is one, and so is
 * all reasoning.
 */
function arrange(content: AssistantPart[]): AssistantPart[] {
  const only = (...types: readonly AssistantPart['type'][]): AssistantPart[] =>
    content.filter(({ type }) => types.includes(type))
  return [
    ...join(only('reasoning') as Words[]),
    ...only('provider-call', 'provider-result'),
    ...join(only('text') as Words[]),
    ...only('media'),
    ...only('tool-call'),
  ]
}

/** A text, or reasoning. */
interface Words extends Omit<TextPart, 'type'> {
  readonly type: 'text' | 'reasoning'
}

/** Parts of one type as one of them. */
function join(parts: readonly Words[]): readonly Words[] {
  const [first, second] = parts
  if (first === undefined || second === undefined) return parts
  const details = new ReasoningDetails()
  for (const part of parts) details.add(ownOf(part)?.['reasoning_details'], false)
  const known = details.take()
  const citations = parts.flatMap(({ citations = [] }) => citations)
  return [
    {
      type: first.type,
      text: parts.map(({ text }) => text).join(''),
      ...given({ citations: listOrNone(citations), data: known && own({ reasoning_details: known }) }),
    },
  ]
}
