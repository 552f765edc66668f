/** Decodes `finishReason`. https://ai.google.dev/api/generate-content#FinishReason */
import type { FinishReason } from '../answer.ts'

/** Google has many words for the same, and adds some with each kind of answer: `IMAGE_SAFETY`. */
const finishReasons: readonly (readonly [FinishReason, RegExp])[] = [
  ['stop', /^STOP$/],
  ['length', /^MAX_TOKENS$/],
  ['content-filter', /SAFETY|RECITATION|BLOCKLIST|PROHIBITED|^SPII$|MODEL_ARMOR/],
  ['error', /^MALFORMED_|_TOOL_CALL|^MISSING_/],
]

/** Decodes `finishReason`, which is `STOP` also where functions are called. One from the future is `other`. */
export function decodeFinishReason(wire: string | null, hasCalls: boolean): FinishReason {
  if (wire === 'STOP' && hasCalls) return 'tool-calls'
  return finishReasons.find(([, words]) => words.test(wire ?? ''))?.[0] ?? 'other'
}
