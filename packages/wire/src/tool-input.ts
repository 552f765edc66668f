/** Tool input between text and JSON. */
import { isObject, parseJson, stringifyJson } from './json.ts'
import { isShallow } from './kept-fields.ts'
import type { JsonObject, ToolCall } from './message.ts'
import { isAbsent } from './strict.ts'

/**
 * For dialects that take JSON: the input as an object, which is all that a tool can be called with. Words that are no such thing (a model
 * wrote them, and reads them again in the history) stand in a field of one.
 */
export function inputObject({ inputText }: Pick<ToolCall, 'inputText'>): JsonObject {
  if (inputText.trim() === '') return {}
  const parsed = parseJson(inputText)
  if (parsed === undefined || !isShallow(parsed)) return { input: inputText }
  return (isObject(parsed) ? parsed : { input: parsed }) as JsonObject
}

/** The input as text, where a server sends JSON: its own words are not told. */
export function inputTextOf(wire: unknown): string {
  if (typeof wire === 'string') return wire
  return isAbsent(wire) ? '' : stringifyJson(wire)
}
