/** An interaction as data of a page: everything in words, so that the page has only to lay it out. */
import {
  type Ending,
  type HeaderList,
  headerOf,
  type RecordedRequest,
  type RecordedResponse,
} from '@playhead/tape'
import { type Answer, type Failure, type Message, type ModelRequest, WireError } from '@playhead/wire'
import type { Inspection } from '../inspection.ts'
import { excerpt, money, seconds, tokens } from '../terminal.ts'
import { messageView, type ToolNames } from './message-view.ts'
import type { Detail, Outcome, Raw, Summary, Tone, Tool } from './page-data.ts'
import type { Pieces, Side } from './pieces.ts'
import { timelineOf } from './timeline.ts'

/** What a page says of one interaction; its messages and bodies go to the pieces. */
export function detailOf(inspection: Inspection, pieces: Pieces): Detail {
  const { interaction } = inspection
  const { response } = interaction
  const asked = askedOf(inspection)
  const names: ToolNames = new Map()
  const messages = (asked?.messages ?? []).map((message) => pieces.put('m', messageView(message, names)))
  const fresh = messages.findIndex((place) => !pieces.isOld('m', place))
  const { request } = inspection
  return {
    facts: facts(inspection),
    settings: asked === null ? [] : settingsOf(asked),
    tools: asked?.tools === undefined || asked.tools.length === 0 ? null : pieces.put('o', toolsOf(asked)),
    messages: rangesOf(messages),
    // Of a question that was sent again, the last message stays in sight.
    seen: Math.max(0, fresh === -1 ? messages.length - 1 : fresh),
    misunderstood: request instanceof WireError ? request.message : null,
    outcome: outcomeOf(inspection, pieces),
    timeline: timelineOf(interaction),
    request: rawRequest(interaction.request, pieces),
    response: response === null ? null : rawResponse(response, pieces),
  }
}

function rangesOf(places: readonly number[]): [from: number, count: number][] {
  const ranges: [from: number, count: number][] = []
  for (const place of places) {
    const last = ranges.at(-1)
    if (last !== undefined && last[0] + last[1] === place) last[1] += 1
    else ranges.push([place, 1])
  }
  return ranges
}

/** The line of an interaction in the list. */
export function summaryOf(
  inspection: Inspection,
  { same, pieces }: Pick<Summary, 'same' | 'pieces'>,
): Summary {
  const { file, interaction, outcome } = inspection
  const { id, request, response, ending } = interaction
  const asked = askedOf(inspection)
  const content = outcome?.type === 'answer' ? outcome.message.content : []
  const calls = content.flatMap((part) => (part.type === 'tool-call' ? [part.name] : []))
  return {
    file,
    id,
    method: request.method,
    url: excerpt(request.url, 300),
    status: response?.status ?? null,
    title: excerpt(titleOf(asked?.messages ?? []).trim() || request.url, 160),
    model: (outcome?.type === 'answer' ? outcome.model : '') || asked?.model || '',
    calls,
    tone: toneOf(inspection),
    word: wordOf(inspection),
    duration: ending.at > 0 ? seconds(ending.at) : response === null ? '' : seconds(response.duration),
    same,
    pieces,
  }
}

function askedOf({ request }: Inspection): ModelRequest | null {
  return request === null || request instanceof WireError ? null : request
}

/** What was said last. */
function titleOf(messages: readonly Message[]): string {
  for (const message of messages.toReversed()) {
    const text = message.content.map(wordsOf).join(' ').trim()
    if (text !== '') return text
  }
  return ''
}

function wordsOf(part: Message['content'][number]): string {
  if (part.type === 'text') return part.text
  if (part.type !== 'tool-result') return ''
  const output = part.output.map((output) => (output.type === 'text' ? output.text : '')).join(' ')
  return `→ ${output}`
}

function toneOf({ outcome, interaction }: Inspection): Tone {
  const { response, ending } = interaction
  if (outcome?.type === 'answer') return 'fine'
  if (ending.type !== 'end') return 'broken'
  return outcome === null && response !== null && response.status < 400 ? 'fine' : 'failed'
}

function wordOf({ outcome, interaction: { response, ending } }: Inspection): string {
  if (outcome?.type === 'answer') return outcome.finishReason
  if (ending.type === 'abort') return 'aborted'
  if (outcome?.type === 'failure') return outcome.code
  return response === null ? ending.type : String(response.status)
}

