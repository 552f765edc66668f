/** Names of tools, where they are of letters, digits, `_` and `-` only. */
import type { ToolCall } from './message.ts'
import type { FunctionTool } from './request.ts'
import { unsupported } from './strict.ts'

/** Models call tools by names that there are not, which APIs refuse in the history, too: they are made to fit. */
export function calledName({ name }: ToolCall, most: number): string {
  return name.replaceAll(/[^\w-]/g, '_').slice(0, most) || '_'
}

/** The name of a tool, which its caller must know again. Throws a WireError for one that is not allowed. */
export function toolName({ name }: FunctionTool, most: number, path: string): string {
  if (/^[\w-]+$/.test(name) && name.length <= most) return name
  throw unsupported(`a name has up to ${most} letters, digits, "_" and "-"`, `${path}.name`)
}
