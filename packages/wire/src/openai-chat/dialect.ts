/** The dialect `openai-chat` whole. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'
import { openaiChat } from './client.ts'
import { openaiChatServer } from './server.ts'

export const openaiChatDialect: Dialect = {
  name: 'openai-chat',
  client: openaiChat,
  server: openaiChatServer,
  matches: (url, body) => pathOf(url).endsWith('/chat/completions') && isObject(body),
  asksForStream: (_url, body) => isObject(body) && body['stream'] === true,
}
