/** Reads the URL of a request, which names the model and says whether a stream is wanted. */
import { unescaped } from '../url.ts'

interface Target {
  readonly model: string
  readonly isStream: boolean
  readonly isInvoked: boolean
}

/**
 * Nova understands Converse's words also where it is invoked.
 * https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html
 */
const address =
  /^[^?#]*?\/model\/(?:([^?#]+)\/converse(-stream)?|([^/?#]*amazon\.nova[^/?#]+)\/invoke(-with-response-stream)?)(?:[?#]|$)/

/** The model and the kind of a URL `…/model/{model}/converse` or `…/converse-stream`; null for one of others. */
export function targetOf(url: string): Target | null {
  const match = address.exec(url)
  if (match === null) return null
  const [, conversed, converseStream, invoked = '', invokeStream] = match
  return {
    model: unescaped(conversed ?? invoked),
    isStream: (converseStream ?? invokeStream) !== undefined,
    isInvoked: conversed === undefined,
  }
}
