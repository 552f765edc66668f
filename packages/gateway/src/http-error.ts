/** A request that is refused before a model is asked. */
import { type Failure, failure, type FailureCode, type JsonObject } from '@playhead/wire'

/** Thrown by whatever reads a request or looks something up; the one exit turns it into an answer in the client's dialect. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly failure: Failure
  /** What stands beside the message in OpenRouter's errors: `availability`, `metadata`. */
  readonly details: JsonObject

  constructor(
    status: number,
    code: FailureCode,
    message: string,
    options: { readonly details?: JsonObject; readonly retryAfter?: number | null } = {},
  ) {
    super(message)
    this.status = status
    this.failure = failure(code, message, { status, retryAfter: options.retryAfter ?? null })
    this.details = options.details ?? {}
  }
}
