/** Tool input for dialects that take it as JSON and not as text. */
import { isObject, parseJson } from './json.ts'
import { isShallow } from './kept-fields.ts'
import type { JsonObject, ToolCall } from './message.ts'

/**
 * The input as an object, which is all that a tool can be called with. Words that are no such thing (a model
 * wrote them, and reads them again in the history) stand in a field of one.
 */
export function inputObject({ inputText }: ToolCall): JsonObject {
  if (inputText.trim() === '') return {}
  const parsed = parseJson(inputText)
  if (parsed === undefined || !isShallow(parsed)) return { input: inputText }
  return (isObject(parsed) ? parsed : { input: parsed }) as JsonObject
}
