/** Decodes tools, and calls of tools. */
import { isObject, stringOr, type Unread } from '../json.ts'
import type { CacheBreakpoint, JsonObject, ProviderData, ToolCall } from '../message.ts'
import { parseJson } from '../json.ts'
import type { FunctionTool, ToolDefinition } from '../request.ts'
import { isAbsent, objectAt, stringAt, unsupported } from '../strict.ts'
import { encodeToolCall } from './encode-message.ts'
import { encodeTool } from './encode-request.ts'
import { leftOut } from './exact.ts'
import { dialect, own } from './own.ts'
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
  if (!isObject(wire) || !isObject(wire['function'])) throw unsupported('only functions can be called', path)
  const { name, arguments: input } = wire['function']
  const written = typeof input === 'string' ? input : isAbsent(input) ? '' : JSON.stringify(input)
  const inputText = written.trim() === '' ? '{}' : written
  const id = stringOr(wire['id']) ?? ''
  const call: ToolCall = {
    type: 'tool-call',
    id,
    name: stringOr(name) ?? '',
    input: parseJson(inputText),
    inputText,
    ...decodeCache(wire),
  }
  const more = leftOut(wire, encodeToolCall(call, reference))
  const signature = signatureOf(wire) ?? signatures.get(id)
  const data: ProviderData = {
    ...(more !== undefined && own(more)),
    ...(signature !== undefined && { gemini: { thoughtSignature: signature } }),
  }
  return Object.keys(data).length > 0 ? { ...call, data } : call
}

function signatureOf({ extra_content: extra }: Unread): string | undefined {
  const google = isObject(extra) ? extra['google'] : undefined
  return (isObject(google) ? stringOr(google['thought_signature']) : null) ?? undefined
}
