/** How many tokens a prompt can have at most, as far as its bytes tell. */
import { isObject, type Unread } from '@playhead/wire'
import { fieldOf, isAbsent, refusal } from './fields.ts'

/** Levels of nesting: beyond it recursion would not be safe, here or upstream. */
const deepest = 200
/** What templates and providers put around a conversation: a date, a system prompt of their own (xAI's has 180 tokens). */
const around = 256
/** What they put around tools. Anthropic's take up to 530 tokens: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing */
const aroundTools = 500
/** Fields that no model reads. */
const unsaid: ReadonlySet<string> = new Set([
  'model',
  'models',
  'fallbacks',
  'provider',
  'metadata',
  'user',
  'session_id',
  'prompt_cache_key',
  'trace',
  'usage',
])

/**
 * A token is a byte at least, so a prompt has no more of them than its text has bytes in UTF-8. Structure is counted as
 * compact JSON, which stands for what a model's template writes around messages and arguments. Null where something
 * is part of the prompt whose tokens its bytes do not bound: media, and what only the provider has. Throws an HttpError for
 * a body that is nested too deeply.
 */
export function inputTokensBound(body: Unread): number | null {
  let bytes = around
  for (const name of Object.keys(body)) {
    const size = sizeOf(body[name], name, 1)
    if (!unsaid.has(name)) bytes += size + name.length + 4
  }
  if (!isSaid(body) || !areOurTools(body)) return null
  return bytes + (hasTools(body) ? aroundTools : 0)
}

/** Bytes of a value as compact JSON without escapes. Path: of the field of the body that it is in. */
function sizeOf(value: unknown, path: string, depth: number): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2
  if (typeof value === 'number') return digitsOf(value)
  if (typeof value !== 'object' || value === null) return 5
  if (depth >= deepest) throw refusal(path, `no more than ${deepest} levels of nesting are allowed`)
  let bytes = 2
  if (Array.isArray(value)) {
    for (const element of value) bytes += sizeOf(element, path, depth + 1) + 1
    return bytes
  }
  const object = value as Unread
  for (const name of Object.keys(object))
    bytes += Buffer.byteLength(name) + 4 + sizeOf(object[name], path, depth + 1)
  return bytes
}

/** Python keeps whole numbers of any length, up to 4300 digits; others are written in no more than 25 characters. */
function digitsOf(value: number): number {
  if (!Number.isFinite(value)) return 4300
  return Number.isInteger(value) ? Math.floor(Math.log10(Math.abs(value) || 1)) + 5 : 25
}

/** Fields of a body in which a conversation stands, in all dialects. */
const conversations = [
  'messages',
  'input',
  'contents',
  'system',
  'instructions',
  'systemInstruction',
  'system_instruction',
]
/** Fields with which a provider adds to the prompt what it has, or finds. */
const additions = [
  'previous_response_id',
  'conversation',
  'prompt',
  'plugins',
  'web_search_options',
  'mcp_servers',
  'container',
  'cachedContent',
  'cached_content',
  'connectors',
]

function isSaid(body: Unread): boolean {
  for (const name of additions) if (!isAbsent(body[name])) return false
  for (const name of conversations) if (!isText(body[name])) return false
  return true
}

/** Parts that say what they are, and are text. */
const textTypes: ReadonlySet<unknown> = new Set([
  'text',
  'input_text',
  'output_text',
  'summary_text',
  'reasoning_text',
  'refusal',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
])

/** Fields of messages and parts that say by their names what they are, and are text. */
const textFields: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'tool_name',
  'tool_plan',
  'function_call',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'thinking',
  'annotations',
  'citations',
  'cache_control',
  'prefix',
  'parts',
  'text',
  'thought',
  'thoughtSignature',
  'thought_signature',
  'functionCall',
  'functionResponse',
  'function_response',
  'executableCode',
  'codeExecutionResult',
  'toolUse',
  'toolUseId',
  'toolResult',
  'status',
  'reasoningContent',
  'cachePoint',
  'json',
  'id',
  'response',
])

/** Fields that hold parts. */
const holders: ReadonlySet<string> = new Set([
  'content',
  'parts',
  'output',
  'toolResult',
  'functionCall',
  'functionResponse',
  'function_response',
])

/** Whether a message, a part or a list of them is text. What is not known is taken not to be. */
function isText(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isText)
  if (!isObject(value)) return true
  const type = fieldOf(value, 'type')
  if (!isAbsent(type) && !textTypes.has(type)) return false
  for (const name of Object.keys(value)) {
    if (isAbsent(type) && !textFields.has(name)) return false
    if (holders.has(name) && !isText(value[name])) return false
  }
  return true
}

function hasTools(body: Unread): boolean {
  return ['tools', 'functions', 'toolConfig'].some((name) => !isAbsent(body[name]))
}

const functionTypes: ReadonlySet<unknown> = new Set([undefined, null, 'function', 'custom'])
/** Of an object that holds functions in Google's or Amazon's form. Google's own tools stand beside them in it. */
const functionFields: ReadonlySet<string> = new Set([
  'functionDeclarations',
  'function_declarations',
  'toolSpec',
  'cachePoint',
])

/** Whether all tools are functions of the client's: what a provider's own tools find becomes part of the prompt. */
function areOurTools({ tools, toolConfig }: Unread): boolean {
  const lists = [tools, isObject(toolConfig) ? toolConfig['tools'] : null]
  return lists.every((list) => (Array.isArray(list) ? list.every(isOurTool) : isOurTool(list)))
}

function isOurTool(tool: unknown): boolean {
  if (isAbsent(tool)) return true
  if (!isObject(tool) || !functionTypes.has(tool['type'])) return false
  const isNamed = !isAbsent(tool['name']) || !isAbsent(tool['function'])
  return isNamed || Object.keys(tool).every((name) => functionFields.has(name))
}