function facts({ interaction, dialect, isStream }: Inspection): string[] {
  const { response, startedAt, ending } = interaction
  return [
    ...(response === null ? ['no answer came'] : [statusOf(response)]),
    ...(dialect === null ? [] : [`${dialect.name}${isStream ? ', streamed' : ''}`]),
    ...(startedAt === null ? [] : [`sent ${dateOf(startedAt)}`]),
    ...endingOf(ending),
  ]
}

function statusOf({ status, statusText }: RecordedResponse): string {
  return statusText === '' ? `${status}` : `${status} ${statusText}`
}

/** A file may name a time that no calendar has. */
function dateOf(startedAt: number): string {
  const date = new Date(startedAt)
  return Number.isNaN(date.valueOf()) ? 'at an unknown time' : date.toISOString().replace('T', ' ')
}

function endingOf(ending: Ending): string[] {
  const after = `after ${seconds(ending.at)}`
  switch (ending.type) {
    case 'end':
      return []
    case 'abort':
      return [`the caller left ${after} (${ending.reason})`]
    case 'error':
      return [`the connection failed ${after}: ${ending.code ?? ''} ${ending.message}`]
    case 'unfinished':
      return [`the recording broke off ${after}`]
  }
}

const notSettings = new Set(['model', 'messages', 'tools', 'stream', 'data'])

function settingsOf(request: ModelRequest): [name: string, value: string][] {
  const fields = Object.entries(request) as [string, unknown][]
  return [
    ['model', request.model],
    ...fields
      .filter(([name, value]) => !notSettings.has(name) && value !== undefined)
      .map(([name, value]): [string, string] => [name, textOf(value)]),
  ]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function toolsOf({ tools = [] }: ModelRequest): Tool[] {
  return tools.map((tool) => {
    if (tool.type === 'provider') {
      const { name, type } = tool.definition
      const named = [name, type].find((word) => typeof word === 'string') ?? tool.dialect
      return { name: named, description: 'run by the provider', schema: JSON.stringify(tool.definition) }
    }
    const { name, description, inputSchema } = tool
    return { name, description, schema: JSON.stringify(inputSchema) }
  })
}

function outcomeOf({ outcome, interaction }: Inspection, pieces: Pieces): Outcome {
  if (outcome === null) {
    const message = interaction.response === null ? 'No answer came.' : 'In no dialect that is known.'
    return { type: 'unknown', message }
  }
  return outcome.type === 'answer' ? answerOf(outcome, pieces) : failureOf(outcome, pieces)
}

function answerOf({ message, finishReason, ...answer }: Answer, pieces: Pieces): Outcome {
  const { model, provider, usage, cost } = answer
  return {
    type: 'answer',
    message: pieces.put('m', messageView(message, new Map())),
    finishReason,
    facts: [
      usage === null ? 'tokens unknown' : tokens(usage),
      money(cost),
      provider === null ? model : `${model} by ${provider}`,
    ].filter((fact) => fact !== ''),
  }
}

function failureOf({ code, message, raw, partial, ...failure }: Failure, pieces: Pieces): Outcome {
  const { retryable, retryAfter, provider, usage, cost } = failure
  const wait = retryAfter === null ? '' : ` after ${seconds(retryAfter)}`
  return {
    type: 'failure',
    code,
    message,
    raw,
    partial:
      partial === null || partial.content.length === 0
        ? null
        : pieces.put('m', messageView(partial, new Map())),
    facts: [
      retryable ? `worth another try${wait}` : 'final',
      ...(usage === null ? [] : [tokens(usage)]),
      ...(cost === null ? [] : [money(cost)]),
      ...(provider === null ? [] : [`by ${provider}`]),
    ],
  }
}

function rawRequest({ method, url, headers, body }: RecordedRequest, pieces: Pieces): Raw {
  return { head: `${method} ${url}`, headers, ...rawBody(body, headers, 'request', pieces) }
}

function rawResponse(response: RecordedResponse, pieces: Pieces): Raw {
  const { headers, body } = response
  return { head: statusOf(response), headers, ...rawBody(body, headers, 'response', pieces) }
}

/** Characters of a body that a page holds. */
const mostRaw = 500_000

function rawBody(
  body: string | Uint8Array,
  headers: HeaderList,
  side: Side,
  pieces: Pieces,
): Pick<Raw, 'body' | 'note'> {
  if (typeof body !== 'string') {
    const type = headerOf(headers, 'content-type') ?? 'not text'
    return { body: pieces.putText('', side), note: `${body.length} bytes, ${type}` }
  }
  if (body.length <= mostRaw) return { body: pieces.putText(body, side), note: '' }
  const note = `the first ${mostRaw} of ${body.length} characters`
  return { body: pieces.putText(body.slice(0, mostRaw).toWellFormed(), side), note }
}
