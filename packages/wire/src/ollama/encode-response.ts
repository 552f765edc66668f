/** Encodes a plain answer of Ollama's native chat. https://docs.ollama.com/api/chat */
import type { Answer, FinishReason, TokenLogprob } from '../answer.ts'
import type { AnswerHead } from '../dialect.ts'
import type { Unread } from '../json.ts'
import { kept } from '../kept-fields.ts'
import { textOf, type ToolCall } from '../message.ts'
import { inputObject } from '../tool-input.ts'
import { decodeFinishReason } from './tail.ts'

/** The body of a plain answer. */
export function encodeResponse(answer: Answer, head: AnswerHead): string {
  const { content } = answer.message
  const thinking = content.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const images = content.flatMap((part) =>
    part.type === 'media' && part.source.type === 'base64' ? [part.source.base64] : [],
  )
  const calls = content.filter((part) => part.type === 'tool-call')
  return JSON.stringify({
    ...encodeHead(head),
    message: {
      role: 'assistant',
      content: textOf(content),
      thinking: thinking || undefined,
      images: images.length > 0 ? images : undefined,
      tool_calls: calls.length > 0 ? calls.map(encodeCall) : undefined,
    },
    ...encodeTail(answer),
  })
}

/** What every line begins with. */
export function encodeHead({ model, created }: AnswerHead): Unread {
  const date = new Date(created * 1000)
  return { model, created_at: (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString() }
}

/** What says that an answer is done. */
export function encodeTail(answer: Answer): Unread {
  const { finishReason, rawFinishReason, usage, logprobs, message } = answer
  const hasCalls = message.content.some((part) => part.type === 'tool-call')
  const isOwn = decodeFinishReason(rawFinishReason, hasCalls) === finishReason
  return {
    done: true,
    done_reason: isOwn ? (rawFinishReason ?? undefined) : finishReasons[finishReason],
    ...kept('ollama', answer),
    prompt_eval_count: usage?.inputTokens,
    eval_count: usage?.outputTokens,
    logprobs: logprobs?.map(encodeLogprob),
  }
}

const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'stop',
  'content-filter': 'content_filter',
  error: 'error',
  other: 'other',
}

export function encodeCall(call: ToolCall, index: number): Unread {
  return { id: call.id, function: { index, name: call.name, arguments: inputObject(call) } }
}

const utf8 = new TextEncoder()

function encodeLogprob({ token, logprob, top }: TokenLogprob): Unread {
  return {
    ...encodeToken({ token, logprob }),
    top_logprobs: top.length > 0 ? top.map(encodeToken) : undefined,
  }
}

function encodeToken({ token, logprob }: { readonly token: string; readonly logprob: number }): Unread {
  return { token, logprob, bytes: [...utf8.encode(token)] }
}
