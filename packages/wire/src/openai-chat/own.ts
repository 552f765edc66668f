/** What of a message, part, tool or request is only this dialect's. */
import type { JsonObject, ProviderData, ToolCall } from '../message.ts'

/** The dialect's name. */
export const dialect = 'openai-chat'

/** What the dialect has beyond the canonical form. */
export function ownOf({ data }: { readonly data?: ProviderData }): JsonObject | undefined {
  return data?.[dialect]
}

/** Data of this dialect alone. */
export function own(fields: JsonObject): ProviderData {
  return { [dialect]: fields }
}

/** Whether a call is one of a custom tool of OpenAI's, which takes any text: the field that says so is all it has. */
export function isCustom(call: Pick<ToolCall, 'data'>): boolean {
  return ownOf(call)?.['type'] === 'custom'
}
