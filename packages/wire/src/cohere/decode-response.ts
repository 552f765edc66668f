/** Decodes a plain answer of version 2 of Cohere's chat. */
import { type Answer, type Failure, failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { decodeStray, excerpt } from '../failure.ts'
import { arrayOr, isObject, objectOr, parseJson, stringOr, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { JsonObject } from '../message.ts'
import { decodeCitation, isOfText } from './citations.ts'
import { decodeBreak, decodeFinishReason, decodeLogprob, decodeUsage } from './tail.ts'

/** Reads the body of a plain answer. An error inside a 200 is a failure. Never throws. */
export function decodeResponse(body: string): Answer | Failure {
  const wire = parseJson(body)
  if (wire === undefined) return failure('malformed', `The answer is not JSON: ${excerpt(body)}`)
  return takeAnswer(new AnswerBuilder(), wire)
}

/** Takes a whole answer, parsed. */
export function takeAnswer(builder: AnswerBuilder, wire: unknown): Answer | Failure {
  const whole = objectOr(wire)
  const { message, finish_reason } = whole
  if (!isObject(message)) {
    return builder.fail(decodeStray(whole, 'The answer has no message'))
  }
  builder.id = stringOr(whole['id']) ?? ''
  takeMessage(builder, message)
  builder.logprobs.push(...arrayOr(whole['logprobs']).flatMap(decodeLogprob))
  return finish(builder, stringOr(finish_reason), whole['usage'], whole['error'])
}

function takeMessage(builder: AnswerBuilder, message: Unread): void {
  const blocks: readonly unknown[] =
    typeof message['content'] === 'string'
      ? [{ type: 'text', text: message['content'] }]
      : arrayOr(message['content'])
  const last = blocks.findLastIndex((block) => isObject(block) && typeof block['text'] === 'string')
  const citations = arrayOr(message['citations']).filter(isObject)
  const places = citations.map((citation) => placeOf(citation, blocks, last))
  for (const [index, block] of blocks.entries()) {
    if (!isObject(block)) continue
    builder.addReasoning(stringOr(block['thinking']) ?? '')
    builder.addText(stringOr(block['text']) ?? '')
    for (const [nth, citation] of citations.entries())
      if (places[nth] === index) addCitation(builder, citation)
    builder.endPart()
  }
  for (const [nth, citation] of citations.entries()) if (places[nth] === -1) addCitation(builder, citation)
  builder.addReasoning(stringOr(message['tool_plan']) ?? '')
  for (const call of arrayOr(message['tool_calls']).filter(isObject)) {
    const { id, name, input } = decodeCall(call)
    builder.addCall(id, name, input)
  }
}

function placeOf(citation: Unread, blocks: readonly unknown[], last: number): number {
  const { content_index: index } = citation
  if (!isOfText(citation)) return -1
  const block = typeof index === 'number' ? blocks[index] : undefined
  return isObject(block) && typeof block['text'] === 'string' ? Number(index) : last
}

/** Adds a citation to the text that is open; one of a plan or of thinking is the answer's. */
export function addCitation(builder: AnswerBuilder, wire: Unread): void {
  if (isOfText(wire)) return builder.addCitation(decodeCitation(wire))
  const known = builder.data?.['cohere']
  const citations = isShallow(wire) ? [...arrayOr(known?.['citations']), wire] : arrayOr(known?.['citations'])
  builder.data = { cohere: { ...known, citations: citations as JsonObject[] } }
}

export function decodeCall(wire: Unread): {
  readonly id: string
  readonly name: string
  readonly input: string
} {
  const asked = objectOr(wire['function'])
  return {
    id: stringOr(wire['id']) ?? '',
    name: stringOr(asked['name']) ?? '',
    input: stringOr(asked['arguments']) ?? '',
  }
}

/** Ends an answer as its finish reason says. */
export function finish(
  builder: AnswerBuilder,
  reason: string | null,
  usage: unknown,
  error: unknown,
): Answer | Failure {
  builder.usage = decodeUsage(usage)
  const billed = objectOr(usage)['billed_units']
  const { data } = keep('cohere', {
    ...builder.data?.['cohere'],
    ...(isObject(billed) && isShallow(billed) && { billed_units: billed }),
  })
  builder.data = data
  builder.rawFinishReason = reason
  const cause = decodeBreak(reason, error)
  if (cause !== null) return builder.fail(cause)
  if (reason === null && builder.isEmpty) return builder.fail(nothing)
  return builder.finish(decodeFinishReason(reason))
}

const nothing = failure('truncated', 'The answer has no content and no finish reason')
