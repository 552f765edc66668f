/** The headers that a question goes out with, without the proof of who asks. */
import type { DialectClient } from '@playhead/wire'
import about from '#package' with { type: 'json' }

type Headers = Readonly<Record<string, string | undefined>>

/**
 * Headers of the client's that go on, by the dialects of the upstream that know them. No others do: credentials, cookies
 * and whatever is about the connection stay here.
 */
const passed: Readonly<Record<string, readonly string[]>> = {
  'anthropic-messages': ['anthropic-version', 'anthropic-beta'],
  'openai-chat': ['openai-beta'],
  'openai-responses': ['openai-beta'],
}
/** OpenRouter is told whose traffic it is. Nobody else is to know. */
const attribution: readonly string[] = ['http-referer', 'x-title']

/** What a header can carry: by a socket nothing else comes, in process it may. */
const sendable = /^[\t\u0020-\u007e\u0080-\u00ff]+$/

/** By lower-case names. `client`: the client's own headers. */
export function headersFor(
  dialect: DialectClient,
  isOpenRouter: boolean,
  client: Headers,
  requestId: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'user-agent': `playhead/${about.version}`,
    'x-request-id': requestId,
    ...dialect.headers,
  }
  for (const name of [...(passed[dialect.name] ?? []), ...(isOpenRouter ? attribution : [])]) {
    const value = client[name]
    if (value !== undefined && sendable.test(value)) headers[name] = value
  }
  return headers
}
