/** Fields without a canonical form, kept under this dialect's name. */
import { isObject, type Unread } from '../json.ts'
import { isShallow, keep, kept, without } from '../kept-fields.ts'
import type { JsonObject, ProviderData } from '../message.ts'
import { isAbsent } from '../strict.ts'

export const name = 'anthropic-messages'

/** The fields of ours that something carries. */
export function keptFields(owner: { readonly data?: ProviderData }): JsonObject {
  return kept(name, owner)
}

/**
 * Keeps an object's fields but for some. A null says nothing, nor does a `caller` that is the model itself, which
 * is the default; what is nested too deeply to be written again is not kept.
 */
export function keepRest(wire: Unread, names: readonly string[]): { readonly data?: ProviderData } {
  const rest = Object.entries(without(wire, names)).filter(
    ([field, value]) => !isAbsent(value) && !(field === 'caller' && isDirect(value)),
  )
  return keep(name, isShallow(rest) ? Object.fromEntries(rest) : {})
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling */
function isDirect(caller: unknown): boolean {
  return isObject(caller) && caller['type'] === 'direct' && Object.keys(caller).length === 1
}
