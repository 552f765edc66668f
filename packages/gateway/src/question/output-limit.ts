/** Where requests say how long an answer may be, and how many are wanted. */
import type { DialectName, Unread } from '@playhead/wire'
import { countOrNull, fieldOf, isAbsent, objectOrNull } from './fields.ts'
import { inBothForms, type Path, valueAt } from './path.ts'

/** Each dialect's fields for it; where several are there, the first counts. */
export const limitPaths: Readonly<Record<DialectName, readonly [Path, ...Path[]]>> = {
  'openai-chat': [['max_completion_tokens'], ['max_tokens']],
  'openai-responses': [['max_output_tokens']],
  'anthropic-messages': [['max_tokens']],
  gemini: inBothForms(['generationConfig', 'maxOutputTokens']),
  'bedrock-converse': [['inferenceConfig', 'maxTokens']],
  cohere: [['max_tokens']],
  ollama: [['options', 'num_predict']],
}

const countPaths: Readonly<Partial<Record<DialectName, readonly Path[]>>> = {
  'openai-chat': [['n']],
  gemini: inBothForms(['generationConfig', 'candidateCount']),
}

/** The most tokens that one answer may have; null where the request does not say. Throws an HttpError for what is no count. */
export function readLimit(dialect: DialectName, body: Unread): number | null {
  return firstCount(limitPaths[dialect], body, dialect === 'ollama')
}

/** How many answers are wanted; the most that is said, where it is said twice. Throws an HttpError for what is no count. */
export function readCount(dialect: DialectName, body: Unread): number {
  const counts = countPaths[dialect]?.map((path) => firstCount([path], body) ?? 1) ?? []
  return Math.max(1, ...counts)
}

/** Ollama's limit is none where it is negative. */
function firstCount(paths: readonly Path[], body: Unread, isNoneBelowZero = false): number | null {
  let first: number | null = null
  for (const path of paths) {
    const [name, inner] = path
    if (inner !== undefined) objectOrNull(fieldOf(body, name), name)
    const value = valueAt(body, path)
    if (isAbsent(value)) continue
    if (isNoneBelowZero && typeof value === 'number' && value < 0) continue
    const count = countOrNull(value, inner === undefined ? name : `${name}.${inner}`)
    first ??= count
  }
  return first
}
