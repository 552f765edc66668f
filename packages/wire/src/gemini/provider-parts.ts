/** The parts in which Google's own tools are called and answer. https://ai.google.dev/api/caching#Part */
import { stringOr, type Unread } from '../json.ts'

export interface ProviderPartKind {
  readonly type: 'provider-call' | 'provider-result'
  /** The tool's name, as other dialects would say it. */
  readonly nameOf: (wire: Unread) => string
}

const codeExecution = (): string => 'code_execution'
const toolType = (wire: Unread): string => (stringOr(wire['toolType']) ?? '').toLowerCase()

/** By the field of the part. */
export const providerParts: ReadonlyMap<string, ProviderPartKind> = new Map([
  ['executableCode', { type: 'provider-call', nameOf: codeExecution }],
  ['codeExecutionResult', { type: 'provider-result', nameOf: codeExecution }],
  ['toolCall', { type: 'provider-call', nameOf: toolType }],
  ['toolResponse', { type: 'provider-result', nameOf: toolType }],
])
