/** The dialect `ollama`. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'
import { ollamaChat } from './client.ts'
import { ollamaServer } from './server.ts'

export const ollamaDialect: Dialect = {
  name: 'ollama',
  client: ollamaChat,
  server: ollamaServer,
  matches: (url, body) =>
    pathOf(url).endsWith('/api/chat') && isObject(body) && Array.isArray(body['messages']),
  /** A stream is what is answered unless it is not wanted. */
  asksForStream: (_url, body) => !isObject(body) || body['stream'] !== false,
}
