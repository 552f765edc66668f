/** One generation while it is under way, and what of it the ledger is told. */
import type { Failure } from '@playhead/wire'
import type { Context, Current } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import { letters } from '../ids.ts'
import { dollars, type Money, storable } from '../money.ts'
import type { Question } from '../question.ts'
import { type ExchangeTape, openExchangeTape } from '../record/exchange-tape.ts'
import type { Route, StickyKey } from '../route/route.ts'
import type { AttemptRecord, KeyRecord, OpenGeneration, Outcome, Settlement } from '../store/store.ts'
import type { AttemptSpan, GenerationSpan } from '../telemetry.ts'
import type { Account } from './account.ts'
import type { AttemptEnd, RunningAttempt } from './attempt-parts.ts'
import type { Bound } from './bound.ts'
import { embeddings } from './embeddings.ts'
import type { Transport } from '../transport/transport.ts'
import { storyOf } from './story.ts'

export interface GenerationParts {
  readonly context: Context
  readonly current: Current
  readonly question: Question
  readonly route: Route
  readonly stickyKey: StickyKey
  readonly who: KeyRecord
  readonly requestId: string
  /** By lower-case names; few of them go on to a provider. */
  readonly clientHeaders: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly arrivedAt: number
  readonly bound: Bound
}

/** An attempt that is over. */
interface Done {
  readonly endpoint: Endpoint
  readonly end: AttemptEnd
  readonly account: Account
  /** Milliseconds from the request's arrival. */
  readonly startedAfter: number
  readonly span: AttemptSpan | null
}

export class Generation {
  readonly parts: GenerationParts
  readonly opening: OpenGeneration
  /** On every answer to it. */
  readonly headers: Readonly<Record<string, string>>
  readonly #done: Done[] = []
  readonly #passedOver: { readonly endpoint: Endpoint; readonly reason: string }[] = []
  #running: RunningAttempt | null = null
  #tape: ExchangeTape | null = null
  #span: GenerationSpan | null = null
  #hasLeft = false
  #stopped: Failure | null = null
  /** What the client was told. */
  #status = 200

  constructor(parts: GenerationParts) {
    const { context, question, who, requestId, arrivedAt, bound } = parts
    const [model = ''] = question.models
    this.parts = parts
    this.opening = {
      id: generationId(arrivedAt),
      keyId: who.id,
      replica: context.replica,
      at: arrivedAt,
      requestId,
      dialect: question.dialect === embeddings ? 'embeddings' : question.dialect.name,
      model,
      isStream: question.isStream,
      user: question.user,
      session: question.session,
      boundMoney: bound.money,
      boundTokens: bound.inputTokens + bound.outputTokens,
    }
    this.headers = { 'x-generation-id': this.opening.id, 'x-request-id': requestId }
  }

  /** Why nothing more is to be tried: the client left, or the gateway ends. */
  get isOver(): boolean {
    return this.#hasLeft || this.#stopped !== null
  }

  get stopped(): Failure | null {
    return this.#stopped
  }

  get attempts(): number {
    return this.#done.length
  }

  /** What is charged for the attempts so far. */
  get cost(): Money {
    return this.#costOf((endpoint) => !endpoint.isByok)
  }

  /** What they took of limits, in money and tokens. */
  get used(): { readonly money: Money; readonly tokens: number } {
    const tokens = this.#done.reduce(
      (sum, { account: { usage } }) => sum + usage.inputTokens + usage.outputTokens,
      0,
    )
    return { money: this.#costOf((endpoint) => endpoint.isCounted), tokens }
  }

