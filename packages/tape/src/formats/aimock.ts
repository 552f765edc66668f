/** aimock's fixtures: what to answer to which question. They hold no requests, headers or bytes; those are made up. */
import type { Chunk, HeaderList, Interaction } from '../interaction.ts'
import { type Completion, completionBody, completionFrames, isCompletion } from './chat-completion.ts'
import type { ForeignFormat } from './format.ts'
import type { Reading } from './reading.ts'
import { type Entry, field, isAbsent, isFields, items, jsonOf, milliseconds, status, text } from './values.ts'

export const aimock: ForeignFormat = {
  name: 'aimock',
  matches: (root) =>
    isFields(root) && (Array.isArray(root['fixtures']) ? root['fixtures'].every(isFixture) : isFixture(root)),
  read: (root, reading) => {
    const list = field(root, 'fixtures').value === undefined ? [root] : items(field(root, 'fixtures'))
    if (list.length > 0) reading.warn(lost)
    return list
      .flatMap((fixture, position) => readFixture(fixture, position, reading))
      .map((interaction, id) => ({ ...interaction, id }))
  },
}

const lost =
  'aimock keeps no requests, headers or bytes: each fixture is a chat completion made of its question and its answer'

function isFixture(value: unknown): boolean {
  return isFields(value) && isFields(value['match']) && isFields(value['response'])
}

/** What a fixture asks of a request besides its words, and what it does to the answer on purpose. */
const conditions = [
  'turnIndex',
  'hasToolResult',
  'toolCallId',
  'toolResultContains',
  'toolName',
  'sequenceIndex',
]
const faults = ['truncateAfterChunks', 'disconnectAfterMs', 'chaos', 'misbehavior']

function readFixture(fixture: Entry, position: number, reading: Reading): Interaction[] {
  const match = field(fixture, 'match')
  const response = field(fixture, 'response')
  for (const name of conditions)
    if (!isAbsent(field(match, name).value)) reading.warn(`"${name}" of a fixture is lost`)
  for (const name of faults)
    if (!isAbsent(field(fixture, name).value)) reading.warn(`"${name}" of a fixture is lost`)
  const answer = answerOf(response, fixture)
  if (answer === undefined) {
    const kinds = isFields(response.value) ? Object.keys(response.value).join(', ') : ''
    reading.warn(`fixture ${position} is no answer of a chat (${kinds}); it is left out`)
    return []
  }
  const model = modelOf(match, response)
  const isStream = answer.chunks !== null
  const exchange = {
    method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions',
    requestHeaders: [['Content-Type', 'application/json']],
    requestBody: JSON.stringify({ model, messages: messagesOf(match), ...(isStream && { stream: true }) }),
    statusText: '',
    headers: [['Content-Type', isStream ? 'text/event-stream' : 'application/json'], ...retryAfter(response)],
    ...answer,
  } as const
  return [reading.interaction(exchange, position)]
}

function retryAfter(response: Entry): HeaderList {
  const seconds = text(field(response, 'retryAfter'))
  return seconds === undefined ? [] : [['Retry-After', seconds]]
}

function modelOf(match: Entry, response: Entry): string {
  const asked = field(match, 'model').value
  return typeof asked === 'string' ? asked : (text(field(response, 'model')) ?? 'unknown')
}

function messagesOf(match: Entry): readonly { readonly role: string; readonly content: string }[] {
  const said = (name: string, role: string): { role: string; content: string }[] => {
    const { value } = field(match, name)
    const texts = Array.isArray(value) ? value : [value]
    return texts.filter((one) => typeof one === 'string').map((content) => ({ role, content }))
  }
  const user = said('userMessage', 'user')
  const asked = user.length > 0 ? user : said('inputText', 'user')
  return [...said('systemMessage', 'system'), ...asked]
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly duration: number
  readonly chunks: readonly Chunk[] | null
}

function answerOf(response: Entry, fixture: Entry): Answer | undefined {
  const given = field(response, 'status')
  const code = isAbsent(given.value) ? undefined : status(given)
  const error = field(response, 'error')
  const whole = { duration: milliseconds(field(fixture, 'latency')) ?? 0, chunks: null }
  if (isFields(error.value))
    return { status: code ?? 500, body: JSON.stringify({ error: error.value }), ...whole }
  const json = field(response, 'json')
  if (json.value !== undefined) return { status: code ?? 200, body: jsonOf(json.value), ...whole }
  if (!isCompletion(response)) return undefined
  const completion: Completion = { response, model: modelOf(field(fixture, 'match'), response) }
  const timings = field(fixture, 'recordedTimings')
  if (!isFields(timings.value)) return { status: 200, body: completionBody(completion), ...whole }
  return { status: 200, ...timed(completion, timings) }
}

/** As many frames as were recorded, if the answer can be cut so often, each at its recorded time. */
function timed(completion: Completion, timings: Entry): Omit<Answer, 'status'> {
  const delays = items(field(timings, 'interChunkDelaysMs')).map((delay) => milliseconds(delay) ?? 0)
  const frames = completionFrames(completion, delays.length + 1)
  let at = milliseconds(field(timings, 'ttftMs')) ?? 0
  const duration = at
  const chunks = frames.map((frame, i) => {
    if (i > 0) at += delays[i - 1] ?? 0
    return { length: Buffer.byteLength(frame), at }
  })
  return { body: frames.join(''), duration, chunks }
}
