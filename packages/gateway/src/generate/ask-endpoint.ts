/** One endpoint is asked, once: the request, the proof, the attempt, and what it says of the endpoint's health. */
import { type Failure, failure } from '@playhead/wire'
import { askToContinue, type Asked, UntranslatableError } from '../ask/ask.ts'
import type { Endpoint } from '../endpoint.ts'
import { dollars, moneyOf } from '../money.ts'
import { chargedPrice, costOf } from '../price.ts'
import type { Question } from '../question.ts'
import type { ContinuableRelay, RelayContext } from '../relay/relay.ts'
import { continuableRelay, streamRelay } from '../relay/stream-relay.ts'
import type { AttemptResult } from '../route/route.ts'
import { messageOf } from '../thrown.ts'
import { accountOf, reportedMoney } from './account.ts'
import { afterFailure } from './after-failure.ts'
import { startAttempt } from './attempt.ts'
import type { AttemptEnd, AttemptParts } from './attempt-parts.ts'
import { heldTo } from './bound.ts'
import type { Delivery } from './delivery.ts'
import { askFor } from './embeddings.ts'
import type { Generation } from './generation.ts'

/** How an endpoint is to be asked. */
export interface AttemptPlan {
  readonly generation: Generation
  readonly delivery: Delivery
  /** Whether a budget counts on the bound: then the answer is held to it. */
  readonly isLimited: boolean
  /** An answer that broke off, to go on with; null for one from the start. */
  readonly continuing: ContinuableRelay | null
}

/** Null for an endpoint that cannot be asked this. Throws an HttpError for a request that nobody can be asked. */
export async function askEndpoint(plan: AttemptPlan, endpoint: Endpoint): Promise<AttemptEnd | null> {
  const { generation } = plan
  const { context, current, question, arrivedAt, bound, stickyKey } = generation.parts
  const { configuration, router } = current
  const asked = askedOf(plan, endpoint)
  if (asked === null) return null
  const startedAfter = context.now() - arrivedAt
  const span = generation.span?.attempt(endpoint.id, startedAfter) ?? null
  router.health.began(endpoint.id)
  const proof = await proofOf(endpoint, asked)
  const end =
    proof.type === 'failure'
      ? unsent(proof, plan)
      : await attempt(
          plan,
          endpoint,
          asked,
          span === null ? proof.headers : { ...proof.headers, ...span.headers },
        )
  const account = accountOf(end, chargedPrice(endpoint, configuration.unpriced), bound)
  generation.add({ endpoint, end, account, startedAfter, span })
  const { outcome } = end
  const streaming = (end.duration - (end.firstTokenAfter ?? 0)) / 1000
  router.health.ended(endpoint.id, {
    type: healthOf(end, question),
    retryAfter: outcome.type === 'answer' ? null : outcome.failure.retryAfter,
    firstToken: question.isStream ? end.firstTokenAfter : null,
    throughput: question.isStream && streaming > 0 ? account.usage.outputTokens / streaming : null,
  })
  if (outcome.type === 'answer' && (stickyKey.isSession || account.usage.cachedInputTokens > 0))
    router.remember(stickyKey, endpoint.id)
  const word = outcome.type === 'answer' ? 'answer' : outcome.failure.code
  context.metrics.attempt(labelOf(endpoint), word, end.duration / 1000)
  return end
}

/** Those of callers' own keys are counted together: each has an endpoint of its own. */
function labelOf({ id, isByok, tag, upstreamModel }: Endpoint): string {
  return isByok ? `${tag}:${upstreamModel}` : id
}

/** A prompt that is not all text may name what only the provider has. */
function healthOf(
  { outcome, isCancelled }: AttemptEnd,
  { inputTokensBound }: Question,
): AttemptResult['type'] {
  if (outcome.type === 'answer') return 'answer'
  if (isCancelled) return 'neutral'
  const { health } = afterFailure[outcome.failure.code]
  if (health !== 'maybe') return health
  return inputTokensBound === null ? 'neutral' : 'failure'
}

function askedOf({ generation, isLimited, continuing }: AttemptPlan, endpoint: Endpoint): Asked | null {
  const { question, bound, requestId, clientHeaders } = generation.parts
  const maxOutputTokens = isLimited ? heldTo(bound, question, endpoint) : null
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
    return failure('auth', messageOf(error), { provider: endpoint.provider.name })
  }
}

function unsent(cause: Failure, { continuing }: AttemptPlan): AttemptEnd {
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
  { generation, delivery, continuing }: AttemptPlan,
  endpoint: Endpoint,
  asked: Asked,
  proof: Readonly<Record<string, string>>,
): Promise<AttemptEnd> {
  const { context, current, question } = generation.parts
  const { configuration } = current
  const relay = relayContext(generation, endpoint, proof)
  const running = startAttempt({
    question,
    endpoint,
    transport: generation.way(endpoint.transport),
    asked,
    headers: { ...asked.request.headers, ...proof },
    delivery,
    relay,
    stream: streamOf(generation, endpoint, asked, relay, continuing),
    isContinuing: continuing !== null,
    timeouts: { ...configuration.timeouts, ...configuration.providers.get(endpoint.provider.name)?.timeouts },
    drains: configuration.clientLeft === 'drain',
    thrown: (error) => generation.thrown(error),
    now: context.now,
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

/** What of a proof is secret, which a provider may repeat in an error. Times and hosts of signatures are not. */
function secretsOf(proof: Readonly<Record<string, string>>): readonly string[] {
  return (
    Object.entries(proof)
      .filter(([name]) => /auth|key|token/.test(name))
      .map(([, value]) => value.replace(/^\S+ /, ''))
      // `none`, for a server that asks for a key and looks at none.
      .filter(({ length }) => length > 5)
  )
}

function relayContext(
  generation: Generation,
  endpoint: Endpoint,
  proof: Readonly<Record<string, string>>,
): RelayContext {
  const { question, current, arrivedAt, clientHeaders } = generation.parts
  const price = chargedPrice(endpoint, current.configuration.unpriced)
  const before = generation.cost
  const upstreamCost: RelayContext['cost'] = (usage, reported) => {
    if (reportedMoney(reported) !== null) return reported
    return price === null || usage === null ? null : dollars(costOf(price, usage))
  }
  return {
    id: generation.opening.id,
    model: generation.opening.model,
    provider: endpoint.provider.name,
    created: Math.floor(arrivedAt / 1000),
    url: question.url,
    isStrictClient: strictClient.test(clientHeaders['user-agent'] ?? ''),
    secrets: () => secretsOf(proof),
    upstreamCost: endpoint.isByok ? upstreamCost : null,
    cost: (usage, reported) => {
      if (endpoint.isByok) return dollars(before)
      const cost = upstreamCost(usage, reported)
      return cost === null || before === 0n ? cost : dollars(before + moneyOf(cost))
    },
  }
}

/**
 * OpenRouter's SDK checks every chunk, and refuses the `null` that OpenAI has for `usage`, BaseTen for
 * `system_fingerprint` and Chutes for the names of calls (examples/calculator/retry.yaml).
 */
const strictClient = /@openrouter\/sdk/
