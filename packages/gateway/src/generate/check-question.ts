/**
 * Looks at a request as far as every endpoint of its dialect would, before one is asked. All else is the endpoint's to judge:
 * fields, roles and parts that are not known here may be its own.
 */
import { type DialectName, isObject, type Unread } from '@playhead/wire'
import type { Question } from '../question.ts'
import { isAbsent, refusal } from '../question/fields.ts'
import { pathsOf } from '../question/parameters.ts'
import { type Path, valueAt } from '../question/path.ts'
import { embeddings } from './embeddings.ts'

/** What a request needs to be one. */
interface Shape {
  /** What it is about. */
  readonly subject: string
  readonly check: (subject: unknown) => void
  /** Fields that may stand in its place. */
  readonly otherwise: readonly string[]
  /** Settings that are numbers. */
  readonly numbers: readonly Path[]
}

const numbers = ['temperature', 'top_p', 'top_k', 'seed', 'frequency_penalty', 'presence_penalty']

/** Of the dialects that clients speak here. */
const shapes: Readonly<Partial<Record<DialectName, Shape>>> = {
  'openai-chat': {
    subject: 'messages',
    check: checkMessages,
    // OpenRouter's, from the time of completions.
    otherwise: ['prompt'],
    numbers: pathsOf('openai-chat', numbers),
  },
  'openai-responses': {
    subject: 'input',
    check: checkItems,
    otherwise: ['previous_response_id', 'conversation', 'prompt'],
    numbers: pathsOf('openai-responses', numbers),
  },
  'anthropic-messages': {
    subject: 'messages',
    check: checkMessages,
    otherwise: [],
    numbers: pathsOf('anthropic-messages', numbers),
  },
  gemini: {
    subject: 'contents',
    check: checkContents,
    otherwise: [],
    numbers: pathsOf('gemini', numbers),
  },
}

/** Texts or tokens; vLLM embeds `messages`, too. */
const embedded: Shape = {
  subject: 'input',
  check: checkInput,
  otherwise: ['messages'],
  numbers: [],
}

/** Takes a look at each message, and none at its content. Throws an HttpError 400 that names the JSON path of what is wrong. */
export function checkQuestion({ dialect, body }: Pick<Question, 'dialect' | 'body'>): void {
  const shape = dialect === embeddings ? embedded : shapes[dialect.name as DialectName]
  if (shape === undefined) return
  const { subject, check, otherwise, numbers } = shape
  if (otherwise.every((name) => isAbsent(body[name]))) check(body[subject])
  if (!isAbsent(body['tools'])) listOf(body['tools'], 'tools')
  for (const path of numbers) {
    if (!isNumeric(valueAt(body, path))) throw refusal(path.join('.'), 'a number is needed')
  }
}

/** Some servers take none: Ollama loads a model by that. */
function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw refusal('messages', 'a list is needed')
  for (const [index, { role, content }] of objectsOf(messages, 'messages').entries()) {
    if (typeof role !== 'string') throw refusal(`messages[${index}].role`, 'a string is needed')
    if (!isAbsent(content) && !isTextOrList(content))
      throw refusal(`messages[${index}].content`, 'a string or a list is needed')
  }
}

function checkItems(input: unknown): void {
  checkInput(input)
  if (Array.isArray(input)) objectsOf(input, 'input')
}

function checkInput(input: unknown): void {
  if (!isTextOrList(input)) throw refusal('input', 'a string or a list is needed')
}

function checkContents(contents: unknown): void {
  objectsOf(listOf(contents, 'contents'), 'contents')
}

function isTextOrList(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value)
}

/** Google takes one element for a list of one, and has that in its examples. */
function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isObject(value)) throw refusal(path, 'a list is needed')
  return [value]
}

function objectsOf(list: readonly unknown[], path: string): readonly Unread[] {
  const other = list.findIndex((element) => !isObject(element))
  if (other !== -1) throw refusal(`${path}[${other}]`, 'an object is needed')
  return list as readonly Unread[]
}

/** Servers in Python read numbers in texts and booleans, Google's in texts. */
function isNumeric(value: unknown): boolean {
  return isAbsent(value) || (typeof value !== 'object' && !Number.isNaN(Number(value)))
}
