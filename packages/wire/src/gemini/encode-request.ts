/** Encodes a request; fields that are undefined are not written. https://ai.google.dev/api/generate-content */
import { given, listOrNone } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import { writeRequest } from '../kept-fields.ts'
import type { Provider } from '../provider.ts'
import type { FunctionTool, ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { unsupported } from '../strict.ts'
import { modelSegment } from '../url.ts'
import { encodeContents } from './encode-contents.ts'
import { encodePart, ownOf } from './encode-parts.ts'
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
  const { generationConfig, toolConfig, ...kept } = ownOf(request)
  const system = request.messages.flatMap(({ role, content }) => (role === 'system' ? content : []))
  return writeRequest({
    systemInstruction: merged({ parts: listOrNone(system.flatMap((part) => encodePart(part) ?? [])) }),
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
function merged(fields: Unread, kept?: unknown): Unread | undefined {
  const all = given({ ...fields, ...objectOr(kept) })
  return Object.keys(all).length > 0 ? all : undefined
}

/** Functions that follow each other stand in one object; each of Google's own tools in one. */
function encodeTools(tools: readonly ToolDefinition[]): Unread[] {
  const encoded: Unread[] = []
  let run: Unread[] = []
  for (const [index, tool] of tools.entries()) {
    if (tool.type === 'function') {
      if (run.length === 0) encoded.push({ functionDeclarations: run })
      run.push(encodeTool(tool))
    } else if (tool.dialect === 'gemini') {
      run = []
      encoded.push(tool.definition)
    } else throw unsupported(`a tool of ${tool.dialect} cannot be asked for`, `tools[${index}]`)
  }
  return encoded
}

/**
 * Schemas go as JSON Schema, into the field for it: `parameters` knows a part of OpenAPI's only. What stood
 * there is kept as it was.
 */
function encodeTool(tool: FunctionTool): Unread {
  const { name, description, inputSchema } = tool
  const own = ownOf(tool)
  return {
    name,
    description: description || undefined,
    parametersJsonSchema: own['parameters'] === undefined ? inputSchema : undefined,
    ...given(own),
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
