/** The dialect `gemini`, whole. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { decodeAnyStream } from './array.ts'
import { gemini } from './client.ts'
import { addressOf } from './decode-request.ts'
import { geminiServer } from './server.ts'

export const geminiDialect: Dialect = {
  name: 'gemini',
  client: { ...gemini, decodeStream: decodeAnyStream },
  server: geminiServer,
  matches: (url, body) => isObject(body) && addressOf(url) !== null,
  asksForStream: (url) => addressOf(url)?.stream === true,
}
