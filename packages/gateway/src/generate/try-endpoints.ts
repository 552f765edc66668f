/** Asks endpoint after endpoint until one answers, the client leaves, or nothing is left to try. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Failure, JsonObject } from '@playhead/wire'
import { isServerSent } from '../question/server-sent.ts'
import { errorReply } from '../relay/error-reply.ts'
import type { ContinuableRelay } from '../relay/relay.ts'
import type { Candidate } from '../route/route.ts'
import { afterFailure } from './after-failure.ts'
import { askEndpoint } from './ask-endpoint.ts'
import { hasRoom } from './bound.ts'
import type { Delivery } from './delivery.ts'
import type { Generation } from './generation.ts'
import { nobodyCan, toldExclusions } from './refusal.ts'

/** Milliseconds before an endpoint that failed is asked again, where there is no other, and the most that one waits. */
const shortWait = 250
const longestWait = 2000

/**
 * `isLimited`: a budget counts on the bound, so an answer is held to it. Ends with an answer delivered or a failure told.
 * Rejects with an HttpError for a request that turns out to be none of its dialect.
 */
export async function tryEndpoints(
  generation: Generation,
  delivery: Delivery,
  isLimited: boolean,
): Promise<void> {
  const { question, route, current } = generation.parts
  const { server, failover } = current.configuration
  if (question.isStream && isServerSent(question)) delivery.keepOpen(server.keepAlive)
  delivery.onLeft(() => generation.leave())
  let queue: readonly Candidate[] = route.candidates
  let last: Failure | null = null
  let continuing: ContinuableRelay | null = null
  while (queue.length > 0 && generation.attempts < failover.attempts && !generation.isOver) {
    const [candidate, ...rest] = queue
    if (candidate === undefined) break
    queue = rest
    if (isLimited && continuing === null && !hasRoomFor(generation, candidate)) continue
    const end = await askEndpoint({ generation, delivery, isLimited, continuing }, candidate.endpoint)
    if (end === null) continue
    if (end.outcome.type === 'answer' || end.isCancelled) return
    continuing = end.continuable ?? continuing
    if (end.isDelivered && continuing === null) return
    last = end.outcome.failure
    queue = await remaining(queue, candidate, last, generation)
  }
  const cause = generation.stopped ?? last ?? nobodyCan(question, generation.exclusions)
  if (continuing === null) refuse(generation, delivery, cause)
  else delivery.end(continuing.fail(cause))
}

/** A provider that charges for failures takes from what was reserved for the answer. */
function hasRoomFor(generation: Generation, { endpoint }: Candidate): boolean {
  const { bound, question, current } = generation.parts
  const isRoom = hasRoom(bound, generation.used, question, endpoint, current.configuration)
  if (!isRoom) generation.passOver(endpoint, 'what failed before has used too much of what was reserved')
  return isRoom
}

/** What is left to try after a failure: those that may do better, or the same again when it was the last. */
async function remaining(
  queue: readonly Candidate[],
  failed: Candidate,
  cause: Failure,
  { attempts, parts }: Generation,
): Promise<readonly Candidate[]> {
  const { next } = afterFailure[cause.code]
  if (next === 'nothing') return []
  if (next === 'model') return queue.filter(({ endpoint }) => endpoint.model !== failed.endpoint.model)
  if (queue.length > 0 || !cause.retryable) return queue
  const pause = Math.max(shortWait, cause.retryAfter ?? 0)
  if (pause > longestWait || attempts >= parts.current.configuration.failover.attempts) return []
  await wait(pause)
  return [failed]
}

/** Tells the client that there is no answer: as an HTTP error, or in the stream that was begun to keep it open. */
function refuse(generation: Generation, delivery: Delivery, cause: Failure): void {
  const { question, arrivedAt } = generation.parts
  const isOwn = generation.failures.at(-1)?.endpoint.isByok === true
  const told = withoutUpstreamKeys(cause, isOwn ? 'your own key there' : 'the gateway')
  if (delivery.isBegun) {
    const { id, model } = generation.opening
    const head = { id, model, created: Math.floor(arrivedAt / 1000), url: question.url }
    delivery.end(question.dialect.server.encodeStream(head).push({ type: 'error', failure: told }))
    return
  }
  const previous = failuresBefore(generation, cause)
  // What would be refused everywhere was not refused because others were left out.
  const excluded =
    generation.attempts > 0 && afterFailure[cause.code].next === 'nothing'
      ? {}
      : toldExclusions(generation.exclusions)
  const metadata: JsonObject = {
    ...(previous.length > 0 && { previous_errors: previous }),
    ...excluded,
  }
  const details = Object.keys(metadata).length > 0 ? { metadata } : {}
  const { status, headers, body } = errorReply(question.dialect, told, details)
  generation.refusedWith(status)
  // Whoever asked has no need to try at once what was just tried several times.
  const once = told.retryAfter === null && previous.length > 0 ? { 'x-should-retry': 'false' } : {}
  delivery.send(status, { ...headers, ...once }, body)
}

/** Those that are not the cause itself, as OpenRouter tells them. */
function failuresBefore({ failures }: Generation, cause: Failure): JsonObject[] {
  const before = failures.at(-1)?.failure === cause ? failures.slice(0, -1) : failures
  return before.map(({ endpoint, failure: { code, status } }) => ({
    provider: endpoint.provider.name,
    code,
    status,
  }))
}

/** A provider that refuses the key that it was sent says nothing of the client's key here, which is good. */
function withoutUpstreamKeys(cause: Failure, whose: string): Failure {
  if (cause.code !== 'auth' && cause.code !== 'payment' && cause.code !== 'permission') return cause
  const message = `${cause.provider ?? 'The provider'} refused ${whose}: ${cause.message}`
  return { ...cause, code: 'server', status: 502, message }
}
