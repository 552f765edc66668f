/** Budgets as assertions: what a tape may cost, and how long it may take. */
import { AssertionError } from 'node:assert'
import { addCosts, type Cost, decodeCost } from '@playhead/wire'
import { measure, type Measured, type MeasuredCall, type Taped } from './measure.ts'

/** What the calls on a tape cost in dollars, failed attempts included; exact. A cost that nobody told fails. */
export function expectCost(taped: Taped): { atMost(most: string): Promise<void> } {
  return {
    async atMost(most) {
      const limit = decodeCost(most)
      if (limit === null) throw new TypeError(`"${most}" is no amount of dollars, such as "0.01"`)
      const measured = await measure(taped)
      const isUntold = measured.calls.some(({ cost, isAnswer }) => cost === null && isAnswer)
      const sum = addCosts(measured.calls.map(({ cost }) => cost ?? '0'))
      if (isUntold)
        fail(measured, `cost what not every answer tells, $${limit} at most were expected`, costOf)
      if (isMore(sum, limit)) fail(measured, `cost $${sum}, $${limit} at most were expected`, costOf)
    },
  }
}

function costOf({ cost, isAnswer }: MeasuredCall): string {
  if (cost !== null) return `$${cost}`
  return isAnswer ? 'not told' : 'failed'
}

function isMore(sum: Cost, limit: Cost): boolean {
  const rest = addCosts([limit, sum.startsWith('-') ? sum.slice(1) : `-${sum}`])
  return rest.startsWith('-')
}

/** So many tokens of each kind, or of both. */
export type TokenBudget = number | { readonly input?: number; readonly output?: number }

/** The tokens that the calls on a tape took, in and out, or each by itself. */
export function expectTokens(taped: Taped): { atMost(most: TokenBudget): Promise<void> } {
  return {
    async atMost(most) {
      const measured = await measure(taped)
      const input = sum(measured.calls, ({ usage }) => usage?.inputTokens ?? 0)
      const output = sum(measured.calls, ({ usage }) => usage?.outputTokens ?? 0)
      const limits: readonly [name: string, used: number, limit: number | undefined][] =
        typeof most === 'number'
          ? [['tokens', input + output, most]]
          : [
              ['input tokens', input, most.input],
              ['output tokens', output, most.output],
            ]
      if (measured.calls.some(({ usage, isAnswer }) => usage === null && isAnswer))
        fail(measured, 'took tokens that not every answer tells', tokensOf)
      for (const [name, used, limit = Infinity] of limits)
        if (!(used <= limit)) fail(measured, `took ${used} ${name}, ${limit} at most were expected`, tokensOf)
    },
  }
}

function tokensOf({ usage }: MeasuredCall): string {
  return usage === null ? 'not told' : `${usage.inputTokens} in, ${usage.outputTokens} out`
}

/** Answers of a model on a tape. Failed attempts are no steps. */
export function expectSteps(taped: Taped): {
  atMost(most: number): Promise<void>
  exactly(count: number): Promise<void>
} {
  const check = async (isRight: (steps: number) => boolean, wanted: string): Promise<void> => {
    const measured = await measure(taped)
    const steps = measured.calls.filter(({ isAnswer }) => isAnswer).length
    if (!isRight(steps)) fail(measured, `took ${steps} steps, ${wanted} expected`, stepOf)
  }
  return {
    atMost: (most) => check((steps) => steps <= most, `${most} at most were`),
    exactly: (count) => check((steps) => steps === count, `${count} were`),
  }
}

function stepOf({ isAnswer }: MeasuredCall): string {
  return isAnswer ? 'a step' : 'failed'
}

/** How long each answer on a tape let wait for its first event, in milliseconds, as recorded. */
export function expectFirstEvent(taped: Taped): { within(milliseconds: number): Promise<void> } {
  return {
    async within(milliseconds) {
      const measured = await measure(taped)
      const answers = measured.calls.filter(({ isAnswer }) => isAnswer)
      if (answers.length === 0) fail(measured, 'holds no answer', waitOf)
      const slowest = Math.max(...answers.map(({ firstEventAt }) => firstEventAt ?? Infinity))
      if (!(slowest <= milliseconds))
        fail(
          measured,
          `let wait ${Math.round(slowest)} ms for a first event, ${milliseconds} at most were expected`,
          waitOf,
        )
    },
  }
}

function waitOf({ firstEventAt: at }: MeasuredCall): string {
  return at === null ? 'none' : `after ${Math.round(at)} ms`
}

function sum(calls: readonly MeasuredCall[], count: (call: MeasuredCall) => number): number {
  return calls.reduce((total, call) => total + count(call), 0)
}

/** Says what each call had to do with it. */
function fail({ file, calls }: Measured, what: string, row: (call: MeasuredCall) => string): never {
  const rows = calls.map((call) => `  ${call.name}: ${row(call)}`)
  throw new AssertionError({ message: [`${file}: it ${what}`, ...rows].join('\n') })
}
