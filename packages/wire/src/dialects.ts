/** Every dialect: its name, its client half for programs that speak one, and its row. */
import { anthropicMessagesDialect } from './anthropic-messages/dialect.ts'
import { bedrockConverseDialect } from './bedrock-converse/dialect.ts'
import { cohereDialect } from './cohere/dialect.ts'
import type { Dialect } from './dialect.ts'
import { geminiDialect } from './gemini/dialect.ts'
import { ollamaDialect } from './ollama/dialect.ts'
import { openaiChatDialect } from './openai-chat/dialect.ts'
import { openaiResponsesDialect } from './openai-responses/dialect.ts'

export { anthropicMessages } from './anthropic-messages/client.ts'
export { bedrockConverse } from './bedrock-converse/client.ts'
export { cohereChat } from './cohere/client.ts'
export { gemini } from './gemini/client.ts'
export { ollamaChat } from './ollama/client.ts'
export { openaiChat } from './openai-chat/client.ts'
export { openaiResponses } from './openai-responses/client.ts'

/** Each whole, for programs that are asked. */
export {
  anthropicMessagesDialect,
  bedrockConverseDialect,
  cohereDialect,
  geminiDialect,
  ollamaDialect,
  openaiChatDialect,
  openaiResponsesDialect,
}

/** In the order in which they are asked whether a request is theirs. */
export const dialects: readonly Dialect[] = [
  openaiChatDialect,
  openaiResponsesDialect,
  anthropicMessagesDialect,
  bedrockConverseDialect,
  geminiDialect,
  cohereDialect,
  ollamaDialect,
]

/** The dialect of a request by its URL and its body, parsed; null when it is none that is known. */
export function dialectOf(url: string, body: unknown): Dialect | null {
  return dialects.find((dialect) => dialect.matches(url, body)) ?? null
}
