/** Dialects of LLM APIs: bytes to canonical messages and events, and back. Pure. */
export * from './answer.ts'
export { anthropicMessages } from './anthropic-messages/client.ts'
export { anthropicMessagesDialect } from './anthropic-messages/dialect.ts'
export { authOf, type Authorize, keyHeader, type UnsignedRequest } from './auth.ts'
export {
  BaseUrlError,
  baseUrlOf,
  type Environment,
  fillUrl,
  resolveBaseUrl,
  variablesOf,
} from './base-url.ts'
export { bedrockConverse } from './bedrock-converse/client.ts'
export { bedrockConverseDialect } from './bedrock-converse/dialect.ts'
export { type BatchSource, BatchIterator } from './batches.ts'
export { cohereChat } from './cohere/client.ts'
export { cohereDialect } from './cohere/dialect.ts'
export type * from './dialect.ts'
export { dialectOf, dialects } from './dialects.ts'
export { WireError, type WireErrorCode } from './error.ts'
export { type ByteReader, type ByteStream, decodeEvents, readRest } from './events.ts'
export { decodeExchange, isStreamType, type ResponseBody } from './exchange.ts'
export { gemini } from './gemini/client.ts'
export { geminiDialect } from './gemini/dialect.ts'
export * from './hosts.ts'
export * from './message.ts'
export { addCosts, type Cost, decodeCost } from './money.ts'
export { ollamaChat } from './ollama/client.ts'
export { ollamaDialect } from './ollama/dialect.ts'
export { openaiChat } from './openai-chat/client.ts'
export { openaiChatDialect } from './openai-chat/dialect.ts'
export { openaiResponses } from './openai-responses/client.ts'
export { openaiResponsesDialect } from './openai-responses/dialect.ts'
export { type Auth, type DialectName, type Provider, type Quirks, quirks } from './provider.ts'
export { providerOf, providers } from './provider-of.ts'
export * from './providers.ts'
export type * from './request.ts'
