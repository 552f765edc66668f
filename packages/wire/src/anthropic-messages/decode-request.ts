/** Decodes a request for a message, strictly: a part that is not known would change the question. */
import { writtenOtherwise } from '../claude-thinking.ts'
import { WireError } from '../error.ts'
import { joinResults } from '../join-results.ts'
import { type Unread, stringOr } from '../json.ts'
import { isShallow, without } from '../kept-fields.ts'
import type { JsonObject, Message, SystemMessage, ToolResult } from '../message.ts'
import type { ModelRequest, ReasoningSettings, ToolChoice, ToolDefinition } from '../request.ts'
import { readSettings, type Setting } from '../settings.ts'
import { arrayAt, booleanAt, isAbsent, numberAt, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { decodeAssistantPart, decodeContent, decodeTextPart, decodeUserPart, restOf } from './decode-parts.ts'
import { keepRest, name } from './name.ts'
import { encodeSettings } from './reasoning.ts'
import { isStreamUrl, modelOf } from './urls.ts'

const settings: readonly Setting[] = [
  ['max_tokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['stop_sequences', 'stop'],
]

/** The other fields that are read here; what is left is kept. */
const fields = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'stream',
  'anthropic_version',
]

/** Reads a request's body, parsed. Throws a WireError that names the place for what it does not know. */
export function decodeRequest(body: unknown, url: string): ModelRequest {
  const wire = objectAt(body, '')
  if (!isShallow(wire)) throw new WireError('malformed', 'this is nested too deeply', { path: '' })
  const [read, rest] = readSettings(settings, without(wire, fields))
  const reasoning = decodeThinking(wire)
  const config = isAbsent(wire['output_config']) ? {} : objectAt(wire['output_config'], 'output_config')
  const { output_format: beta } = wire
  const metadata = isAbsent(wire['metadata']) ? {} : objectAt(wire['metadata'], 'metadata')
  const user = metadata['user_id']
  const isBareEffort = reasoning?.effort !== undefined && isAbsent(wire['thinking'])
  const others = {
    ...rest,
    // What `output_config.format` was called in its beta: it goes back under that name.
    output_format: isAbsent(config['format']) ? beta : undefined,
    output_config: someOf(without(config, isBareEffort ? ['format'] : ['format', 'effort'])),
    metadata: someOf(without(metadata, ['user_id'])),
  }
  const request: ModelRequest = {
    model: modelOf(url) ?? (isAbsent(wire['model']) ? '' : stringAt(wire['model'], 'model')),
    messages: [...decodeSystem(wire['system']), ...withLastBlanks(decodeMessages(wire['messages']))],
    ...(!isAbsent(wire['tools']) && { tools: arrayAt(wire['tools'], 'tools').map(decodeTool) }),
    ...decodeToolChoice(wire['tool_choice']),
    ...read,
    ...decodeFormat(config['format'] ?? beta),
    ...(reasoning !== undefined && { reasoning }),
    ...(!isAbsent(user) && { user: stringAt(user, 'metadata.user_id') }),
    stream: isStreamUrl(url) || (!isAbsent(wire['stream']) && booleanAt(wire['stream'], 'stream')),
    ...keepRest(others, []),
  }
  // Who asks in this dialect may know better what goes together.
  const own = ['thinking', 'temperature', 'top_p', 'top_k']
  return {
    ...request,
    ...keepRest({ ...others, ...writtenOtherwise(wire, encodeSettings(request), own) }, []),
  }
}

function someOf(wire: Unread): Unread | undefined {
  return Object.keys(wire).length > 0 ? wire : undefined
}

function decodeSystem(wire: unknown): SystemMessage[] {
  const content = isAbsent(wire) ? [] : decodeContent(wire, 'system', decodeTextPart)
  return content.length > 0 ? [{ role: 'system', content }] : []
}

/** Tool results that follow each other answer one step, and are one message. */
function decodeMessages(wire: unknown): Message[] {
  const messages: Message[] = []
  for (const [index, element] of arrayAt(wire, 'messages').entries()) {
    const path = `messages[${index}]`
    for (const message of decodeMessage(objectAt(element, path), path)) messages.push(message)
  }
  return joinResults(messages)
}

/** Blanks at the end of a begun answer are left out when it is written; here they go back. */
function withLastBlanks(messages: readonly Message[]): readonly Message[] {
  const message = messages.at(-1)
  const last = message?.content.at(-1)
  if (message?.role !== 'assistant' || last?.type !== 'text' || !/\s$/.test(last.text)) return messages
  const data = { [name]: { ...last.data?.[name], text: last.text } }
  return [
    ...messages.slice(0, -1),
    { ...message, content: [...message.content.slice(0, -1), { ...last, data }] },
  ]
}

function decodeMessage(wire: Unread, path: string): Message[] {
  const where = `${path}.content`
  const rest = keepRest(wire, ['role', 'content'])
  switch (wire['role']) {
    case 'user':
      return decodeUser(wire['content'], where, rest)
    case 'assistant':
      return [
        { role: 'assistant', content: decodeContent(wire['content'], where, decodeAssistantPart), ...rest },
      ]
    case 'system': {
      const content = decodeContent(wire['content'], where, decodeTextPart)
      return [{ role: 'system', content, ...keepRest(wire, ['content']) }]
    }
    default:
      throw unsupported(`unknown role ${shown(wire['role'])}`, `${path}.role`)
  }
}

/** Tool results stand apart from what the user says with them. */
function decodeUser(wire: unknown, path: string, rest: Pick<Message, 'data'>): Message[] {
  const messages: Message[] = []
  let results: ToolResult[] | undefined
  let said: Extract<Message, { role: 'user' }>['content'][number][] | undefined
  for (const part of decodeContent(wire, path, decodeUserPart)) {
    if (part.type === 'tool-result') {
      if (results === undefined) messages.push({ role: 'tool', content: (results = []), ...first() })
      results.push(part)
      said = undefined
    } else {
      if (said === undefined) messages.push({ role: 'user', content: (said = []), ...first() })
      said.push(part)
      results = undefined
    }
  }
  return messages.length > 0 ? messages : [{ role: 'user', content: [], ...rest }]

  /** What is kept of the message stands on the first that is made of it. */
  function first(): Pick<Message, 'data'> {
    return messages.length === 0 ? rest : {}
  }
}

function decodeTool(wire: unknown, index: number): ToolDefinition {
  const path = `tools[${index}]`
  const tool = objectAt(wire, path)
  const type = isAbsent(tool['type']) ? 'custom' : stringAt(tool['type'], `${path}.type`)
  if (type !== 'custom') return { type: 'provider', dialect: name, definition: tool as JsonObject }
  return {
    type: 'function',
    name: stringAt(tool['name'], `${path}.name`),
    description: stringOr(tool['description']) ?? '',
    inputSchema: objectAt(tool['input_schema'], `${path}.input_schema`) as JsonObject,
    ...(!isAbsent(tool['strict']) && { strict: booleanAt(tool['strict'], `${path}.strict`) }),
    ...restOf(tool, ['name', 'description', 'input_schema', 'strict'], path),
  }
}

const choices: ReadonlyMap<unknown, 'auto' | 'none' | 'required'> = new Map([
  ['auto', 'auto'],
  ['none', 'none'],
  ['any', 'required'],
])

function decodeToolChoice(wire: unknown): Pick<ModelRequest, 'toolChoice' | 'parallelToolCalls'> {
  if (isAbsent(wire)) return {}
  const {
    type,
    name: tool,
    disable_parallel_tool_use: isSingle,
  } = objectAt(wire, 'tool_choice') as JsonObject
  const plain = choices.get(type)
  if (plain === undefined && type !== 'tool')
    throw unsupported(`unknown choice ${shown(type)}`, 'tool_choice.type')
  const toolChoice: ToolChoice =
    plain === undefined ? { type: 'tool', name: stringAt(tool, 'tool_choice.name') } : { type: plain }
  return {
    toolChoice,
    ...(!isAbsent(isSingle) && {
      parallelToolCalls: !booleanAt(isSingle, 'tool_choice.disable_parallel_tool_use'),
    }),
  }
}

function decodeFormat(wire: unknown): Pick<ModelRequest, 'outputFormat'> {
  if (isAbsent(wire)) return {}
  const path = 'output_config.format'
  const { type, schema } = objectAt(wire, path)
  if (type !== 'json_schema') throw unsupported(`unknown format ${shown(type)}`, `${path}.type`)
  const read = objectAt(schema, `${path}.schema`) as JsonObject
  return { outputFormat: { type: 'json-schema', name: '', schema: read } }
}

const displays: ReadonlyMap<unknown, boolean> = new Map([
  ['summarized', true],
  ['omitted', false],
])

function decodeThinking(wire: Unread): ReasoningSettings | undefined {
  const config = isAbsent(wire['output_config']) ? {} : objectAt(wire['output_config'], 'output_config')
  const effort = isAbsent(config['effort'])
    ? {}
    : { effort: stringAt(config['effort'], 'output_config.effort') }
  if (isAbsent(wire['thinking'])) return someOf(effort)
  const thinking = objectAt(wire['thinking'], 'thinking')
  const { type, budget_tokens: budget, display } = thinking
  if (type !== 'enabled' && type !== 'adaptive' && type !== 'disabled')
    throw unsupported(`unknown type ${shown(type)}`, 'thinking.type')
  const isShown = displays.get(display)
  const read: ReasoningSettings = {
    isEnabled: type !== 'disabled',
    ...effort,
    ...(type === 'enabled' && { budget: numberAt(budget, 'thinking.budget_tokens') }),
    ...(isShown !== undefined && { isShown }),
  }
  return read
}
