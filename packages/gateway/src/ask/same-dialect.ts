/** What has to be changed in a request that stays in its dialect. */
import {
  type DialectName,
  isObject,
  openrouter,
  type Provider,
  type Quirks,
  type Unread,
} from '@playhead/wire'
import type { Endpoint } from '../endpoint.ts'
import type { Question } from '../question.ts'
import { isAbsent } from '../question/fields.ts'
import { limitPaths, readLimit } from '../question/output-limit.ts'
import { type Path, valueAt } from '../question/path.ts'
import { type Edit, type Edits, editJson, membersOf } from './edit-json.ts'
import { translate, UntranslatableError } from './translate.ts'

/** Whether a provider is OpenRouter, under whatever name it is configured: then it has the quirks of its kind. */
export function isOpenRouter({ name, quirks }: Provider): boolean {
  return name === openrouter.name || quirks === openrouter.quirks
}

/** Fields that are done with once an endpoint is chosen. */
const routing = ['models', 'route', 'fallbacks'] as const
/** OpenRouter's fields that nobody else knows, and that change nothing of what is asked. */
const openrouters = [
  'provider',
  'session_id',
  'usage',
  'trace',
  'transforms',
  'debug',
  'prompt_cache_options',
] as const
/** OpenRouter's fields that would be missed. */
const wanted = ['plugins', 'preset', 'stop_server_tools_when'] as const
/** Settings that an API which is strict about them refuses, and that only say how. */
const unknownToStrict = ['top_k', 'min_p', 'top_a', 'repetition_penalty', 'include_reasoning'] as const

/**
 * The request's own text with what must be changed, and all else byte for byte. `limit`: the most that one answer may have;
 * null for what the client says. Throws an UntranslatableError for what the endpoint cannot be told.
 */
export function sameDialectBody(question: Question, endpoint: Endpoint, limit: number | null): string {
  const edits = editsFor(question, endpoint, limit)
  if (hasForeignForms(question, endpoint.provider))
    return editJson(translate(question, question.dialect, endpoint, limit), edits)
  return edited(question, edits)
}

/** A request for embeddings: its own text with what must be changed. */
export function embeddingBody(question: Question, endpoint: Endpoint): string {
  return edited(
    question,
    routingEdits(question, endpoint).set('model', { type: 'set', value: endpoint.upstreamModel }),
  )
}

function edited({ text, body }: Question, edits: Edits): string {
  const members = membersOf(text)
  // Of a field that stands twice, parsers take the first or the last. It is sent once, as it was read here.
  if (members.length !== Object.keys(body).length) return editJson(JSON.stringify(body), edits)
  return editJson(text, edits, members)
}

function editsFor(question: Question, endpoint: Endpoint, limit: number | null): Edits {
  const { body } = question
  const { provider, upstreamModel } = endpoint
  const dialect = question.dialect.name as DialectName
  const edits = routingEdits(question, endpoint)
  if (!isOpenRouter(provider)) refuseWanted(body)
  // Where the URL names the model, the body may not.
  const isInUrl = dialect === 'gemini' || dialect === 'bedrock-converse'
  edits.set('model', isInUrl ? remove : { type: 'set', value: upstreamModel })
  if (dialect === 'openai-chat') editChat(edits, question, provider)
  editLimit(edits, body, dialect, provider, limit)
  return edits
}

function routingEdits({ body }: Question, { provider }: Endpoint): Map<string, Edit> {
  const edits = new Map<string, Edit>()
  for (const names of isOpenRouter(provider) ? [routing] : [routing, openrouters, wanted])
    removeAll(edits, body, names)
  return edits
}

/** Holds for a body that was written anew too: what that has of these stood in the client's. */
function removeAll(edits: Map<string, Edit>, body: Unread, names: readonly string[]): void {
  for (const name of names) if (body[name] !== undefined) edits.set(name, remove)
}

const remove: Edit = { type: 'remove' }

function refuseWanted(body: Unread): void {
  for (const name of wanted) {
    const value = body[name]
    if (isAbsent(value) || (Array.isArray(value) && value.every(isOff))) continue
    throw new UntranslatableError('only OpenRouter has this', { path: name })
  }
}

