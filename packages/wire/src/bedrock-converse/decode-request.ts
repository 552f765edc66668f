/** Decodes a request for the Converse API, strictly: what is not known would change the question. */
import { writtenOtherwise } from '../claude-thinking.ts'
import { isObject, objectOr, parseJson, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { JsonObject, SystemMessage } from '../message.ts'
import type { ModelRequest, OutputFormat, ToolChoice, ToolDefinition } from '../request.ts'
import { readSettings } from '../settings.ts'
import { arrayAt, isAbsent, objectAt, stringAt, unsupported } from '../strict.ts'
import { cacheAt, decodeMessages, decodeTextBlock, kindOf, withCache } from './decode-messages.ts'
import { decodeModelFields } from './decode-model-fields.ts'
import { makerOf } from './makers.ts'
import { encodeSettings } from './model-fields.ts'
import { name as dialect } from './name.ts'
import { inference } from './settings.ts'
import { targetOf } from './url.ts'

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown, url: string): ModelRequest {
  const { messages, system, toolConfig, inferenceConfig, outputConfig, requestMetadata, ...rest } = objectAt(
    body,
    '',
  )
  const { additionalModelRequestFields: fields, ...extra } = rest
  const { model, isStream } = targetOf(url) ?? { model: '', isStream: false }
  const [settings, otherInference] = readSettings(
    inference,
    isAbsent(inferenceConfig) ? {} : objectAt(inferenceConfig, 'inferenceConfig'),
    'inferenceConfig.',
  )
  const modelFields = isAbsent(fields) ? {} : objectAt(fields, 'additionalModelRequestFields')
  const [modelSettings, otherFields] = decodeModelFields(model, modelFields)
  const [format, otherOutput] = decodeOutput(outputConfig)
  const request: ModelRequest = {
    model,
    messages: [...decodeSystem(system), ...decodeMessages(arrayAt(messages, 'messages'))],
    ...(!isAbsent(toolConfig) && decodeTools(objectAt(toolConfig, 'toolConfig'))),
    ...settings,
    ...modelSettings,
    ...format,
    ...(!isAbsent(requestMetadata) && { metadata: decodeMetadata(requestMetadata) }),
    stream: isStream,
  }
  const [ownInference, ownFields] = ownSettings(request, objectOr(inferenceConfig), modelFields)
  return {
    ...request,
    ...keep(dialect, {
      ...extra,
      ...some('inferenceConfig', { ...otherInference, ...ownInference }),
      ...some('additionalModelRequestFields', { ...otherFields, ...ownFields }),
      ...some('outputConfig', otherOutput),
    }),
  }
}

/** What was understood and would be written otherwise: who asks in this dialect may know better what goes together. */
function ownSettings(
  request: ModelRequest,
  inferenceConfig: Unread,
  modelFields: Unread,
): readonly [inference: Unread, model: Unread] {
  if (request.reasoning === undefined || makerOf(request.model) !== 'claude') return [{}, {}]
  const { reasoning_config: first, ...fields } = modelFields
  const [inference, model] = encodeSettings(request)
  return [
    writtenOtherwise(inferenceConfig, inference, ['temperature', 'topP']),
    writtenOtherwise({ thinking: first, ...fields }, model, ['thinking', 'output_config', 'top_k']),
  ]
}

function some(name: string, fields: Unread): Unread {
  return Object.keys(fields).length > 0 ? { [name]: fields } : {}
}

function decodeMetadata(wire: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(wire, 'requestMetadata'))
  return Object.fromEntries(entries.map(([key, value]) => [key, stringAt(value, `requestMetadata.${key}`)]))
}

function decodeSystem(wire: unknown): SystemMessage[] {
  const blocks = isAbsent(wire) ? [] : arrayAt(wire, 'system')
  const content: SystemMessage['content'][number][] = []
  for (const [index, element] of blocks.entries()) {
    const path = `system[${index}]`
    const block = objectAt(element, path)
    if (block['cachePoint'] !== undefined) {
      const last = content.pop()
      if (last === undefined) throw unsupported('nothing stands before this', path)
      content.push(withCache(last, cacheAt(block, path), path))
    } else {
      const part = decodeTextBlock(block, path)
      if (part === null) throw unsupported(`unknown block "${kindOf(block)}"`, path)
      content.push(part)
    }
  }
  return content.length > 0 ? [{ role: 'system', content }] : []
}

