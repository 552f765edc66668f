/** What of a message, part, tool or request is only this dialect's. */
import type { JsonObject, ProviderData } from '../message.ts'

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
