/** How two cassettes differ: as conversations, not as bytes. */
import { compareRequests } from '@playhead/tape'
import { addCosts, addUsage, conversation, type Cost, noUsage, type Usage } from '@playhead/wire'
import { isDeepStrictEqual } from 'node:util'
import { money, tokens } from '../terminal.ts'
import { align, type Pair, type Step } from './steps.ts'
import { type Run, wordDiff } from './word-diff.ts'

/** What differs between two steps. Times differ always, and are no difference. */
export type Change =
  | { readonly type: 'question'; readonly lines: readonly string[] }
  | { readonly type: 'text'; readonly runs: readonly Run[] }
  | { readonly type: 'tool-calls'; readonly before: readonly string[]; readonly after: readonly string[] }
  | {
      readonly type: 'field'
      readonly name: FieldName
      readonly before: string | null
      readonly after: string | null
    }

type FieldName = 'status' | 'model' | 'finish-reason' | 'error' | 'tokens' | 'cost' | 'body'

/** Two steps side by side. */
export interface StepDiff {
  readonly type: 'same' | 'changed' | 'missing' | 'new'
  readonly before: Step | null
  readonly after: Step | null
  readonly changes: readonly Change[]
}

/** What a cassette's interactions come to. */
export interface Totals {
  readonly interactions: number
  /** Of them: errors, and answers that broke off. */
  readonly failed: number
  readonly usage: Usage
  /** Of those that say it; null when none does. */
  readonly cost: Cost | null
  /** Milliseconds, one after the other. */
  readonly duration: number
}

export interface TapeDiff {
  readonly steps: readonly StepDiff[]
  readonly before: Totals
  readonly after: Totals
  readonly isEqual: boolean
}

export function diffSteps(before: readonly Step[], after: readonly Step[]): TapeDiff {
  const steps = align(before, after).map(diffPair)
  return {
    steps,
    before: totalsOf(before),
    after: totalsOf(after),
    isEqual: steps.every(({ type }) => type === 'same'),
  }
}

function diffPair([before, after]: Pair): StepDiff {
  if (before === null || after === null) {
    return { type: before === null ? 'new' : 'missing', before, after, changes: [] }
  }
  const changes = changesOf(before, after)
  return { type: changes.length === 0 ? 'same' : 'changed', before, after, changes }
}

function changesOf(before: Step, after: Step): readonly Change[] {
  const lines = questionChanges(before, after)
  const isText = before.text !== after.text
  const [calls, newCalls] = [before.toolCalls, after.toolCalls].map((list) => list.map(callText))
  const isCalls = !isDeepStrictEqual(before.toolCalls.map(callValue), after.toolCalls.map(callValue))
  return [
    ...(lines.length === 0 ? [] : [{ type: 'question' as const, lines }]),
    ...field('status', before.status, after.status),
    ...field('model', before.model, after.model),
    ...(isText ? [{ type: 'text' as const, runs: wordDiff(before.text, after.text) }] : []),
    ...(isCalls ? [{ type: 'tool-calls' as const, before: calls ?? [], after: newCalls ?? [] }] : []),
    ...field('finish-reason', before.finishReason, after.finishReason),
    ...field('error', before.error, after.error),
    ...field('tokens', before.usage && tokens(before.usage), after.usage && tokens(after.usage)),
    ...field('cost', before.cost && money(before.cost), after.cost && money(after.cost)),
    ...(before.body === after.body
      ? []
      : [
          { type: 'field' as const, name: 'body' as const, before: bodyText(before), after: bodyText(after) },
        ]),
  ]
}

function field(name: FieldName, before: string | number | null, after: string | number | null): Change[] {
  if (before === after) return []
  return [{ type: 'field', name, before: before?.toString() ?? null, after: after?.toString() ?? null }]
}

function questionChanges(before: Step, after: Step): readonly string[] {
  if (before.question === after.question) return []
  if (before.isAsked && after.isAsked) {
    const lines = conversation.explain(before.meaning(), after.meaning())
    if (lines.length > 0) return lines
  }
  return compareRequests(before.request(), after.request()).map(
    ({ path, expected, got }) => `${path}: ${valueText(expected)} → ${valueText(got)}`,
  )
}

function valueText(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`
}

/** How an input is written is not what it says. */
function callValue({ name, input, inputText }: Step['toolCalls'][number]): unknown {
  return { name, input: input === undefined ? inputText : input }
}

function callText({ name, inputText }: Step['toolCalls'][number]): string {
  return `${name} ${inputText}`
}

/** A body that no model said is shown by its size, and told apart by all of it. */
function bodyText({ body }: Step): string | null {
  return body === null ? null : `${body.length} characters`
}

function totalsOf(steps: readonly Step[]): Totals {
  const costs = steps.flatMap(({ cost }) => cost ?? [])
  return {
    interactions: steps.length,
    failed: steps.filter(({ error }) => error !== null).length,
    usage: steps.reduce((sum, { usage }) => (usage === null ? sum : addUsage(sum, usage)), noUsage),
    cost: costs.length === 0 ? null : addCosts(costs),
    duration: steps.reduce((sum, { duration }) => sum + duration, 0),
  }
}

/** What the second costs more than the first, exactly: `+0.0012`, `-0.3`, `0`. Null where one does not say. */
export function costDelta({ before, after }: Pick<TapeDiff, 'before' | 'after'>): string | null {
  if (before.cost === null || after.cost === null) return null
  const negated = before.cost.startsWith('-') ? before.cost.slice(1) : `-${before.cost}`
  const delta = addCosts([after.cost, negated])
  return delta.startsWith('-') || delta === '0' ? delta : `+${delta}`
}
