/** Decodes a request for chat completions, strictly: a part that is not known would change the question. */
import { WireError } from '../error.ts'
import { isObject, stringOr, type Unread } from '../json.ts'
import { isShallow, without } from '../kept-fields.ts'
import type { JsonObject } from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings, ToolChoice } from '../request.ts'
import { readSettings, type Setting } from '../settings.ts'
import { arrayAt, booleanAt, isAbsent, numberAt, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import { unescaped } from '../url.ts'
import { decodeMessages } from './decode-message.ts'
import { decodeFunction, decodeTool } from './decode-tool.ts'
import { encodeOutputFormat } from './encode-request.ts'
import { isSame } from './exact.ts'
import { own } from './own.ts'
import { targetOf } from './urls.ts'

/**
 * Reads a request's body, parsed, and the URL, where some servers name the model. Throws a WireError that names the
 * place for what it does not know.
 */
export function decodeRequest(body: unknown, url: string): ModelRequest {
  if (!isObject(body)) throw new WireError('malformed', 'a request is a JSON object', { path: '' })
  if (!isShallow(body)) throw new WireError('malformed', 'the request is nested too deeply', { path: '' })
  const { model, messages, stream, ...others } = body
  const [settings, unsettled] = readSettings(table, others)
  const rest: Record<string, unknown> = { ...unsettled }
  const target = targetOf(url, body)
  // watsonx has a name of its own for it.
  const named = model ?? body['model_id'] ?? unescaped(target?.model ?? '')
  const request = {
    model: stringAt(named, 'model'),
    messages: decodeMessages(arrayAt(messages, 'messages')),
    ...settings,
    ...takeTools(rest),
    ...takeOutputFormat(rest),
    ...takeReasoning(rest),
    ...takeLogprobs(rest),
    ...takeMetadata(rest),
    stream: stream === true || target?.stream !== undefined,
  }
  takeStreamOptions(rest, request.stream)
  return { ...request, ...(Object.keys(rest).length > 0 && { data: own(rest as JsonObject) }) }
}

/** The newer name of the limit counts where both are there. */
const table: readonly Setting[] = [
  ['max_tokens', 'maxOutputTokens', numberAt],
  ['max_completion_tokens', 'maxOutputTokens', numberAt],
  ['temperature', 'temperature', numberAt],
  ['top_p', 'topP', numberAt],
  ['top_k', 'topK', numberAt],
  ['frequency_penalty', 'frequencyPenalty', numberAt],
  ['presence_penalty', 'presencePenalty', numberAt],
  ['seed', 'seed', numberAt],
  [
    'stop',
    'stop',
    (value, path) => (Array.isArray(value) ? value : [value]).map((word) => stringAt(word, path)),
  ],
  ['parallel_tool_calls', 'parallelToolCalls', booleanAt],
  ['user', 'user', stringAt],
]

/** Fields that are being read: what is understood is taken out, and the rest is kept. */
type Rest = Record<string, unknown>

/** The field, taken out; undefined where it says nothing. */
function take(rest: Rest, name: string): unknown {
  const value = rest[name]
  Reflect.deleteProperty(rest, name)
  return value ?? undefined
}

/** The choice `auto` is what is meant where nothing is said. `functions` is what tools once were. */
function takeTools(rest: Rest): Partial<ModelRequest> {
  const { tools: wire, functions } = rest
  const tools = [
    ...(isAbsent(wire) ? [] : arrayAt(wire, 'tools').map(decodeTool)),
    ...(isAbsent(functions) ? [] : arrayAt(functions, 'functions').map(decodeFunction)),
  ]
  // A list of none, and a choice among none, are kept as they are.
  if (tools.length === 0) {
    decodeToolChoice(rest['tool_choice'], { ...rest })
    for (const name of ['tools', 'tool_choice']) if (isAbsent(rest[name])) take(rest, name)
    return {}
  }
  take(rest, 'tools')
  take(rest, 'functions')
  const old = take(rest, 'function_call')
  const name = isObject(old) ? { type: 'function', function: old } : old
  const choice = decodeToolChoice(rest['tool_choice'] ?? name, rest)
  return { tools, ...(choice.type !== 'auto' && { toolChoice: choice }) }
}

const choices: ReadonlyMap<unknown, ToolChoice['type'] & ('auto' | 'none' | 'required')> = new Map([
  ['auto', 'auto'],
  ['none', 'none'],
  ['required', 'required'],
  // Mistral's word.
  ['any', 'required'],
])

/** A choice that says more than its canonical form is kept besides. */
function decodeToolChoice(wire: unknown, rest: Rest): ToolChoice {
  const path = 'tool_choice'
  const word = choices.get(wire ?? 'auto')
  if (word !== undefined || isAbsent(wire)) {
    take(rest, path)
    return { type: word ?? 'auto' }
  }
  if (!isObject(wire) || typeof wire['type'] !== 'string')
    throw unsupported(`unknown choice ${shown(wire)}`, path)
  const { type } = wire
  const inner = wire[type]
  if (type === 'function') {
    take(rest, path)
    return {
      type: 'tool',
      name: stringAt(objectAt(inner, `${path}.function`)['name'], `${path}.function.name`),
    }
  }
  // Which kind of tool it is must be said: the choice is kept as it is, too.
  if (type === 'custom')
    return { type: 'tool', name: stringAt(objectAt(inner, `${path}.custom`)['name'], `${path}.custom.name`) }
  if (type !== 'allowed_tools') throw unsupported(`unknown choice ${shown(type)}`, `${path}.type`)
  const mode = choices.get(objectAt(inner, `${path}.${type}`)['mode'])
  if (mode === undefined) throw unsupported('unknown mode', `${path}.${type}.mode`)
  return { type: mode }
}

/** A format that says more than its canonical form, or is none that others have, is kept as it is. */
function takeOutputFormat(rest: Rest): Partial<ModelRequest> {
  const wire = take(rest, 'response_format')
  if (wire === undefined) return {}
  const outputFormat = decodeOutputFormat(objectAt(wire, 'response_format'))
  const isExact = outputFormat !== undefined && isSame(encodeOutputFormat(outputFormat), wire)
  if (!isExact) rest['response_format'] = wire
  return outputFormat === undefined ? {} : { outputFormat }
}

function decodeOutputFormat({ type, json_schema: wire }: Unread): OutputFormat | undefined {
  if (type === 'text') return { type }
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema' || !isObject(wire) || !isObject(wire['schema'])) return undefined
  const { name, description, schema, strict } = wire
  return {
    type: 'json-schema',
    name: stringOr(name) ?? '',
    ...(typeof description === 'string' && { description }),
    schema: schema as JsonObject,
    ...(typeof strict === 'boolean' && { strict }),
  }
}

/** Reasoning in all its forms: the one of the provider that is asked is written. */
function takeReasoning(rest: Rest): Partial<ModelRequest> {
  const settings: { -readonly [Field in keyof ReasoningSettings]: ReasoningSettings[Field] } = {}
  const whole = rest['reasoning']
  if (!isAbsent(whole)) {
    const { effort, max_tokens, exclude, enabled, ...more } = objectAt(whole, 'reasoning')
    if (!isAbsent(enabled)) settings.isEnabled = booleanAt(enabled, 'reasoning.enabled')
    if (!isAbsent(effort)) settings.effort = stringAt(effort, 'reasoning.effort')
    if (!isAbsent(max_tokens)) settings.budget = numberAt(max_tokens, 'reasoning.max_tokens')
    if (!isAbsent(exclude)) settings.isShown = !booleanAt(exclude, 'reasoning.exclude')
    // `summary` and what may come: it is kept whole.
    if (Object.values(more).every(isAbsent) && Object.keys(settings).length > 0) take(rest, 'reasoning')
  }
  const effort = take(rest, 'reasoning_effort')
  if (effort !== undefined) settings.effort = stringAt(effort, 'reasoning_effort')
  const { thinking } = rest
  if (!isAbsent(thinking)) {
    const { type, budget_tokens, ...more } = objectAt(thinking, 'thinking')
    if (!isAbsent(budget_tokens)) settings.budget = numberAt(budget_tokens, 'thinking.budget_tokens')
    const isKnown = type === 'enabled' || type === 'disabled'
    if (isKnown) settings.isEnabled = type === 'enabled'
    if (isKnown && Object.keys(more).length === 0) take(rest, 'thinking')
  }
  const isEnabled = take(rest, 'enable_thinking')
  if (isEnabled !== undefined) settings.isEnabled = booleanAt(isEnabled, 'enable_thinking')
  const budget = take(rest, 'thinking_budget')
  if (budget !== undefined) settings.budget = numberAt(budget, 'thinking_budget')
  return Object.keys(settings).length > 0 ? { reasoning: settings } : {}
}

/** Some servers take a number here, as completions once did: that is kept as it is. */
function takeLogprobs(rest: Rest): Partial<ModelRequest> {
  const { logprobs, top_logprobs: top } = rest
  if (!isAbsent(logprobs) && typeof logprobs !== 'boolean') return {}
  take(rest, 'logprobs')
  if (logprobs !== true) return {}
  take(rest, 'top_logprobs')
  return { logprobs: isAbsent(top) ? 0 : numberAt(top, 'top_logprobs') }
}

function takeMetadata(rest: Rest): Partial<ModelRequest> {
  const { metadata } = rest
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) return {}
  take(rest, 'metadata')
  return { metadata: metadata as Record<string, string> }
}

/** Whether usage comes is not the asker's choice: it always does. */
function takeStreamOptions(rest: Rest, isStream: boolean): void {
  const wire = take(rest, 'stream_options')
  if (!isObject(wire)) return
  const more = without(wire, ['include_usage'])
  if (isStream && Object.keys(more).length > 0) rest['stream_options'] = { ...wire, include_usage: true }
}
