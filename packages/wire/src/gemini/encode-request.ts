/** Encodes a request; fields that are undefined are not written. https://ai.google.dev/api/generate-content */
import { given } from '../given.ts'
import { isObject, objectOr, type Unread } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { Provider } from '../provider.ts'
import type { FunctionTool, ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { unsupported } from '../strict.ts'
import { modelSegment } from '../url.ts'
import { encodeContents } from './encode-contents.ts'
import { dataOf, encodeText, isNothing } from './encode-parts.ts'
import { encodeSettings } from './encode-settings.ts'

/** Where a request goes. The model is part of it, and so is whether it streams. */
export function path({ model, stream }: ModelRequest, { host }: Provider): string {
  const name = modelSegment(model).replaceAll('%2F', '/')
  const folder =
    host === 'vertex'
      ? `publishers/google/models/${name.replace(/^models\//, '')}`
      : name.replace(/^(?!(tunedM|m)odels\/)/, 'models/')
  return `/${folder}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
}

/** The request's body, its keys in one order. Throws a WireError for what Gemini cannot be told. */
export function encodeRequest(request: ModelRequest, provider: Provider): string {
  const { generationConfig, toolConfig, ...kept } = dataOf(request.data) ?? {}
  const system = request.messages.filter((message) => message.role === 'system')
  const said = system.flatMap(({ content }) => content).filter((part) => !isNothing(part))
  const parts = said.map(encodeText)
  return writeRequest({
    systemInstruction: parts.length > 0 ? { parts } : undefined,
    tools: request.tools && encodeTools(request.tools),
    toolConfig: merged({ functionCallingConfig: encodeToolChoice(request.toolChoice) }, toolConfig),
    contents: encodeContents(request, provider),
    ...kept,
    generationConfig: merged(encodeSettings(request), generationConfig),
  })
}

/**
 * What this dialect keeps goes before what the canonical form says; a null takes a field away. Undefined where
 * nothing is left.
 */
function merged(fields: Unread, kept: unknown): Unread | undefined {
  const all = new Map(Object.entries(fields))
  for (const [key, value] of Object.entries(objectOr(kept))) {
    const own = all.get(key)
    all.set(key, isObject(own) && isObject(value) ? (merged(own, value) ?? {}) : value)
  }
  const left = given(Object.fromEntries(all))
  return Object.keys(left).length > 0 ? left : undefined
}

/** Functions that follow each other stand in one object; each of Google's own tools in one. */
function encodeTools(tools: readonly ToolDefinition[]): Unread[] {
  const encoded: Unread[] = []
  let run: Unread[] | undefined
  for (const [index, tool] of tools.entries()) {
    if (tool.type === 'function') {
      if (run === undefined) encoded.push({ functionDeclarations: (run = []) })
      run.push(encodeTool(tool))
      continue
    }
    if (tool.dialect !== 'gemini')
      throw unsupported(`a tool of ${tool.dialect} cannot be asked for`, `tools[${index}]`)
    run = undefined
    encoded.push(tool.definition)
  }
  return encoded
}

/**
 * Schemas go as JSON Schema, into the field for it: `parameters` knows a part of OpenAPI's only. What stood
 * there is kept as it was.
 */
function encodeTool({ name, description, inputSchema, data }: FunctionTool): Unread {
  const said = dataOf(data) ?? {}
  return {
    name,
    description: description || undefined,
    parametersJsonSchema: said['parameters'] === undefined ? inputSchema : undefined,
    ...given(said),
  }
}

const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' } as const

function encodeToolChoice(choice: ToolChoice | undefined): Unread | undefined {
  return (
    choice && {
      mode: modes[choice.type],
      allowedFunctionNames: choice.type === 'tool' ? [choice.name] : undefined,
    }
  )
}
