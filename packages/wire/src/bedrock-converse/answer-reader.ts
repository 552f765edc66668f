/** Reads one answer of the Converse API, from the events of a stream or from a plain answer alike. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { decodeStray, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { given } from '../given.ts'
import { imageType } from '../image-type.ts'
import { arrayOr, isObject, objectOr, parseJson, stringIn, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'
import type { Json } from '../message.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { inputObject, inputTextOf } from '../tool-input.ts'
import { decodeCitation, textOfBlocks } from './citations.ts'
import { decodeException } from './failure.ts'
import { name } from './name.ts'
import { decodeFinishReason, decodeRest, decodeUsage } from './tail.ts'

/** A call or a result of a tool that the provider runs: a part when it is whole. */
interface ProviderBlock {
  readonly type: 'provider-block'
  readonly start: Unread
  inputText: string
  readonly output: unknown[]
}

/**
 * An answer is over with the `metadata` behind its `messageStop`, which alone says what it cost: without it, a stream
 * was cut off.
 */
export class ConverseReader extends AnswerBuilder implements FrameReader {
  readonly #calls = new Map<unknown, OpenCall | ProviderBlock>()
  #stop: Unread | undefined
  /** What came of the thought that is open, besides its text. */
  #thought: Record<string, string> = {}

  constructor() {
    super({ [name]: {} })
  }

  take({ name: type, data, isException }: Frame): void {
    if (isException) return void this.fail(decodeException(type, data))
    const wire = parseJson(data)
    if (!isObject(wire))
      return void this.fail(failure('malformed', `An event is not an object: ${excerpt(data)}`))
    const index = wire['contentBlockIndex']
    if (type === 'contentBlockDelta') this.#takeDelta(index, objectOr(wire['delta']))
    else if (type === 'contentBlockStart') this.#takeStart(index, objectOr(wire['start']))
    else if (type === 'contentBlockStop') this.#takeStop(index)
    else if (type === 'messageStop') this.#stop = wire
    else if (type === 'metadata' && this.#stop !== undefined) this.#finish({ ...this.#stop, ...wire })
  }

  /** An error inside a 200 is a failure. A whole block is its start, its deltas and its end in one. */
  takeBody(body: unknown): Answer | Failure {
    const wire = objectOr(body)
    const { message } = objectOr(wire['output'])
    if (!isObject(message)) return this.fail(decodeStray(wire, 'The answer has no message'))
    for (const [index, element] of arrayOr(message['content']).entries()) {
      const block = objectOr(element)
      this.#takeStart(index, block)
      this.#takeDelta(index, block)
      this.#takeStop(index)
    }
    return this.isEmpty && stringIn(wire, 'stopReason') === null ? this.fail(truncated) : this.#finish(wire)
  }

  end(): void {
    this.fail(truncated)
  }

  #takeStart(index: unknown, { toolUse, toolResult }: Unread): void {
    const start = toolUse ?? toolResult
    if (!isObject(start)) return
    const isOwn = toolUse !== undefined && start['type'] !== 'server_tool_use'
    this.#calls.set(
      index,
      isOwn
        ? this.openCall(stringIn(start, 'toolUseId') ?? '', stringIn(start, 'name') ?? '')
        : { type: 'provider-block', start, inputText: '', output: [] },
    )
  }

  /** What is of a kind that is not known is skipped. */
  #takeDelta(index: unknown, delta: Unread): void {
    const { text, reasoningContent, citation, citationsContent, image, toolUse, toolResult } = delta
    if (typeof text === 'string') return this.addText(text)
    if (isObject(reasoningContent)) return this.#takeReasoning(reasoningContent)
    const { content, citations } = objectOr(citationsContent)
    this.addText(textOfBlocks(content))
    for (const one of arrayOr(citations ?? [citation])) this.addCitation(decodeCitation(objectOr(one)))
    // The only media that a model answers with.
    const base64 = stringIn(objectOr(objectOr(image)['source']), 'bytes')
    if (base64 !== null)
      this.addPart({ type: 'media', mediaType: imageType(base64), source: { type: 'base64', base64 } })
    const call = this.#calls.get(index)
    const input = inputTextOf(objectOr(toolUse)['input'])
    if (call?.type === 'open-call') this.addInput(call, input)
    else if (call !== undefined) {
      call.inputText += input
      for (const block of arrayOr(objectOr(toolResult)['content'] ?? toolResult)) call.output.push(block)
    }
  }

  /** Reasoning is marked as Bedrock's own: only such reasoning is sent back. */
  #takeReasoning(wire: Unread): void {
    const said = { ...wire, ...objectOr(wire['reasoningText']) }
    this.addReasoning(stringIn(said, 'text') ?? '')
    // They may come in pieces: AWS's own agents put them together, too.
    for (const field of ['signature', 'redactedContent']) {
      const piece = stringIn(said, field)
      if (piece !== null) this.#thought[field] = (this.#thought[field] ?? '') + piece
    }
    this.addData('reasoning', name, this.#thought)
  }

  /** A tool that the provider runs is none that anyone owes a result. The `type` of a result is the tool's name. */
  #takeStop(index: unknown): void {
    this.endPart()
    this.#thought = {}
    const block = this.#calls.get(index)
    if (block?.type !== 'provider-block') return
    const { start, output } = block
    const status = stringIn(start, 'status')
    const id = stringIn(start, 'toolUseId') ?? ''
    const called = stringIn(start, 'name')
    this.addPart(
      called !== null
        ? { type: 'provider-call', id, name: called, input: inputObject(block), data: { [name]: {} } }
        : {
            type: 'provider-result',
            id,
            name: stringIn(start, 'type') ?? '',
            // What could not be written again is not kept.
            output: isShallow(output) ? (output as Json) : [],
            isError: status === 'error',
            data: { [name]: given({ status }) },
          },
    )
  }

  #finish(wire: Unread): Answer {
    this.rawFinishReason = stringIn(wire, 'stopReason')
    this.usage = decodeUsage(objectOr(wire['usage']))
    this.data = decodeRest(wire).data
    return this.finish(decodeFinishReason(this.rawFinishReason))
  }
}
