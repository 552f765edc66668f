/** The dialect `gemini`, Google's own: the half that asks. https://ai.google.dev/api/generate-content */
import type { DialectClient } from '../dialect.ts'
import { decodeResponse } from './decode-response.ts'
import { decodeStream } from './decode-stream.ts'
import { encodeRequest, path } from './encode-request.ts'
import { decodeError } from './failure.ts'

/** Asks for events, and reads them as they come; the dialect whole also reads arrays so. */
export const gemini: DialectClient = {
  name: 'gemini',
  headers: {},
  path,
  encodeRequest,
  decodeResponse,
  decodeError,
  decodeStream,
}
