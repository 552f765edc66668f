/** Encodes a plain message. https://platform.claude.com/docs/en/api/messages */
import type { Answer } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../message.ts'
import { encodeBlock } from './encode-blocks.ts'
import { encodeFinishReason } from './finish.ts'
import { keptFields } from './name.ts'
import { encodeUsage } from './usage.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer, head: AnswerHead): string {
  const { usage: _usage, ...rest } = keptFields(answer)
  return JSON.stringify({
    ...encodeHead(head),
    content: answer.message.content.map(encodeBlock).filter((block) => block !== null),
    stop_reason: encodeFinishReason(answer),
    ...rest,
    usage: { ...noUsage, ...encodeAnswerUsage(answer) },
  })
}

/** What every message has, in the order in which Anthropic says it. */
export function encodeHead({ id, model }: AnswerHead): JsonObject {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    container: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  }
}

/** The fields of a usage that have no canonical form. */
export const noUsage: JsonObject = {
  cache_creation: null,
  inference_geo: null,
  server_tool_use: null,
  service_tier: null,
}

/** The answer's tokens, with what its own dialect said besides, and the cost where it is known. */
export function encodeAnswerUsage(answer: Answer): JsonObject {
  const { usage } = keptFields(answer)
  return {
    ...encodeUsage(answer.usage),
    ...(isObject(usage) && usage),
    ...(answer.cost !== null && { cost: Number(answer.cost) }),
  }
}
