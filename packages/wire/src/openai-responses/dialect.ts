/** The dialect `openai-responses` whole. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'
import { openaiResponses } from './client.ts'
import { openaiResponsesServer } from './server.ts'

const asked = /\/responses$/
/** One that was made in the background, or before: its answer, and no question. */
const fetched = /\/responses\/resp_[^/]+$/

export const openaiResponsesDialect: Dialect = {
  name: 'openai-responses',
  client: openaiResponses,
  server: openaiResponsesServer,
  matches: (url, body) => (isObject(body) ? asked : fetched).test(pathOf(url)),
  asksForStream: (_url, body) => isObject(body) && body['stream'] === true,
}
