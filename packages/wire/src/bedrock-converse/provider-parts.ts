/** Writes what Bedrock's own tools were asked and said, in requests and answers alike. */
import type { Unread } from '../json.ts'
import type { AssistantPart } from '../message.ts'
import { name } from './name.ts'

/** None for the tools of others: they have names that Bedrock does not know. */
export function encodeProviderPart(part: AssistantPart): Unread[] {
  const own = part.data?.[name]
  if (own === undefined) return []
  if (part.type === 'provider-call')
    return [{ toolUse: { toolUseId: part.id, name: part.name, input: part.input, type: 'server_tool_use' } }]
  if (part.type !== 'provider-result') return []
  const status = part.isError ? 'error' : own['status']
  return [{ toolResult: { toolUseId: part.id, content: part.output, type: part.name || undefined, status } }]
}
