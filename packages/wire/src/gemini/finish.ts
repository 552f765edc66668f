/** Decodes `finishReason`. https://ai.google.dev/api/generate-content#FinishReason */
import type { FinishReason } from '../answer.ts'

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ...[
    'SAFETY',
    'RECITATION',
    'BLOCKLIST',
    'PROHIBITED_CONTENT',
    'SPII',
    'MODEL_ARMOR',
    'IMAGE_SAFETY',
    'IMAGE_PROHIBITED_CONTENT',
    'IMAGE_RECITATION',
  ].map((reason) => [reason, 'content-filter'] as const),
  ...[
    'MALFORMED_FUNCTION_CALL',
    'MALFORMED_RESPONSE',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'MISSING_THOUGHT_SIGNATURE',
  ].map((reason) => [reason, 'error'] as const),
])

/** Decodes `finishReason`, which is `STOP` also where functions are called. One from the future is `other`. */
export function decodeFinishReason(wire: string | null, hasCalls: boolean): FinishReason {
  if (wire === null) return 'other'
  return wire === 'STOP' && hasCalls ? 'tool-calls' : (finishReasons.get(wire) ?? 'other')
}