/** The schema is JSON in a string. https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
function decodeOutput(wire: unknown): readonly [{ readonly outputFormat?: OutputFormat }, Unread] {
  if (isAbsent(wire)) return [{}, {}]
  const output = objectAt(wire, 'outputConfig')
  const { textFormat, ...rest } = output
  if (isAbsent(textFormat)) return [{}, rest]
  const path = 'outputConfig.textFormat'
  const { type, structure } = objectAt(textFormat, path)
  if (type !== 'json_schema') throw unsupported('only a JSON schema is known', `${path}.type`)
  const place = `${path}.structure.jsonSchema`
  const {
    name,
    description,
    schema: written,
  } = objectAt(objectAt(structure, `${path}.structure`)['jsonSchema'], place)
  const schema = parseJson(stringAt(written, `${place}.schema`))
  if (!isObject(schema) || !isShallow(schema)) throw unsupported('a schema is an object', `${place}.schema`)
  const format: OutputFormat = {
    type: 'json-schema',
    name: isAbsent(name) ? '' : stringAt(name, `${place}.name`),
    ...(!isAbsent(description) && { description: stringAt(description, `${place}.description`) }),
    schema: schema as JsonObject,
  }
  return [{ outputFormat: format }, rest]
}

function decodeTools(wire: Unread): Pick<ModelRequest, 'tools' | 'toolChoice'> {
  const { tools, toolChoice } = wire
  return {
    ...(!isAbsent(tools) && { tools: decodeToolList(arrayAt(tools, 'toolConfig.tools')) }),
    ...(!isAbsent(toolChoice) && {
      toolChoice: decodeToolChoice(objectAt(toolChoice, 'toolConfig.toolChoice')),
    }),
  }
}

/** A cache point belongs to the tool before it; where that is Bedrock's own, it stands alone. */
function decodeToolList(wire: readonly unknown[]): ToolDefinition[] {
  const tools: ToolDefinition[] = []
  for (const [index, element] of wire.entries()) {
    const path = `toolConfig.tools[${index}]`
    const tool = objectAt(element, path)
    const last = tools.at(-1)
    if (isObject(tool['toolSpec'])) tools.push(decodeTool(tool['toolSpec'], `${path}.toolSpec`))
    else if (tool['cachePoint'] !== undefined && last?.type === 'function' && last.cache === undefined)
      tools[tools.length - 1] = { ...last, cache: cacheAt(tool, path) }
    else if (isObject(tool['systemTool']) || tool['cachePoint'] !== undefined)
      tools.push({ type: 'provider', dialect, definition: tool as JsonObject })
    else throw unsupported(`unknown tool "${kindOf(tool)}"`, path)
  }
  return tools
}

function decodeTool(wire: Unread, path: string): ToolDefinition {
  const { name, description, inputSchema, strict, ...others } = wire
  const { json } = isAbsent(inputSchema) ? { json: {} } : objectAt(inputSchema, `${path}.inputSchema`)
  return {
    type: 'function',
    name: stringAt(name, `${path}.name`),
    description: isAbsent(description) ? '' : stringAt(description, `${path}.description`),
    inputSchema: objectAt(json, `${path}.inputSchema.json`) as JsonObject,
    ...(strict === true && { strict }),
    ...keep(dialect, strict === true || strict === undefined ? others : { ...others, strict }),
  }
}

function decodeToolChoice(wire: Unread): ToolChoice {
  if (wire['auto'] !== undefined) return { type: 'auto' }
  if (wire['any'] !== undefined) return { type: 'required' }
  const path = 'toolConfig.toolChoice'
  if (!isObject(wire['tool'])) throw unsupported(`unknown choice "${kindOf(wire)}"`, path)
  return { type: 'tool', name: stringAt(wire['tool']['name'], `${path}.tool.name`) }
}
