/** Decodes a streamed answer of the Converse API. */
import { type Failure, failure, type StreamEvent } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, objectOr, parseJson, stringIn, type Unread } from '../json.ts'
import { keep } from '../kept-fields.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitation } from './citations.ts'
import { takeAnswer, takeReasoning, takeToolResult, takeToolUse } from './decode-response.ts'
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
export class ConverseReader implements FrameReader {
  readonly #builder = new AnswerBuilder({ [name]: {} })
  readonly #calls = new Map<unknown, OpenCall | ProviderBlock>()
  /** What of the reasoning that is open has come so far: these come in pieces. */
  #thought: Record<string, string> = {}
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
        this.#builder.rawFinishReason = stringIn(wire, 'stopReason')
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
    const isOwn = toolUse !== undefined && start['type'] !== 'server_tool_use'
    this.#calls.set(
      index,
      isOwn
        ? this.#builder.openCall(stringIn(start, 'toolUseId') ?? '', stringIn(start, 'name') ?? '')
        : { type: 'provider-block', start, input: new GrowingText(), output: [] },
    )
  }

  #takeDelta(index: unknown, delta: Unread): void {
    const { text, toolUse, toolResult, reasoningContent, citation } = delta
    const call = this.#calls.get(index)
    if (typeof text === 'string') this.#builder.addText(text)
    else if (isObject(reasoningContent)) this.#takeReasoning(reasoningContent)
    else if (isObject(citation)) this.#builder.addCitation(decodeCitation(citation))
    else if (isObject(toolUse)) {
      const input = stringIn(toolUse, 'input') ?? ''
      if (call?.type === 'open-call') this.#builder.addInput(call, input)
      else call?.input.add(input)
    } else if (call?.type === 'provider-block') call.output.push(...arrayOr(toolResult))
  }

  #takeReasoning(wire: Unread): void {
    const thought = this.#thought
    for (const field of ['signature', 'redactedContent']) {
      const piece = stringIn(wire, field)
      if (piece !== null) thought[field] = (thought[field] ?? '') + piece
    }
    takeReasoning(this.#builder, { ...wire, ...thought })
  }

  #takeBlockEnd(index: unknown): void {
    this.#builder.endPart()
    this.#thought = {}
    const block = this.#calls.get(index)
    if (block?.type !== 'provider-block') return
    this.#calls.delete(index)
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
