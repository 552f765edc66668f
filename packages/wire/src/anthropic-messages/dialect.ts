/** The dialect `anthropic-messages` whole. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { anthropicMessages } from './client.ts'
import { decodeAnyStream } from './invoke.ts'
import { name } from './name.ts'
import { anthropicMessagesServer } from './server.ts'
import { isMessageUrl, isStreamUrl } from './urls.ts'

export const anthropicMessagesDialect: Dialect = {
  name,
  client: { ...anthropicMessages, decodeStream: decodeAnyStream },
  server: anthropicMessagesServer,
  matches: isMessageUrl,
  asksForStream: (url, body) => isStreamUrl(url) || (isObject(body) && body['stream'] === true),
}
