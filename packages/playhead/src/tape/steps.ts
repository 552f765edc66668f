/** The interactions of a cassette as steps of a conversation, for `playhead tape diff`. */
import { hash } from 'node:crypto'
import { type Cassette, type Interaction, normalisersFor, type RequestIdentity } from '@playhead/tape'
import {
  type Answer,
  type Cost,
  conversation,
  type Failure,
  type ToolCall,
  understand,
  type Usage,
} from '@playhead/wire'

/** What one interaction was, as far as two of them are compared. */
export interface Step {
  readonly id: number
  /** By which the question of another step is known to be the same. */
  readonly question: string
  /** Whether a model was asked. */
  readonly isAsked: boolean
  /** The question as `conversation` has it; null for what is in no dialect. Read when it is wanted, as is the request. */
  readonly meaning: () => unknown
  readonly request: () => RequestIdentity
  readonly messages: number
  readonly status: number | null
  readonly model: string | null
  readonly text: string
  readonly toolCalls: readonly Pick<ToolCall, 'name' | 'input' | 'inputText'>[]
  readonly finishReason: string | null
  /** The code of a failure. */
  readonly error: string | null
  readonly usage: Usage | null
  readonly cost: Cost | null
  /** Milliseconds until the first byte, and until the end. */
  readonly firstByte: number | null
  readonly duration: number
  /** What came, of what no model said. */
  readonly body: string | null
}

/** Ids of tool calls are the providers' own, and others in every run. */
const [callIds] = normalisersFor(['tool-call-ids'])

function stepOf(interaction: Interaction, read: () => RequestIdentity): Step {
  const { id, request, response, ending } = interaction
  const { outcome, dialect } = understand(interaction)
  const meaning = meaningOf(request)
  const asked = (meaning ?? {}) as { readonly messages?: readonly unknown[] }
  const question = meaning ?? [request.method, request.url, asText(request.body)]
  const said = contentOf(outcome)
  return {
    id,
    question: hash('sha256', JSON.stringify(question)),
    isAsked: meaning !== null,
    meaning: () => meaningOf(read()),
    request: read,
    messages: asked.messages?.length ?? 0,
    status: response?.status ?? null,
    model: outcome?.type === 'answer' ? outcome.model : null,
    text: said.flatMap((part) => (part.type === 'text' ? part.text : [])).join(''),
    toolCalls: said.filter((part) => part.type === 'tool-call'),
    finishReason: outcome?.type === 'answer' ? outcome.finishReason : null,
    error: outcome?.type === 'failure' ? outcome.code : null,
    usage: outcome?.usage ?? null,
    cost: outcome?.cost ?? null,
    firstByte: response?.duration ?? null,
    duration: ending.at,
    body: dialect === null && response !== null ? asText(response.body) : null,
  }
}

/** The cassette must stay open while they are compared. */
export function stepsOf(cassette: Cassette): readonly Step[] {
  return Array.from({ length: cassette.length }, (_, place) =>
    stepOf(cassette.at(place), () => cassette.at(place).request),
  )
}

function meaningOf(request: RequestIdentity): unknown {
  const meant = conversation.of(request)
  return meant === undefined ? null : (callIds?.apply(meant) ?? meant)
}

function contentOf(outcome: Answer | Failure | null): Answer['message']['content'] {
  if (outcome === null) return []
  return (outcome.type === 'answer' ? outcome.message : outcome.partial)?.content ?? []
}

function asText(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString('base64')
}

/** Two steps that stand beside each other; null where one cassette has none. */
export type Pair = readonly [Step | null, Step | null]

/** Above so many pairs that could be, steps stand beside each other as they come. */
const mostPairs = 4_000_000

/** Puts the steps of two conversations side by side: equal questions first, then those that stand in one place. */
export function align(before: readonly Step[], after: readonly Step[]): readonly Pair[] {
  let start = 0
  while (start < before.length && start < after.length && isSame(before[start], after[start])) start += 1
  const pairs: Pair[] = []
  for (let place = 0; place < start; place += 1) pairs.push([before[place] ?? null, after[place] ?? null])
  const [left, right] = [before.slice(start), after.slice(start)]
  if (left.length * right.length > mostPairs) {
    for (let place = 0; place < Math.max(left.length, right.length); place += 1)
      pairs.push([left[place] ?? null, right[place] ?? null])
    return pairs
  }
  return [...pairs, ...likeliest(left, right)]
}

function isSame(left: Step | undefined, right: Step | undefined): boolean {
  return left !== undefined && right !== undefined && likeness(left, right) === equal
}

const equal = 8

/** How much speaks for it that two steps are the same one. */
function likeness(left: Step, right: Step): number {
  const isAnswered = (left.error === null) === (right.error === null)
  if (left.question === right.question) return isAnswered ? equal : 5
  const isModel = left.isAsked === right.isAsked
  return isModel ? 1 + (isAnswered ? 2 : 0) + (left.messages === right.messages ? 1 : 0) : 0
}

/** The way through both with the most likeness in all. */
function likeliest(left: readonly Step[], right: readonly Step[]): readonly Pair[] {
  const width = right.length + 1
  const best = new Int32Array((left.length + 1) * width)
  const likenessAt = (i: number, j: number): number => {
    const [one, other] = [left[i], right[j]]
    return one === undefined || other === undefined ? 0 : likeness(one, other)
  }
  const at = (i: number, j: number): number => best[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      best[i * width + j] = Math.max(at(i + 1, j + 1) + likenessAt(i, j), at(i + 1, j), at(i, j + 1))
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  while (i < left.length && j < right.length) {
    if (at(i, j) === at(i + 1, j + 1) + likenessAt(i, j)) pairs.push([left[i++] ?? null, right[j++] ?? null])
    else if (at(i, j) === at(i + 1, j)) pairs.push([left[i++] ?? null, null])
    else pairs.push([null, right[j++] ?? null])
  }
  for (; i < left.length; i += 1) pairs.push([left[i] ?? null, null])
  for (; j < right.length; j += 1) pairs.push([null, right[j] ?? null])
  return pairs
}
