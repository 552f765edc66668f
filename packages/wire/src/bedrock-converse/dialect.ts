/** The dialect `bedrock-converse`. */
import type { Dialect } from '../dialect.ts'
import { isObject } from '../json.ts'
import { bedrockConverse } from './client.ts'
import { decodeAnyResponse, decodeAnyStream } from './invoke.ts'
import { name } from './name.ts'
import { bedrockConverseServer } from './server.ts'
import { targetOf } from './url.ts'

export const bedrockConverseDialect: Dialect = {
  name,
  client: { ...bedrockConverse, decodeResponse: decodeAnyResponse, decodeStream: decodeAnyStream },
  server: bedrockConverseServer,
  matches(url, body) {
    const target = targetOf(url)
    if (target === null || !isObject(body)) return false
    // What makes images or vectors is invoked, too.
    return !target.isInvoked || Array.isArray(body['messages'])
  },
  asksForStream: (url) => targetOf(url)?.isStream ?? false,
}
