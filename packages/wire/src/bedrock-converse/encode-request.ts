/** Encodes a request for the Converse API. */
import { listOrNone } from '../given.ts'
import { kept, writeRequest } from '../kept-fields.ts'
import type { Unread } from '../json.ts'
import type { Message, ToolCall } from '../message.ts'
import type { FunctionTool, ModelRequest, OutputFormat, ToolChoice, ToolDefinition } from '../request.ts'
import { unsupported } from '../strict.ts'
import { calledName, toolName } from '../tool-name.ts'
import { encodeMessages, encodeText, nameLength, withCache } from './encode-messages.ts'
import { encodeSettings, some } from './model-fields.ts'
import { name } from './name.ts'

/** The request's body. Throws a WireError for what the dialect cannot say. */
export function encodeRequest(request: ModelRequest): string {
  const { model, messages, outputFormat, metadata } = request
  const { inferenceConfig, additionalModelRequestFields, outputConfig, ...rest } = kept(name, request)
  const [inference, modelFields] = encodeSettings(request)
  const system = messages.flatMap((message) => (message.role === 'system' ? message.content : []))
  return writeRequest({
    messages: encodeMessages(messages, model),
    system: listOrNone(system.flatMap((part) => withCache(encodeText(part), part, model))),
    inferenceConfig: some(inference, inferenceConfig),
    toolConfig: encodeTools(request),
    outputConfig: some({ textFormat: outputFormat && encodeFormat(outputFormat) }, outputConfig),
    additionalModelRequestFields: some(modelFields, additionalModelRequestFields),
    requestMetadata: some(encodeMetadata(metadata)),
    ...rest,
  })
}

function encodeFormat(format: OutputFormat): Unread | undefined {
  if (format.type === 'text') return undefined
  if (format.type === 'json') throw unsupported('JSON needs a schema', 'outputFormat')
  const { name: own, description, schema } = format
  const jsonSchema = { name: own || undefined, description, schema: writeRequest(schema) }
  return { type: 'json_schema', structure: { jsonSchema } }
}

/** Notes of few kinds of characters. */
function encodeMetadata(metadata: Readonly<Record<string, string>> = {}): Unread {
  const isAllowed = /^[\w\s:@$#=/+,.-]{1,256}$/
  return Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => isAllowed.test(key) && isAllowed.test(value)),
  )
}

/**
 * Where the history has calls, the API wants tools: without any, those that were called are named. There is no
 * word for "no calls": no tools say it, where the history has none.
 */
function encodeTools(request: ModelRequest): Unread | undefined {
  const { model, messages, toolChoice } = request
  const called = messages
    .flatMap(({ content }): readonly Message['content'][number][] => content)
    .filter((part) => part.type === 'tool-call')
  if (toolChoice?.type === 'none') {
    if (called.length === 0) return undefined
    throw unsupported('calls cannot be forbidden once there were some', 'toolChoice')
  }
  const tools = request.tools?.length ? request.tools : [...new Set(called.map(nameOf))].map(unknownTool)
  if (tools.length === 0) return undefined
  return {
    tools: tools.flatMap((tool, index) => encodeTool(tool, model, `tools[${index}]`)),
    toolChoice: toolChoice && encodeToolChoice(toolChoice),
  }
}

function nameOf(call: ToolCall): string {
  return calledName(call, nameLength)
}

function unknownTool(called: string): FunctionTool {
  return { type: 'function', name: called, description: '', inputSchema: {} }
}

function encodeToolChoice(choice: ToolChoice): Unread {
  if (choice.type === 'tool') return { tool: { name: choice.name } }
  return choice.type === 'required' ? { any: {} } : { auto: {} }
}

function encodeTool(tool: ToolDefinition, model: string, path: string): Unread[] {
  if (tool.type === 'provider') {
    if (tool.dialect !== name) throw unsupported('a tool of another dialect', path)
    return [tool.definition]
  }
  const { description, inputSchema, strict } = tool
  const toolSpec = {
    name: toolName(tool, nameLength, path),
    description: description || undefined,
    // A schema without a type is refused.
    inputSchema: { json: 'type' in inputSchema ? inputSchema : { type: 'object', ...inputSchema } },
    strict: strict || undefined,
    ...kept(name, tool),
  }
  return withCache([{ toolSpec }], tool, model)
}
