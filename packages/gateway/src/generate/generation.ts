/** One generation while it is under way: its attempts, its tape, its end. */
import type { Failure } from '@playhead/wire'
import type { Context, Current } from '../context.ts'
import type { Endpoint } from '../endpoint.ts'
import { generationId } from '../ids.ts'
import type { LogEntry } from '../log.ts'
import { dollars, type Money } from '../money.ts'
import type { Question } from '../question.ts'
import { type ExchangeTape, openExchangeTape } from '../record/exchange-tape.ts'
import type { Exclusion, Route, StickyKey } from '../route/route.ts'
import type { KeyRecord, OpenGeneration, Settlement } from '../store/store.ts'
import type { GenerationSpan } from '../telemetry.ts'
import { messageOf } from '../thrown.ts'
import type { RunningAttempt } from './attempt-parts.ts'
import type { Bound } from './bound.ts'
import { embeddings } from './embeddings.ts'
import type { Transport } from '../transport/transport.ts'
import { attemptRecord, costOf, type Done, settlementOf, usedBy } from './settlement.ts'

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

export class Generation {
  readonly parts: GenerationParts
  readonly opening: OpenGeneration
  /** On every answer to it, beside the request's id. */
  readonly headers: Readonly<Record<string, string>>
  readonly #done: Done[] = []
  readonly #passedOver: Exclusion[] = []
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
    this.headers = { 'x-generation-id': this.opening.id }
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
    return costOf(this.#done)
  }

  /** What they took of limits, in money and tokens. */
  get used(): { readonly money: Money; readonly tokens: number } {
    return usedBy(this.#done)
  }

  /** The failures so far. */
  get failures(): readonly { readonly endpoint: Endpoint; readonly failure: Failure }[] {
    return this.#done.flatMap(({ endpoint, end: { outcome } }) =>
      outcome.type === 'failure' ? [{ endpoint, failure: outcome.failure }] : [],
    )
  }

  /** Who is not asked, and why: by the route, and since. */
  get exclusions(): readonly Exclusion[] {
    return [...this.parts.route.exclusions, ...this.#passedOver]
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
    this.#passedOver.push({
      model: endpoint.model,
      endpoint: endpoint.id,
      provider: endpoint.provider.name,
      code: 'untranslatable',
      reason,
    })
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
    const { current } = this.parts
    try {
      this.#tape = await openExchangeTape(
        current.configuration.recording.folder,
        this.opening.id,
        this.opening.at,
      )
    } catch (error) {
      this.#log('error', 'not recorded', { problem: messageOf(error) })
    }
  }

  /** What should never happen is said in the log, as far as it is ours: where, and not in what answer. */
  thrown(error: unknown): void {
    const { name, stack = '' } = error instanceof Error ? error : new Error('not an error')
    const at = stack.split('\n').filter((line) => /^\s+at /.test(line))
    this.#log('error', 'attempt broke', { error: name, stack: at.join('\n') })
  }

  /** The way to an upstream, by way of the tape where there is one. */
  way(transport: Transport): Transport {
    return this.#tape?.through(transport) ?? transport
  }

  /** Writes it down. A store that does not answer is said in the log, with all that would have been written. */
  async settle(): Promise<void> {
    const { context, question, route, who } = this.parts
    const settlement = settlementOf({
      opening: this.opening,
      question,
      route,
      countsByok: who.countsByok,
      done: this.#done,
      exclusions: this.exclusions,
      hasLeft: this.#hasLeft,
      status: this.#status,
      tape: this.#tape?.file ?? null,
      now: context.now(),
    })
    this.#tell(settlement)
    if (this.#tape !== null) await this.#stopTape(this.#tape)
    try {
      await context.store.settle(settlement)
    } catch (error) {
      const { tape: _tape, story: _story, attempts: _attempts, ...rest } = settlement
      const lost = JSON.stringify(rest, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      this.#log('error', 'generation not settled', { problem: messageOf(error), lost })
    }
    this.span?.end(settlement)
  }

  /** What looks like a secret is masked on the tape, and said. */
  async #stopTape(tape: ExchangeTape): Promise<void> {
    try {
      await tape.stop()
    } catch (error) {
      this.#log('warn', 'recorded with a finding', { problem: messageOf(error) })
    }
  }

  #log(level: LogEntry['level'], event: string, fields: Omit<LogEntry, 'level' | 'event'>): void {
    const { id, requestId } = this.opening
    this.parts.context.log({ level, event, requestId, generation: id, ...fields })
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
    this.#log(outcome === 'failed' ? 'warn' : 'info', 'generation', {
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
