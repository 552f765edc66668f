/** The dialect `openai-responses` whole. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'
import { openaiResponses } from './client.ts'
import { openaiResponsesServer } from './server.ts'

export const openaiResponsesDialect: Dialect = {
  name: 'openai-responses',
  client: openaiResponses,
  server: openaiResponsesServer,
  matches: (url, body) => pathOf(url).endsWith('/responses') && isObject(body),
  asksForStream: (_url, body) => isObject(body) && body['stream'] === true,
}
