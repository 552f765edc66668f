/** Every dialect: one row each. */
import { anthropicMessagesDialect } from './anthropic-messages/dialect.ts'
import type { Dialect } from './dialect.ts'
import { bedrockConverseDialect } from './bedrock-converse/dialect.ts'
import { cohereDialect } from './cohere/dialect.ts'
import { geminiDialect } from './gemini/dialect.ts'
import { ollamaDialect } from './ollama/dialect.ts'
import { openaiChatDialect } from './openai-chat/dialect.ts'
import { openaiResponsesDialect } from './openai-responses/dialect.ts'

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