  /** The failures so far, for `previous_errors`. */
  get failures(): readonly { readonly endpoint: Endpoint; readonly failure: Failure }[] {
    return this.#done.flatMap(({ endpoint, end: { outcome } }) =>
      outcome.type === 'failure' ? [{ endpoint, failure: outcome.failure }] : [],
    )
  }

  running(attempt: RunningAttempt): void {
    this.#running = attempt
    if (this.#hasLeft) attempt.leave()
    if (this.#stopped !== null) attempt.stop(this.#stopped)
  }

  add(done: Done): void {
    this.#running = null
    this.#done.push(done)
    done.span?.end(attemptRecord(done))
  }

  /** Made when it is first asked for: what is refused has none. Null where nobody wants spans. */
  get span(): GenerationSpan | null {
    const { current, question, clientHeaders } = this.parts
    if (current.telemetry === null) return null
    this.#span ??= current.telemetry.begin(this.opening, {
      operation: question.dialect === embeddings ? 'embeddings' : 'chat',
      maxOutputTokens: question.maxOutputTokens,
      headers: clientHeaders,
    })
    return this.#span
  }

  /** An endpoint that cannot be asked this. */
  passOver(endpoint: Endpoint, reason: string): void {
    this.#passedOver.push({ endpoint, reason })
  }

  leave(): void {
    this.#hasLeft = true
    this.#running?.leave()
  }

  stop(cause: Failure): void {
    this.#stopped = cause
    this.#running?.stop(cause)
  }

  refusedWith(status: number): void {
    this.#status = status
  }

  /** From now on its exchanges are put on a tape of its own. What cannot be recorded is answered all the same. */
  async putOnTape(): Promise<void> {
    const { context, current } = this.parts
    try {
      this.#tape = await openExchangeTape(
        current.configuration.recording.folder,
        this.opening.id,
        this.opening.at,
      )
    } catch (error) {
      context.log({
        level: 'error',
        event: 'not recorded',
        generation: this.opening.id,
        problem: problemOf(error),
      })
    }
  }

  /** What should never happen is said in the log, as far as it is ours: where, and not in what answer. */
  thrown(error: unknown): void {
    const { log } = this.parts.context
    const { name, stack = '' } = error instanceof Error ? error : new Error('not an error')
    const at = stack.split('\n').filter((line) => /^\s+at /.test(line))
    log({
      level: 'error',
      event: 'attempt broke',
      generation: this.opening.id,
      error: name,
      stack: at.join('\n'),
    })
  }

  /** The way to an upstream, by way of the tape where there is one. */
  way(transport: Transport): Transport {
    return this.#tape?.through(transport) ?? transport
  }

  /** Writes it down. A store that does not answer is said in the log, with all that would have been written. */
  async settle(): Promise<void> {
    const { context } = this.parts
    const settlement = this.#settlement(context.now())
    this.#tell(settlement)
    await this.#stopTape()
    try {
      await context.store.settle(settlement)
    } catch (error) {
      const { tape: _tape, story: _story, attempts: _attempts, ...rest } = settlement
      const lost = JSON.stringify(rest, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      const problem = problemOf(error)
      context.log({
        level: 'error',
        event: 'generation not settled',
        generation: this.opening.id,
        problem,
        lost,
      })
    }
    this.span?.end(settlement)
  }

  /** What looks like a secret is masked on the tape, and said. */
  async #stopTape(): Promise<void> {
    try {
      await this.#tape?.stop()
    } catch (error) {
      const { log } = this.parts.context
      log({
        level: 'warn',
        event: 'recorded with a finding',
        generation: this.opening.id,
        problem: problemOf(error),
      })
    }
  }

  #costOf(isMeant: (endpoint: Endpoint) => boolean): Money {
    return storable(
      this.#done.reduce((sum, { endpoint, account }) => (isMeant(endpoint) ? sum + account.cost : sum), 0n),
    )
  }

  #settlement(now: number): Settlement {
    const { question, route, who } = this.parts
    const last = this.#done.at(-1)
    const usages = this.#done.map(({ account }) => account.usage)
    const sum = (pick: (usage: Account['usage']) => number): number =>
      usages.reduce((all, usage) => all + pick(usage), 0)
    const outcome = last?.end.outcome
    const answer = outcome?.type === 'answer' ? outcome : null
    return {
      id: this.opening.id,
      keyId: this.opening.keyId,
      at: now,
      outcome: this.#outcome(),
      status: this.#status,
      endpoint: last?.endpoint.id ?? null,
      provider: last?.endpoint.provider.name ?? null,
      upstreamId: answer === null || answer.id === '' ? null : answer.id,
      inputTokens: sum((usage) => usage.inputTokens),
      outputTokens: sum((usage) => usage.outputTokens),
      cachedInputTokens: sum((usage) => usage.cachedInputTokens),
      cacheWriteTokens: sum((usage) => usage.cacheWriteTokens ?? 0),
      reasoningTokens: sum((usage) => usage.reasoningTokens),
      cost: this.cost,
      providerCost: addKnown(this.#done.map(({ account }) => account.reported)),
      catalogueCost: addAll(this.#done.map(({ account }) => account.catalogue)),
      isEstimated: this.#done.some(({ account }) => account.isEstimated),
      isByok: last?.endpoint.isByok ?? false,
      byokCost: this.#costOf((endpoint) => endpoint.isByok),
      countsByok: who.countsByok,
      finishReason: answer?.finishReason ?? null,
      rawFinishReason: answer?.rawFinishReason ?? null,
      firstTokenAfter: firstTokenOf(last),
      duration: now - this.opening.at,
      attempts: this.#done.map(attemptRecord),
      story: storyOf(question, route, this.#passedOver),
      tape: this.#tape?.file ?? null,
    }
  }

  #outcome(): Outcome {
    const last = this.#done.at(-1)?.end
    if (last?.outcome.type === 'answer' && !last.isCancelled) return 'answered'
    return this.#hasLeft ? 'cancelled' : 'failed'
  }

  /** To the log and to Prometheus. */
  #tell(settlement: Settlement): void {
    const { context, who } = this.parts
    const { outcome, provider, inputTokens, outputTokens, cost, duration, firstTokenAfter, status } =
      settlement
    context.metrics.generation({
      model: this.opening.model,
      provider: provider ?? 'none',
      outcome,
      seconds: duration / 1000,
      firstTokenSeconds: firstTokenAfter === null ? null : firstTokenAfter / 1000,
      inputTokens,
      outputTokens,
      dollars: Number(cost) / 1e12,
    })
    context.log({
      level: outcome === 'failed' ? 'warn' : 'info',
      event: 'generation',
      requestId: this.opening.requestId,
      generation: this.opening.id,
      key: who.id,
      model: this.opening.model,
      provider,
      outcome,
      status,
      attempts: settlement.attempts.length,
      inputTokens,
      outputTokens,
      cost: dollars(cost),
      duration,
      firstTokenAfter,
    })
  }
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Null where none is known. */
function addKnown(amounts: readonly (Money | null)[]): Money | null {
  const known = amounts.filter((amount) => amount !== null)
  return known.length === 0 ? null : storable(known.reduce((sum, amount) => sum + amount, 0n))
}

/** Null where one is not known. */
function addAll(amounts: readonly (Money | null)[]): Money | null {
  return amounts.includes(null) ? null : addKnown(amounts)
}

function firstTokenOf(done: Done | undefined): number | null {
  const after = done?.end.firstTokenAfter ?? null
  return done === undefined || after === null ? null : done.startedAfter + after
}

function attemptRecord({ endpoint, end, account, startedAfter }: Done): AttemptRecord {
  const { outcome, status, duration, firstTokenAfter } = end
  return {
    endpoint: endpoint.id,
    provider: endpoint.provider.name,
    startedAfter,
    duration,
    firstTokenAfter,
    status,
    outcome: outcome.type === 'answer' ? 'answer' : end.isCancelled ? 'cancelled' : outcome.failure.code,
    message: outcome.type === 'answer' ? null : outcome.failure.message.slice(0, 500),
    inputTokens: account.usage.inputTokens,
    outputTokens: account.usage.outputTokens,
    cost: account.cost,
    ...(endpoint.isByok && { isByok: true }),
  }
}

/** As OpenRouter's: `gen-<seconds>-<20 letters and digits>`. */
function generationId(now: number): string {
  return `gen-${Math.floor(now / 1000)}-${letters(20)}`
}
