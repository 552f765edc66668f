/** Decodes a plain answer of the Converse API. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { decodeFailure, excerpt } from '../failure.ts'
import { given } from '../given.ts'
import { arrayOr, isObject, objectOr, parseJson, stringifyJson, stringIn, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { Json } from '../message.ts'
import { decodeCitation, textOfBlocks } from './citations.ts'
import { imageType } from '../image-type.ts'
import { name } from './name.ts'
import { decodeFinishReason, decodeRest, decodeUsage } from './tail.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return takeAnswer(new AnswerBuilder(), objectOr(wire))
}

/** Takes a whole answer, parsed. */
export function takeAnswer(builder: AnswerBuilder, wire: Unread): Answer | Failure {
  const { message } = objectOr(wire['output'])
  if (!isObject(message)) {
    const words = stringIn(wire, 'message', 'Message')
    return builder.fail(
      words === null
        ? failure('malformed', 'The answer has no message')
        : decodeFailure({ ...wire, message: words }, null),
    )
  }
  for (const block of arrayOr(message['content'])) takeBlock(builder, objectOr(block))
  builder.rawFinishReason = stringIn(wire, 'stopReason')
  builder.usage = decodeUsage(objectOr(wire['usage']))
  builder.data = keep(name, decodeRest(wire)).data
  if (builder.isEmpty && builder.rawFinishReason === null) return builder.fail(nothing)
  return builder.finish(decodeFinishReason(builder.rawFinishReason))
}

const nothing = failure('truncated', 'The answer has no content and no stop reason')

/** A block of a kind that is not known is skipped. */
function takeBlock(builder: AnswerBuilder, block: Unread): void {
  const { text, citationsContent: cited, reasoningContent: reasoning, toolUse, toolResult } = block
  if (typeof text === 'string') builder.addText(text)
  if (isObject(cited)) {
    builder.addText(textOfBlocks(cited['content']))
    for (const citation of arrayOr(cited['citations']))
      if (isObject(citation)) builder.addCitation(decodeCitation(citation))
  }
  if (isObject(reasoning)) takeReasoning(builder, { ...reasoning, ...objectOr(reasoning['reasoningText']) })
  builder.endPart()
  if (isObject(toolUse)) takeToolUse(builder, toolUse, stringifyJson(toolUse['input'] ?? {}))
  if (isObject(toolResult)) takeToolResult(builder, toolResult)
  // The only media that a model answers with.
  const base64 = stringIn(objectOr(objectOr(block['image'])['source']), 'bytes')
  if (base64 === null) return
  builder.addPart({ type: 'media', mediaType: imageType(base64), source: { type: 'base64', base64 } })
}

/** Takes reasoning, and marks it as Bedrock's own: only such reasoning is sent back. */
export function takeReasoning(builder: AnswerBuilder, wire: Unread): void {
  builder.addReasoning(stringIn(wire, 'text') ?? '')
  const signature = stringIn(wire, 'signature')
  const redactedContent = stringIn(wire, 'redactedContent')
  builder.addData('reasoning', name, given({ signature, redactedContent }))
}

/** A tool that the provider runs is none that anyone owes a result. */
export function takeToolUse(builder: AnswerBuilder, wire: Unread, inputText: string): void {
  const id = stringIn(wire, 'toolUseId') ?? ''
  const tool = stringIn(wire, 'name') ?? ''
  if (wire['type'] !== 'server_tool_use') return builder.addCall(id, tool, inputText)
  const input = (parseJson(inputText || '{}') ?? inputText) as Json
  const data = { [name]: {} }
  builder.addPart({ type: 'provider-call', id, name: tool, input: isShallow(input) ? input : {}, data })
}

/** What a tool that the provider ran gave; its `type` is the tool's name. */
export function takeToolResult(builder: AnswerBuilder, wire: Unread): void {
  const { content, status } = wire
  builder.addPart({
    type: 'provider-result',
    id: stringIn(wire, 'toolUseId') ?? '',
    name: stringIn(wire, 'type') ?? '',
    output: isShallow(content) ? ((content ?? []) as Json) : [],
    isError: status === 'error',
    data: { [name]: status === 'success' ? { status } : {} },
  })
}
