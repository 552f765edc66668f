/** Whether a failed attempt is worth another, and when. */
import type { Failure } from '@playhead/wire'

/** Milliseconds before the first retry; doubled before each further one, up to the longest wait. */
const firstWait = 2000
/** The longest that a run waits. */
const longestWait = 60_000

/**
 * Milliseconds to wait before the request is sent again, or null when it is not. The provider's own wish
 * (`Retry-After`) counts, but one of more than a minute is an answer: not now.
 *
 * @param attempt the attempt that failed, counted from 1
 */
export function retryWait(failure: Failure, attempt: number, maxRetries: number): number | null {
  if (!failure.retryable || attempt > maxRetries) return null
  const wait = failure.retryAfter ?? Math.min(firstWait * 2 ** (attempt - 1), longestWait)
  return wait <= longestWait ? wait : null
}
