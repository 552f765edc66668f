/** The dialect `bedrock-converse`. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { bedrockConverse } from './client.ts'
import { name } from './name.ts'
import { bedrockConverseServer } from './server.ts'
import { targetOf } from './url.ts'

export const bedrockConverseDialect: Dialect = {
  name,
  client: bedrockConverse,
  server: bedrockConverseServer,
  matches: (url, body) => targetOf(url) !== null && isObject(body),
  asksForStream: (url) => targetOf(url)?.isStream ?? false,
}
