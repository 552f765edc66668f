/** A function as Cohere and Ollama describe it to a model: `{type, function: {name, description, parameters}}`. */
import type { DialectName } from './dialect-name.ts'
import type { Unread } from './json.ts'
import { keep, kept } from './kept-fields.ts'
import type { JsonObject } from './message.ts'
import type { FunctionTool, ToolDefinition } from './request.ts'
import { isAbsent, objectAt, shown, stringAt, unsupported } from './strict.ts'

/** Writes a tool. Throws a WireError for one that only another dialect can say. */
export function encodeFunctionTool(dialect: DialectName, tool: ToolDefinition, index: number): Unread {
  if (tool.type === 'provider') throw unsupported('a tool of another dialect', `tools[${index}]`)
  const { function: keptFunction, ...rest } = kept(dialect, tool)
  const { name, description, inputSchema } = tool
  return {
    type: 'function',
    function: {
      name,
      description: description || undefined,
      parameters: inputSchema,
      ...(keptFunction as object | undefined),
    },
    ...rest,
  }
}

/** Reads a tool; fields that are not known are kept. Throws a WireError for what is no function. */
export function decodeFunctionTool(dialect: DialectName, wire: unknown, index: number): FunctionTool {
  const path = `tools[${index}]`
  const { type, function: declared, ...rest } = objectAt(wire, path)
  if (!isAbsent(type) && type !== 'function') throw unsupported(`unknown tool ${shown(type)}`, `${path}.type`)
  const { name, description, parameters, ...others } = objectAt(declared, `${path}.function`)
  return {
    type: 'function',
    name: stringAt(name, `${path}.function.name`),
    description: isAbsent(description) ? '' : stringAt(description, `${path}.function.description`),
    inputSchema: (isAbsent(parameters)
      ? {}
      : objectAt(parameters, `${path}.function.parameters`)) as JsonObject,
    ...keep(dialect, { ...rest, ...(Object.keys(others).length > 0 && { function: others }) }),
  }
}
