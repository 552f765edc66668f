/** Encodes a request. https://ai.google.dev/api/generate-content */
import { WireError } from '../error.ts'
import { isObject } from '../json.ts'
import type { Json, JsonObject } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { FunctionTool, ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { encodeContents } from './encode-contents.ts'
import { dataOf, encodeText, present } from './encode-parts.ts'
import { encodeSettings } from './encode-settings.ts'

/** Where a request goes. The model is part of it, and so is whether it streams. */
export function path({ model, stream }: ModelRequest, provider: Provider): string {
  const name = model
    .split('/')
    .map((word) => encodeURIComponent(word))
    .join('/')
  const folder =
    provider.host === 'vertex'
      ? `/publishers/google/models/${name.replace(/^models\//, '')}`
      : /^(?:models|tunedModels)\//.test(name)
        ? `/${name}`
        : `/models/${name}`
  return stream ? `${folder}:streamGenerateContent?alt=sse` : `${folder}:generateContent`
}

/** The request's body, its keys in one order. Throws a WireError for what Gemini cannot be told. */
export function encodeRequest(request: ModelRequest, provider: Provider): string {
  const { generationConfig, toolConfig, ...said } = dataOf(request.data) ?? {}
  const system = request.messages.filter((message) => message.role === 'system')
  const systemParts = system.flatMap(({ content }) => content.map(encodeText))
  const settings = merged(encodeSettings(request), generationConfig)
  const config = merged(encodeToolChoice(request.toolChoice), toolConfig)
  const body = {
    systemInstruction: systemParts.length > 0 ? { parts: systemParts } : undefined,
    tools: request.tools && encodeTools(request.tools),
    toolConfig: isEmpty(config) ? undefined : config,
    contents: encodeContents(request, provider),
    ...said,
    generationConfig: isEmpty(settings) ? undefined : settings,
  }
  try {
    return JSON.stringify(body)
  } catch (cause) {
    throw new WireError('unsupported', 'it is nested too deeply to be written', { path: '', cause })
  }
}

function isEmpty(fields: JsonObject): boolean {
  return Object.keys(fields).length === 0
}

/** What this dialect keeps goes before what the canonical form says; a null takes a field away. */
function merged(fields: JsonObject, kept: Json | undefined): JsonObject {
  if (!isObject(kept)) return fields
  const all = new Map<string, Json>(Object.entries(fields))
  for (const [key, value] of Object.entries(kept)) {
    const own = all.get(key)
    all.set(key, isObject(own) && isObject(value) ? merged(own, value) : value)
  }
  return present(Object.fromEntries(all))
}

/** Functions that follow each other stand in one object; each of Google's own tools in one. */
function encodeTools(tools: readonly ToolDefinition[]): JsonObject[] {
  const encoded: JsonObject[] = []
  let run: JsonObject[] | undefined
  for (const [index, tool] of tools.entries()) {
    if (tool.type === 'function') {
      if (run === undefined) {
        run = []
        encoded.push({ functionDeclarations: run })
      }
      run.push(encodeTool(tool))
      continue
    }
    if (tool.dialect !== 'gemini')
      throw new WireError('unsupported', `a tool of ${tool.dialect} cannot be asked for`, {
        path: `tools[${index}]`,
      })
    run = undefined
    encoded.push(tool.definition)
  }
  return encoded
}

/**
 * Schemas go as JSON Schema, into the field for it: `parameters` knows a part of OpenAPI's only. What stood
 * there is kept as it was.
 */
function encodeTool({ name, description, inputSchema, data }: FunctionTool): JsonObject {
  const said = dataOf(data)
  return {
    name,
    ...(description !== '' && { description }),
    ...(said?.['parameters'] === undefined && { parametersJsonSchema: inputSchema }),
    ...present(said),
  }
}

const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' } as const

function encodeToolChoice(choice: ToolChoice | undefined): JsonObject {
  if (choice === undefined) return {}
  return {
    functionCallingConfig: {
      mode: modes[choice.type],
      ...(choice.type === 'tool' && { allowedFunctionNames: [choice.name] }),
    },
  }
}
