/** Fields without a canonical form, kept under this dialect's name. */
import { given } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import { keepShallow, kept, without } from '../kept-fields.ts'
import type { JsonObject, ProviderData } from '../message.ts'

export const name = 'anthropic-messages'

/** The fields of ours that something carries. */
export function keptFields(owner: { readonly data?: ProviderData }): JsonObject {
  return kept(name, owner)
}

/**
 * Keeps an object's fields but for some. A null says nothing, nor does a `caller` that is the model itself, which
 * is the default; what is nested too deeply to be written again is not kept.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
 */
export function keepRest(wire: Unread, names: readonly string[]): { readonly data?: ProviderData } {
  const isDirect = objectOr(wire['caller'])['type'] === 'direct'
  const rest = given(without(wire, isDirect ? [...names, 'caller'] : names))
  return keepShallow(name, rest)
}
