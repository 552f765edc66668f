/** Decodes `finish_reason`. */
import type { FinishReason } from '../answer.ts'

/**
 * Each reason, and the words for it that are not its own: of Mistral, Together, Text Generation Inference, z.ai
 * (https://docs.z.ai/api-reference/llm/chat-completion), DeepSeek
 * (https://api-docs.deepseek.com/api/create-chat-completion) and vLLM. An error is one of the server.
 */
const finishReasons: readonly (readonly [FinishReason, ...string[]])[] = [
  ['stop', 'end_turn', 'eos', 'eos_token'],
  ['length', 'max_tokens', 'model_length', 'model_context_window_exceeded'],
  ['tool-calls', 'tool_calls', 'function_call'],
  ['content-filter', 'content_filter', 'sensitive'],
  ['error', 'insufficient_system_resource', 'network_error', 'abort'],
]

/** Decodes `finish_reason`. One from the future is `other`: the answer is paid for, keep it. */
export function decodeFinishReason(wire: string | null): FinishReason {
  const word = wire?.toLowerCase() ?? ''
  return finishReasons.find((words) => words.includes(word))?.[0] ?? 'other'
}
