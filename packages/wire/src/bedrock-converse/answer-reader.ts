/** Reads one answer of the Converse API, from the events of a stream or from a plain answer alike. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { decodeStray, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { GrowingText } from '../growing-text.ts'
import { imageType } from '../image-type.ts'
import {
  arrayOr,
  isObject,
  objectOr,
  parseJson,
  stringifyJson,
  stringIn,
  stringOr,
  type Unread,
} from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { Json } from '../message.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitation, textOfBlocks } from './citations.ts'
import { decodeException } from './failure.ts'
import { name } from './name.ts'
import { decodeFinishReason, decodeRest, decodeUsage } from './tail.ts'

/** A call or a result of a tool that the provider runs: a part when it is whole. */
interface ProviderBlock {
  readonly type: 'provider-block'
  readonly start: Unread
  readonly input: GrowingText
  readonly output: unknown[]
}

/**
 * An answer is over with its `messageStop` and the `metadata` behind it, which alone says what it cost: without
 * it, a stream was cut off.
 */
export class ConverseReader extends AnswerBuilder implements FrameReader {
  readonly #calls = new Map<unknown, OpenCall | ProviderBlock>()
  /** What of the reasoning that is open has come so far: these come in pieces. */
  #thought: Record<string, string> = {}
  #stop: Unread | undefined

  constructor() {
    super({ [name]: {} })
  }

  take({ name: type, data, isException }: Frame): void {
    if (isException) return void this.fail(decodeException(type, data))
    const wire = parseJson(data)
    if (!isObject(wire))
      return void this.fail(failure('malformed', `An event of the stream is not an object: ${excerpt(data)}`))
    const index = wire['contentBlockIndex']
    if (type === 'contentBlockDelta') this.#takeDelta(index, objectOr(wire['delta']))
    else if (type === 'contentBlockStart') this.#takeStart(index, objectOr(wire['start']))
    else if (type === 'contentBlockStop') this.#takeStop(index)
    else if (type === 'messageStop') this.#stop = wire
    else if (type === 'metadata') {
      this.#takeTail({ ...this.#stop, ...wire })
      if (this.#stop !== undefined) this.#finish()
    }
  }

  /** An error inside a 200 is a failure. */
  takeBody(body: unknown): Answer | Failure {
    const wire = objectOr(body)
    const { message } = objectOr(wire['output'])
    if (!isObject(message)) {
      const said = { ...wire, message: stringIn(wire, 'message', 'Message') }
      return this.fail(decodeStray(said, 'The answer has no message'))
    }
    for (const [index, block] of arrayOr(message['content']).entries())
      this.#takeBlock(index, objectOr(block))
    this.#takeTail(wire)
    return this.isEmpty && this.rawFinishReason === null ? this.fail(truncated) : this.#finish()
  }

  end(): void {
    this.fail(truncated)
  }

  /** A whole block is its start, its delta and its end. One of a kind that is not known is skipped. */
  #takeBlock(index: number, block: Unread): void {
    const { reasoningContent: thought, citationsContent, image, toolUse, toolResult } = block
    this.#takeStart(index, block)
    this.#takeDelta(index, {
      ...block,
      reasoningContent: isObject(thought) && { ...thought, ...objectOr(thought['reasoningText']) },
      toolUse: { input: stringifyJson(objectOr(toolUse)['input'] ?? {}) },
      toolResult: objectOr(toolResult)['content'],
    })
    const { content, citations } = objectOr(citationsContent)
    this.addText(textOfBlocks(content))
    for (const citation of arrayOr(citations)) this.#takeDelta(index, { citation })
    this.#takeStop(index)
    // The only media that a model answers with.
    const base64 = stringIn(objectOr(objectOr(image)['source']), 'bytes')
    if (base64 === null) return
    this.addPart({ type: 'media', mediaType: imageType(base64), source: { type: 'base64', base64 } })
  }

  #takeStart(index: unknown, { toolUse, toolResult }: Unread): void {
    const start = toolUse ?? toolResult
    if (!isObject(start)) return
    const isOwn = toolUse !== undefined && start['type'] !== 'server_tool_use'
    this.#calls.set(
      index,
      isOwn
        ? this.openCall(stringIn(start, 'toolUseId') ?? '', stringIn(start, 'name') ?? '')
        : { type: 'provider-block', start, input: new GrowingText(), output: [] },
    )
  }

  #takeDelta(index: unknown, delta: Unread): void {
    const { text, reasoningContent, citation, toolUse, toolResult } = delta
    if (typeof text === 'string') return this.addText(text)
    if (isObject(reasoningContent)) return this.#takeReasoning(reasoningContent)
    if (isObject(citation)) return this.addCitation(decodeCitation(citation))
    const call = this.#calls.get(index)
    const input = stringOr(objectOr(toolUse)['input']) ?? ''
    if (call === undefined) return
    if (call.type === 'open-call') return this.addInput(call, input)
    call.input.add(input)
    for (const block of arrayOr(toolResult)) call.output.push(block)
  }

  /** Reasoning is marked as Bedrock's own: only such reasoning is sent back. */
  #takeReasoning(wire: Unread): void {
    this.addReasoning(stringIn(wire, 'text') ?? '')
    for (const field of ['signature', 'redactedContent']) {
      const piece = stringIn(wire, field)
      if (piece !== null) this.#thought[field] = (this.#thought[field] ?? '') + piece
    }
    this.addData('reasoning', name, this.#thought)
  }

  #takeStop(index: unknown): void {
    this.endPart()
    this.#thought = {}
    const block = this.#calls.get(index)
    if (block?.type !== 'provider-block') return
    this.#calls.delete(index)
    this.#addProviderPart(block)
  }

  /** A tool that the provider runs is none that anyone owes a result. The `type` of a result is the tool's name. */
  #addProviderPart({ start, input, output }: ProviderBlock): void {
    const { status } = start
    const said = (field: string): string => stringIn(start, field) ?? ''
    const id = said('toolUseId')
    if ('name' in start) {
      const text = input.toString()
      const asked = parseJson(text || '{}') ?? text
      this.addPart({
        type: 'provider-call',
        id,
        name: said('name'),
        input: jsonOr(asked, {}),
        data: { [name]: {} },
      })
    } else {
      this.addPart({
        type: 'provider-result',
        id,
        name: said('type'),
        output: jsonOr(output, []),
        isError: status === 'error',
        data: { [name]: status === 'success' ? { status } : {} },
      })
    }
  }

  #takeTail(wire: Unread): void {
    this.rawFinishReason = stringIn(wire, 'stopReason')
    this.usage = decodeUsage(objectOr(wire['usage'])) ?? this.usage
    this.data = keep(name, decodeRest(wire)).data
  }

  #finish(): Answer {
    return this.finish(decodeFinishReason(this.rawFinishReason))
  }
}

/** What could not be written again is not kept. */
function jsonOr(value: unknown, other: Json): Json {
  return isShallow(value) ? (value as Json) : other
}
