/** Writes what Bedrock's own tools were asked and said, in requests and answers alike. */
import type { Unread } from '../json.ts'
import type { ProviderCall, ProviderResult } from '../message.ts'
import { name } from './name.ts'

/** None for the tools of others: they have names that Bedrock does not know. */
export function encodeProviderPart(part: ProviderCall | ProviderResult): Unread[] {
  const { type, id: toolUseId, name: called, data } = part
  const own = data?.[name]
  if (own === undefined) return []
  if (type === 'provider-call')
    return [{ toolUse: { toolUseId, name: called, input: part.input, type: 'server_tool_use' } }]
  return [{ toolResult: { toolUseId, content: part.output, type: called || undefined, ...own } }]
}
