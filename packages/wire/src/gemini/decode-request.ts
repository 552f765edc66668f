/** Decodes a request, strictly: what is not known would change the question. https://ai.google.dev/api/generate-content */
import { isObject } from '../json.ts'
import type { JsonObject, Message } from '../message.ts'
import { text } from '../message.ts'
import type { FunctionTool, ModelRequest, ToolChoice, ToolDefinition } from '../request.ts'
import { arrayAt, isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { unescaped } from '../url.ts'
import { Contents } from './decode-contents.ts'
import { decodeText, misplaced, readPart } from './decode-parts.ts'
import { decodeSettings } from './decode-settings.ts'
import { asData, fieldsAt, jsonAt, listAt, restOf } from './fields.ts'
import { decodeSchema } from './schema.ts'

const fields = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig']

/** Reads a request's body, parsed. The model, and whether it streams, stand in the URL. */
export function decodeRequest(body: unknown, url: string): ModelRequest {
  const request = fieldsAt(body, '')
  const { model, stream } = readUrl(url)
  const { settings, kept } = decodeSettings(request['generationConfig'], model)
  const choice = decodeToolConfig(request['toolConfig'])
  const data: JsonObject = {
    ...restOf(request, fields),
    ...(Object.keys(kept).length > 0 && { generationConfig: kept }),
    ...(Object.keys(choice.kept).length > 0 && { toolConfig: choice.kept }),
  }
  for (const [name, field] of Object.entries(data)) jsonAt(field, name)
  return {
    model,
    messages: [...decodeSystem(request['systemInstruction']), ...new Contents().decode(request['contents'])],
    ...(!isAbsent(request['tools']) && { tools: decodeTools(request['tools']) }),
    ...(choice.toolChoice !== undefined && { toolChoice: choice.toolChoice }),
    ...settings,
    stream,
    ...asData(data),
  }
}

/**
 * `…/models/NAME:generateContent`; a tuned model's name keeps its folder, which says what it is. Code Assist's
 * `/v1internal:generateContent` (Gemini CLI) is none: it wraps request and answer.
 */
const address =
  /(?:^|\/)(?:models\/|((?:tunedModels|endpoints)\/))?(?!v1internal:)([^/?#]+):(g|streamG)enerateContent(?:[?#]|$)/

export interface Address {
  readonly model: string
  readonly stream: boolean
}

/** Null for a URL that is none of Gemini's. */
export function addressOf(url: string): Address | null {
  const match = address.exec(url)
  if (match === null) return null
  return { model: `${match[1] ?? ''}${unescaped(match[2] ?? '')}`, stream: match[3] === 'streamG' }
}

function readUrl(url: string): Address {
  return addressOf(url) ?? { model: '', stream: false }
}

/** Content, or text alone. Its role says nothing. */
function decodeSystem(wire: unknown): Message[] {
  const path = 'systemInstruction'
  if (isAbsent(wire)) return []
  if (typeof wire === 'string') return [{ role: 'system', content: [text(wire)] }]
  const content = listAt(fieldsAt(wire, path)['parts'], `${path}.parts`).map((element, index) => {
    const part = readPart(element, `${path}.parts[${index}]`)
    if (part.field !== 'text') throw misplaced(part)
    return decodeText(part)
  })
  return content.length > 0 ? [{ role: 'system', content }] : []
}

/** An object may hold functions and several of Google's own tools. */
function decodeTools(wire: unknown): ToolDefinition[] {
  return listAt(wire, 'tools').flatMap((element, index) => {
    const path = `tools[${index}]`
    return Object.entries(fieldsAt(element, path)).flatMap(([name, definition]): ToolDefinition[] => {
      if (name !== 'functionDeclarations') {
        if (!isObject(definition)) throw unsupported(`unknown tool ${shown(name)}`, path)
        jsonAt(definition, path)
        return [{ type: 'provider', dialect: 'gemini', definition: { [name]: definition as JsonObject } }]
      }
      return listAt(definition, `${path}.${name}`).map((tool, place) =>
        decodeFunction(tool, `${path}.${name}[${place}]`),
      )
    })
  })
}

/** JSON Schema stays as it is; OpenAPI's is kept beside its translation. */
function decodeFunction(wire: unknown, path: string): FunctionTool {
  const tool = fieldsAt(wire, path)
  const { parameters, parametersJsonSchema } = tool
  const isOwn = !isAbsent(parametersJsonSchema)
  const kept: JsonObject = {
    ...restOf(tool, ['name', 'description', 'parameters', 'parametersJsonSchema']),
    ...(!isOwn && { parameters: (parameters ?? null) as JsonObject | null }),
  }
  jsonAt(kept, path)
  return {
    type: 'function',
    name: stringAt(tool['name'], `${path}.name`),
    description: isAbsent(tool['description']) ? '' : stringAt(tool['description'], `${path}.description`),
    inputSchema: isOwn
      ? (objectAt(parametersJsonSchema, `${path}.parametersJsonSchema`) as JsonObject)
      : isAbsent(parameters)
        ? { type: 'object', properties: {} }
        : decodeSchema(parameters, `${path}.parameters`),
    ...asData(kept),
  }
}

const choices: ReadonlyMap<string, ToolChoice> = new Map([
  ['AUTO', { type: 'auto' }],
  ['NONE', { type: 'none' }],
  ['ANY', { type: 'required' }],
])

interface DecodedChoice {
  readonly toolChoice?: ToolChoice
  readonly kept: JsonObject
}

/** One function that must be called is a choice; several, or the mode `VALIDATED`, are kept as they are. */
function decodeToolConfig(wire: unknown): DecodedChoice {
  if (isAbsent(wire)) return { kept: {} }
  const { functionCallingConfig, ...rest } = fieldsAt(wire, 'toolConfig')
  const path = 'toolConfig.functionCallingConfig'
  if (isAbsent(functionCallingConfig)) return { kept: rest as JsonObject }
  const fields = fieldsAt(functionCallingConfig, path)
  const { mode, allowedFunctionNames, ...others } = fields
  if (others['streamFunctionCallArguments'] === true)
    throw unsupported('calls cannot come in pieces', `${path}.streamFunctionCallArguments`)
  const names = isAbsent(allowedFunctionNames)
    ? []
    : arrayAt(allowedFunctionNames, `${path}.allowedFunctionNames`).map((name, index) =>
        stringAt(name, `${path}.allowedFunctionNames[${index}]`),
      )
  const [name, second] = names
  const word = isAbsent(mode) ? 'MODE_UNSPECIFIED' : stringAt(mode, `${path}.mode`)
  const known = choices.get(word)
  if (known === undefined && word !== 'VALIDATED' && word !== 'MODE_UNSPECIFIED')
    throw unsupported(`unknown mode ${shown(mode)}`, `${path}.mode`)
  const isOne = word === 'ANY' && name !== undefined && second === undefined
  const isMore =
    Object.keys(others).length > 0 || (known === undefined && !isAbsent(mode)) || (names.length > 0 && !isOne)
  const kept = { ...rest, ...(isMore && { functionCallingConfig: fields }) } as JsonObject
  const toolChoice: ToolChoice | undefined = isOne ? { type: 'tool', name } : known
  return { ...(toolChoice !== undefined && { toolChoice }), kept }
}
