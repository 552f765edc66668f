/** The parts in which Google's own tools are called and answer. https://ai.google.dev/api/caching#Part */
import { stringIn, type Unread } from '../json.ts'

/** By the field of the part. */
export const providerParts: ReadonlyMap<string, 'provider-call' | 'provider-result'> = new Map([
  ['executableCode', 'provider-call'],
  ['codeExecutionResult', 'provider-result'],
  ['toolCall', 'provider-call'],
  ['toolResponse', 'provider-result'],
])

/** The tool's name, as other dialects would say it; without a type, it is the one that runs code. */
export function nameOfTool(wire: Unread): string {
  return stringIn(wire, 'toolType')?.toLowerCase() ?? 'code_execution'
}
