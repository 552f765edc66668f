/** Whether a failed attempt is worth another, and when. */
import type { Failure } from '@playhead/wire'

/** Milliseconds before the first retry; doubled before each further one, and up to half longer by chance. */
const firstWait = 2000
/** The longest that a run waits. */
const longestWait = 60_000

/**
 * Milliseconds to wait before the request is sent again, or null when it is not. The provider's own wish
 * (`Retry-After`) counts, but one of more than a minute is an answer: not now. Chance keeps programs that
 * failed together from coming back together.
 *
 * @param attempt the attempt that failed, counted from 1
 * @param chance a number from 0 up to 1
 */
export function retryWait(
  failure: Failure,
  attempt: number,
  maxRetries: number,
  chance: number,
): number | null {
  if (!failure.retryable || attempt > maxRetries) return null
  const backoff = firstWait * 2 ** (attempt - 1) * (1 + chance / 2)
  const wait = failure.retryAfter ?? Math.min(backoff, longestWait)
  return wait <= longestWait ? wait : null
}
