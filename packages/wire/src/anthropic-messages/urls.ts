/** The URLs of messages, at Anthropic and at the clouds that host its models. */
import { WireError } from '../error.ts'
import { isObject } from '../json.ts'
import { pathOf } from '../url.ts'

const vertex = /\/models\/([^/]+):(rawPredict|streamRawPredict)$/
const bedrock = /\/model\/(.+)\/(invoke|invoke-with-response-stream)$/

/** Whether a request is one for a message. Bedrock's `invoke` is for all models: only Claude's bodies say a version. */
export function isMessageUrl(url: string, body: unknown): boolean {
  if (!isObject(body)) return false
  const path = pathOf(url)
  if (bedrock.test(path)) return typeof body['anthropic_version'] === 'string'
  if (vertex.test(path)) return path.includes('/publishers/anthropic/')
  // OpenAI's threads have messages too.
  return path.endsWith('/messages') && !path.includes('/threads/')
}

/** Whether the URL alone asks for a stream. */
export function isStreamUrl(url: string): boolean {
  return /:streamRawPredict$|\/invoke-with-response-stream$/.test(pathOf(url))
}

/** Whether the stream is one of AWS's binary ones. */
export function isAwsStreamUrl(url: string): boolean {
  return isStreamUrl(url) && bedrock.test(pathOf(url))
}

/** The model that the URL names; null where the body does. */
export function modelOf(url: string): string | null {
  const model = (vertex.exec(pathOf(url)) ?? bedrock.exec(pathOf(url)))?.[1]
  if (model === undefined) return null
  try {
    return decodeURIComponent(model)
  } catch (cause) {
    throw new WireError('malformed', 'the URL names no model', { path: '', cause })
  }
}
