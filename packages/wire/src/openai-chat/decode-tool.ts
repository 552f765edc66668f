/** Decodes tools, and calls of tools. */
import { isObject, stringOr, type Unread } from '../json.ts'
import type { CacheBreakpoint, JsonObject, ProviderData, ToolCall } from '../message.ts'
import { parseJson } from '../json.ts'
import type { FunctionTool, ToolDefinition } from '../request.ts'
import { isAbsent, objectAt, stringAt, unsupported } from '../strict.ts'
import { encodeToolCall } from './encode-message.ts'
import { encodeTool } from './encode-request.ts'
import { leftOut } from './exact.ts'
import { dialect, own, ownOf } from './own.ts'
import { reference } from './reference.ts'

/** A function, or a tool that the provider brings along: `{type: 'openrouter:web_search'}`. */
export function decodeTool(wire: unknown, index: number): ToolDefinition {
  const path = `tools[${index}]`
  const tool = objectAt(wire, path)
  const { type } = tool
  if (!isObject(tool['function']) && type !== 'function') {
    stringAt(type, `${path}.type`)
    return { type: 'provider', dialect, definition: tool as JsonObject }
  }
  const decoded = decodeInner(objectAt(tool['function'], `${path}.function`), `${path}.function`)
  const cached = { ...decoded, ...decodeCache(tool) }
  const more = leftOut(tool, encodeTool(cached, path, reference) as Unread)
  return more === undefined ? cached : { ...cached, data: own(more) }
}

/** An element of `functions`, which is what tools once were. */
export function decodeFunction(wire: unknown, index: number): FunctionTool {
  const path = `functions[${index}]`
  return decodeInner(objectAt(wire, path), path)
}

function decodeInner(wire: Unread, path: string): FunctionTool {
  const { name, description, parameters, strict } = wire
  return {
    type: 'function',
    name: stringAt(name, `${path}.name`),
    description: stringOr(description) ?? '',
    inputSchema: (isAbsent(parameters) ? {} : objectAt(parameters, `${path}.parameters`)) as JsonObject,
    ...(typeof strict === 'boolean' && { strict }),
  }
}

/** `cache_control`, as a breakpoint. What else it may say is found by comparing. */
export function decodeCache(wire: Unread): { readonly cache?: CacheBreakpoint } {
  const control = wire['cache_control']
  if (!isObject(control)) return {}
  const ttl = stringOr(control['ttl'])
  return { cache: ttl === null ? {} : { ttl } }
}

/** A call in an assistant's message. Gemini's signature of it is Gemini's data too, for a server that speaks that. */
export function decodeToolCall(
  wire: unknown,
  path: string,
  signatures: ReadonlyMap<string, string>,
): ToolCall {
  const fields = objectAt(wire, path)
  const id = stringOr(fields['id']) ?? ''
  const call: ToolCall = {
    type: 'tool-call',
    id,
    ...decodeCalled(fields, path),
    ...decodeCache(fields),
  }
  const more = { ...ownOf(call), ...leftOut(fields, encodeToolCall(call, reference)) }
  const signature = signatureOf(fields) ?? signatures.get(id)
  const data: ProviderData = {
    ...(Object.keys(more).length > 0 && own(more)),
    ...(signature !== undefined && { gemini: { thoughtSignature: signature } }),
  }
  return Object.keys(data).length > 0 ? { ...call, data } : call
}

type Called = Pick<ToolCall, 'name' | 'input' | 'inputText' | 'data'>

/** A function's arguments are JSON, and nothing is none; a custom tool takes its text as it is. */
function decodeCalled(call: Unread, path: string): Called {
  const type = call['type'] === 'custom' ? 'custom' : 'function'
  const inner = call[type]
  if (!isObject(inner)) throw unsupported('only functions and custom tools can be called', path)
  const name = stringOr(inner['name']) ?? ''
  if (type === 'custom') {
    const inputText = stringAt(inner['input'], `${path}.custom.input`)
    return { name, input: parseJson(inputText), inputText, data: own({ type }) }
  }
  const { arguments: input } = inner
  const written = typeof input === 'string' ? input : isAbsent(input) ? '' : JSON.stringify(input)
  const inputText = written.trim() === '' ? '{}' : written
  return { name, input: parseJson(inputText), inputText }
}

function signatureOf({ extra_content: extra }: Unread): string | undefined {
  const google = isObject(extra) ? extra['google'] : undefined
  return (isObject(google) ? stringOr(google['thought_signature']) : null) ?? undefined
}
