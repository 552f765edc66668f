/** Puts questions to endpoints. */
import { type Dialect, openaiChatDialect, type Provider, together } from '@playhead/wire'
import { type About, ask, type Asked } from '../../src/ask/ask.ts'
import type { Endpoint } from '../../src/endpoint.ts'
import { read } from '../question/reading.ts'
import { endpointOf } from './endpoints.ts'

export const said = [{ role: 'user', content: 'Hello' }]

/** Who is asked, and in what: by default together.ai, in chat completions. */
export interface Asking {
  readonly provider?: Provider
  readonly endpoint?: Partial<Endpoint>
  readonly dialect?: Dialect
  readonly url?: string
  readonly about?: Partial<About>
}

/** What becomes of a client's body. */
export function askOf(body: object | string, asking: Asking = {}): Asked {
  const { provider = together, endpoint = {}, dialect = openaiChatDialect, url = '', about = {} } = asking
  return ask(read(body, dialect, url), endpointOf(provider, endpoint), { requestId: 'req-1', ...about })
}

export function bodyOf(body: object | string, asking: Asking = {}): string {
  return askOf(body, asking).request.body
}