/** A plugin that is switched off. */
function isOff(plugin: unknown): boolean {
  return isObject(plugin) && plugin['enabled'] === false
}

/** The bill has to come with the stream, where it does not by itself: OpenRouter's does. */
function editChat(edits: Map<string, Edit>, { body, isStream }: Question, provider: Provider): void {
  const { quirks } = provider
  if (quirks.isStrict) removeAll(edits, body, unknownToStrict)
  for (const [name, value] of Object.entries(quirks.body)) edits.set(name, { type: 'set', value })
  if (quirks.streamUsage === 'always') edits.set('stream_options', remove)
  else if (isStream && !isOpenRouter(provider))
    editAt(edits, ['stream_options', 'include_usage'], { type: 'set', value: true })
}

/** The limit stands once, in the field that the provider knows, and is no higher than it may be. */
function editLimit(
  edits: Map<string, Edit>,
  body: Unread,
  dialect: DialectName,
  provider: Provider,
  limit: number | null,
): void {
  const own = readLimit(dialect, body)
  const most = own === null || (limit !== null && limit < own) ? limit : own
  if (most === null) return
  const place = limitPlace(body, dialect, provider)
  for (const path of limitPaths[dialect]) {
    const isPlace = path[0] === place[0] && path[1] === place[1]
    if (!isPlace && valueAt(body, path) !== undefined) editAt(edits, path, remove)
  }
  editAt(edits, place, { type: 'set', value: most })
}

function limitPlace(body: Unread, dialect: DialectName, provider: Provider): Path {
  const paths = limitPaths[dialect]
  const known: Path = dialect === 'openai-chat' ? [provider.quirks.maxTokensField] : paths[0]
  if (dialect === 'openai-chat' && !isOpenRouter(provider)) return known
  const used = paths.find((path) => !isAbsent(valueAt(body, path)))
  const begun = paths.find(([name, inner]) => inner !== undefined && isObject(body[name]))
  return used ?? begun ?? known
}

function editAt(edits: Map<string, Edit>, [name, inner]: Path, edit: Edit): void {
  if (inner === undefined) {
    edits.set(name, edit)
    return
  }
  const before = edits.get(name)
  const others = before?.type === 'edit' ? before.edits : []
  edits.set(name, { type: 'edit', edits: new Map([...others, [inner, edit]]) })
}

/** Forms in which reasoning is asked for, by their fields, and the providers that understand them. */
const reasoningForms: readonly (readonly [field: string, form: Quirks['reasoningSettings']])[] = [
  ['reasoning', 'reasoning'],
  ['thinking', 'thinking'],
  ['enable_thinking', 'enable_thinking'],
  ['thinking_budget', 'enable_thinking'],
]
/** Fields of a message in which reasoning goes back. */
const reasoningFields = ['reasoning_details', 'reasoning', 'reasoning_content']

/**
 * Whether a request for chat completions says something in another provider's form of the dialect: OpenRouter's, mostly,
 * since clients take this for OpenRouter. Then it is written anew.
 */
function hasForeignForms({ dialect, body }: Question, provider: Provider): boolean {
  if (dialect.name !== 'openai-chat' || isOpenRouter(provider)) return false
  const { reasoningSettings, reasoningField, isStrict } = provider.quirks
  const isForeign = reasoningForms.some(
    ([field, form]) =>
      !isAbsent(body[field]) &&
      form !== reasoningSettings &&
      // A server that is not known may well have the form; OpenRouter's it has not.
      (reasoningSettings !== undefined || form === 'reasoning'),
  )
  if (isForeign) return true
  const { messages } = body
  if (!Array.isArray(messages)) return false
  return messages.some(
    (message: unknown) =>
      isObject(message) &&
      (reasoningFields.some((field) => field !== reasoningField && !isAbsent(message[field])) ||
        (isStrict === true && hasCacheControl(message))),
  )
}

function hasCacheControl(message: Unread): boolean {
  if (!isAbsent(message['cache_control'])) return true
  const { content } = message
  return Array.isArray(content) && content.some((part) => isObject(part) && !isAbsent(part['cache_control']))
}
