/** The dialect `cohere`. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'
import { cohereChat } from './client.ts'
import { cohereServer } from './server.ts'

export const cohereDialect: Dialect = {
  name: 'cohere',
  client: cohereChat,
  server: cohereServer,
  matches: (url, body) => pathOf(url).endsWith('/v2/chat') && isObject(body),
  asksForStream: (_url, body) => isObject(body) && body['stream'] === true,
}
