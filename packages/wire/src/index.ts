/** Dialects of LLM APIs: bytes to canonical messages and events, and back. Pure. */
export * from './answer.ts'
export { authOf, type Authorize, keyHeader, type UnsignedRequest } from './auth.ts'
export {
  BaseUrlError,
  baseUrlOf,
  type Environment,
  fillUrl,
  resolveBaseUrl,
  variablesOf,
} from './base-url.ts'
export { type BatchSource, BatchIterator } from './batches.ts'
export type * from './dialect.ts'
export type * from './dialect-name.ts'
export * from './dialects.ts'
export { WireError, type WireErrorCode } from './error.ts'
export { type ByteReader, type ByteStream, decodeEvents, readRest } from './events.ts'
export { decodeExchange, isStreamType, type ResponseBody } from './exchange.ts'
export * from './hosts.ts'
export { isObject, parseJson, type Unread } from './json.ts'
export { conversation, type MeantRequest } from './meaning.ts'
export * from './message.ts'
export { addCosts, type Cost, decodeCost } from './money.ts'
export { type Auth, type Provider, type Quirks, quirks } from './provider.ts'
export { providerOf, providers } from './provider-of.ts'
export * from './providers.ts'
export type * from './request.ts'
export { truncated } from './stream-decoder.ts'
export {
  type Exchange,
  type ExchangeEnding,
  type ExchangeResponse,
  understand,
  type Understanding,
} from './understand.ts'
