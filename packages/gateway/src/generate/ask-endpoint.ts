/** One endpoint is asked, once: the request, the proof, the attempt, and what it says of the endpoint's health. */
import { type Failure, failure } from '@playhead/wire'
import { askToContinue, type Asked, UntranslatableError } from '../ask/ask.ts'
import type { Endpoint } from '../endpoint.ts'
import { dollars } from '../money.ts'
import { costOf } from '../price.ts'
import type { ContinuableRelay, RelayContext } from '../relay/relay.ts'
import { continuableRelay, streamRelay } from '../relay/stream-relay.ts'
import { accountOf, reportedMoney } from './account.ts'
import { afterFailure } from './after-failure.ts'
import { type AttemptEnd, type AttemptParts, startAttempt } from './attempt.ts'
import { priceAt } from './bound.ts'
import type { Delivery } from './delivery.ts'
import { askFor } from './embeddings.ts'
import type { Generation } from './generation.ts'

export interface Asking {
  readonly generation: Generation
  readonly delivery: Delivery
  /** Whether a budget counts on the bound: then the answer is held to it. */
  readonly isLimited: boolean
  /** An answer that broke off, to go on with; null for one from the start. */
  readonly continuing: ContinuableRelay | null
}

/** Null for an endpoint that cannot be asked this. Throws an HttpError for a request that nobody can be asked. */
export async function askEndpoint(asking: Asking, endpoint: Endpoint): Promise<AttemptEnd | null> {
  const { generation } = asking
  const { context, current, question, arrivedAt, bound, stickyKey } = generation.parts
  const { configuration, router } = current
  const asked = askedOf(asking, endpoint)
  if (asked === null) return null
  const startedAfter = context.now() - arrivedAt
  const span = generation.span?.attempt(endpoint.id, startedAfter) ?? null
  router.health.began(endpoint.id)
  const proof = await proofOf(endpoint, asked)
  const end =
    proof.type === 'failure'
      ? unsent(proof, asking)
      : await attempt(asking, endpoint, asked, { ...proof.headers, ...span?.headers })
  const account = accountOf(end, priceAt(endpoint, configuration), bound)
  generation.add({ endpoint, end, account, startedAfter, span })
  const { outcome } = end
  const streaming = (end.duration - (end.firstTokenAfter ?? 0)) / 1000
  router.health.ended(endpoint.id, {
    type:
      outcome.type === 'answer'
        ? 'answer'
        : end.isCancelled
          ? 'neutral'
          : afterFailure[outcome.failure.code].health,
    retryAfter: outcome.type === 'answer' ? null : outcome.failure.retryAfter,
    firstToken: question.isStream ? end.firstTokenAfter : null,
    throughput: question.isStream && streaming > 0 ? account.usage.outputTokens / streaming : null,
  })
  if (outcome.type === 'answer' && (stickyKey.isSession || account.usage.cachedInputTokens > 0))
    router.remember(stickyKey, endpoint.id)
  const word = outcome.type === 'answer' ? 'answer' : outcome.failure.code
  context.metrics.attempt(endpoint.id, word, end.duration / 1000)
  return end
}

function askedOf({ generation, isLimited, continuing }: Asking, endpoint: Endpoint): Asked | null {
  const { question, bound, requestId, clientHeaders } = generation.parts
  const maxOutputTokens = isLimited ? bound.imposedOutputTokens : null
  const about = { maxOutputTokens, requestId, headers: clientHeaders }
  const said = continuing?.continuable ?? null
  try {
    return said === null
      ? askFor(question, endpoint, about)
      : askToContinue(question, endpoint, { said, outputTokens: continuing?.outputEstimate ?? 0 }, about)
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error
    generation.passOver(endpoint, error.message)
    return null
  }
}

type Proof = { readonly type: 'proof'; readonly headers: Readonly<Record<string, string>> } | Failure

/** A key that is missing, or a token that cannot be had, is a failure of the endpoint. */
async function proofOf(endpoint: Endpoint, { dialect, request }: Asked): Promise<Proof> {
  try {
    return { type: 'proof', headers: await endpoint.authorize(dialect.name)(request) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return failure('auth', message, { provider: endpoint.provider.name })
  }
}

function unsent(cause: Failure, { continuing }: Asking): AttemptEnd {
  return {
    isDelivered: continuing !== null,
    outcome: { type: 'failure', failure: cause },
    status: null,
    firstTokenAfter: null,
    duration: 0,
    usage: null,
    usageSoFar: null,
    outputEstimate: 0,
    isCancelled: false,
    continuable: continuing,
  }
}

function attempt(
  { generation, delivery, continuing }: Asking,
  endpoint: Endpoint,
  asked: Asked,
  proof: Readonly<Record<string, string>>,
): Promise<AttemptEnd> {
  const { context, current, question } = generation.parts
  const { configuration } = current
  const relay = relayContext(generation, endpoint)
  const running = startAttempt({
    question,
    endpoint,
    transport: generation.way(endpoint.transport),
    asked,
    headers: { ...asked.request.headers, ...proof },
    secrets: Object.values(proof).map((value) => value.replace(/^Bearer /, '')),
    delivery,
    relay,
    stream: streamOf(generation, endpoint, asked, relay, continuing),
    isContinuing: continuing !== null,
    timeouts: { ...configuration.timeouts, ...configuration.providers.get(endpoint.provider.name)?.timeouts },
    drains: configuration.clientLeft === 'drain',
    thrown: (error) => generation.thrown(error),
    now: () => context.now(),
  })
  generation.running(running)
  return running.ended
}

function streamOf(
  { parts }: Generation,
  { provider }: Endpoint,
  { dialect }: Asked,
  relay: RelayContext,
  continuing: ContinuableRelay | null,
): AttemptParts['stream'] {
  const client = parts.question.dialect
  const mayContinue = parts.current.configuration.failover.afterFirstToken === 'continue'
  return () => {
    if (continuing !== null)
      return { relay: continuing, first: continuing.continueWith(dialect, provider, relay) }
    const make = mayContinue ? continuableRelay : streamRelay
    return { relay: make(client, dialect, provider, relay), first: new Uint8Array() }
  }
}

function relayContext(generation: Generation, endpoint: Endpoint): RelayContext {
  const { question, current, arrivedAt, clientHeaders } = generation.parts
  const price = priceAt(endpoint, current.configuration)
  const before = generation.cost
  return {
    id: generation.opening.id,
    model: generation.opening.model,
    provider: endpoint.provider.name,
    created: Math.floor(arrivedAt / 1000),
    url: question.url,
    isStrictClient: strictClient.test(clientHeaders['user-agent'] ?? ''),
    cost: (usage, reported) => {
      const said = reportedMoney(reported)
      if (reported !== null && said !== null) return before === 0n ? reported : dollars(before + said)
      return price === null || usage === null ? null : dollars(before + costOf(price, usage))
    },
  }
}

/**
 * OpenRouter's SDK checks every chunk, and refuses the `null` that OpenAI has for `usage`, BaseTen for
 * `system_fingerprint` and Chutes for the names of calls (examples/calculator/retry.yaml).
 */
const strictClient = /@openrouter\/sdk/
