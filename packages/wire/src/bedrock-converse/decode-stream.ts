/** Decodes a streamed answer of the Converse API. */
import { type Failure, failure, type StreamEvent } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { keep } from '../kept-fields.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitation } from './citations.ts'
import { takeAnswer, takeReasoning, takeToolResult, takeToolUse } from './decode-response.ts'
import { decodeException } from './failure.ts'
import { name } from './name.ts'
import { decodeFinishReason, decodeRest, decodeUsage } from './tail.ts'

/** A call or a result of a tool that the provider runs: a part when it is whole. */
interface ProviderBlock {
  readonly start: Unread
  readonly input: GrowingText
  readonly output: unknown[]
}

/**
 * An answer is over with its `messageStop` and the `metadata` behind it, which alone says what it cost: without
 * it, a stream was cut off.
 */
export class ConverseReader implements FrameReader {
  readonly #builder = new AnswerBuilder({ [name]: {} })
  readonly #calls = new Map<unknown, OpenCall>()
  readonly #blocks = new Map<unknown, ProviderBlock>()
  /** What of the reasoning that is open has come so far: these come in pieces. */
  #signature = ''
  #redacted = ''
  #stop: Unread | undefined

  get isOver(): boolean {
    return this.#builder.isOver
  }

  takeEvents(): readonly StreamEvent[] {
    return this.#builder.takeEvents()
  }

  take({ name: type, data, isException }: Frame): void {
    if (isException) return this.fail(decodeException(type, data))
    const wire = parseJson(data)
    if (!isObject(wire))
      return this.fail(failure('malformed', `An event of the stream is not an object: ${excerpt(data)}`))
    const index = wire['contentBlockIndex']
    switch (type) {
      case 'contentBlockDelta':
        return this.#takeDelta(index, objectOr(wire['delta']))
      case 'contentBlockStart':
        return this.#takeStart(index, objectOr(wire['start']))
      case 'contentBlockStop':
        return this.#takeBlockEnd(index)
      case 'messageStop':
        this.#stop = wire
        this.#builder.rawFinishReason = stringOr(wire['stopReason'])
        return
      case 'metadata':
        return this.#takeMetadata(wire)
    }
  }

  takeBody(wire: unknown): void {
    takeAnswer(this.#builder, objectOr(wire))
  }

  end(): void {
    this.fail(truncated)
  }

  fail(cause: Failure): void {
    this.#builder.fail(cause)
  }

  #takeStart(index: unknown, { toolUse, toolResult }: Unread): void {
    const start = toolUse ?? toolResult
    if (!isObject(start)) return
    if (toolUse === undefined || start['type'] === 'server_tool_use')
      this.#blocks.set(index, { start, input: new GrowingText(), output: [] })
    else
      this.#calls.set(
        index,
        this.#builder.openCall(stringOr(start['toolUseId']) ?? '', stringOr(start['name']) ?? ''),
      )
  }

  #takeDelta(index: unknown, delta: Unread): void {
    const { text, toolUse, toolResult, reasoningContent, citation } = delta
    if (typeof text === 'string') return this.#builder.addText(text)
    if (isObject(reasoningContent)) return this.#takeReasoning(reasoningContent)
    if (isObject(toolUse)) return this.#takeInput(index, stringOr(toolUse['input']) ?? '')
    if (isObject(citation)) this.#builder.addCitation(decodeCitation(citation))
    else if (toolResult !== undefined) this.#blocks.get(index)?.output.push(...arrayOr(toolResult))
  }

  #takeInput(index: unknown, text: string): void {
    const call = this.#calls.get(index)
    if (call !== undefined) this.#builder.addInput(call, text)
    else this.#blocks.get(index)?.input.add(text)
  }

  #takeReasoning({ text, signature, redactedContent }: Unread): void {
    this.#signature += stringOr(signature) ?? ''
    this.#redacted += stringOr(redactedContent) ?? ''
    takeReasoning(this.#builder, {
      text,
      signature: this.#signature || undefined,
      redactedContent: this.#redacted || undefined,
    })
  }

  #takeBlockEnd(index: unknown): void {
    this.#builder.endPart()
    this.#signature = ''
    this.#redacted = ''
    const block = this.#blocks.get(index)
    this.#blocks.delete(index)
    if (block === undefined) return
    if ('name' in block.start) takeToolUse(this.#builder, block.start, block.input.toString())
    else takeToolResult(this.#builder, { ...block.start, content: block.output })
  }

  #takeMetadata(wire: Unread): void {
    this.#builder.usage = decodeUsage(objectOr(wire['usage'])) ?? this.#builder.usage
    if (this.#stop === undefined) return
    this.#builder.data = keep(name, decodeRest({ ...this.#stop, ...wire })).data
    this.#builder.finish(decodeFinishReason(this.#builder.rawFinishReason))
  }
}
