/** What one request asks of endpoints, read once for all of them. */
import { type Money, readMoney } from '../money.ts'
import type { Preferences, Question } from '../question.ts'
import type { Allowed } from './route.ts'
import { slugOf } from './slug.ts'

export interface Wishes {
  readonly question: Question
  readonly preferences: Preferences
  /** As slugs; null: all. */
  readonly allowedProviders: readonly string[] | null
  readonly order: readonly string[] | null
  readonly only: readonly string[] | null
  readonly ignore: readonly string[]
  /** Pico-dollars: for a million tokens, and for a request; null: any. */
  readonly maxPrompt: Money | null
  readonly maxCompletion: Money | null
  readonly maxRequest: Money | null
  /** The prompt has no fewer tokens than this, whatever the tokenizer. */
  readonly leastTokens: number
  /** The prompt may have as many as this: where media stand in it, a guess. */
  readonly mostTokens: number
  /** Parameters that endpoints known to honour them are preferred for. */
  readonly preferred: readonly string[]
}

/** Few tokens of a text have more bytes; those of runs of blanks may. What a bound has beside the text is not counted. */
const longestToken = 8
const besideText = 1000

/** https://openrouter.ai/docs/guides/routing/provider-selection: preferred, not required. */
const softlyPreferred: ReadonlySet<string> = new Set([
  'tools',
  'tool_choice',
  'response_format',
  'structured_outputs',
  'verbosity',
])

export function wishesOf(question: Question, allowed: Allowed): Wishes {
  const { preferences, inputTokensBound, parameters } = question
  const { order, only, ignore, maxPrice } = preferences
  return {
    question,
    preferences,
    allowedProviders: slugsOf(allowed.providers),
    order: order === null || order.length === 0 ? null : slugsOf(order),
    only: only === null || only.length === 0 ? null : slugsOf(only),
    ignore: ignore.map(slugOf),
    maxPrompt: limit(maxPrice.prompt),
    maxCompletion: limit(maxPrice.completion),
    maxRequest: limit(maxPrice.request),
    leastTokens: Math.max(0, Math.floor(((inputTokensBound ?? 0) - besideText) / longestToken)),
    mostTokens: inputTokensBound ?? Buffer.byteLength(question.text),
    preferred: parameters.filter((name) => softlyPreferred.has(name)),
  }
}

function slugsOf(texts: readonly string[] | null): readonly string[] | null {
  return texts === null ? null : texts.map(slugOf)
}

function limit(said: string | undefined): Money | null {
  return said === undefined ? null : readMoney(said)
}

/** Whether a key may use a model: `openai/*` stands for all that begin so. */
export function allowsModel({ models }: Allowed, name: string): boolean {
  if (models === null) return true
  return models.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}
