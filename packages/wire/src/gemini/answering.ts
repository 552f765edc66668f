/** Reads what a model answered, from the chunks of a stream or from a plain response alike. */
import { type Answer, failure, type Failure } from '../answer.ts'
import { AnswerBuilder } from '../answer-builder.ts'
import { GrowingText } from '../growing-text.ts'
import { arrayOr, isObject, objectOr, stringifyJson, stringOr, type Unread } from '../json.ts'
import type { Json, JsonObject, MediaPart, ProviderData } from '../message.ts'
import { isShallow } from '../kept-fields.ts'
import { decodeCitations } from './citations.ts'
import { decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { providerParts } from './provider-parts.ts'
import { decodeUsage, hasCounts } from './usage.ts'

/** What a chunk and its candidate say that has a place of its own; the rest is kept as it came. */
const chunkFields = new Set(['candidates', 'error', 'modelVersion', 'responseId', 'usageMetadata'])
const candidateFields = new Set(['content', 'finishReason', 'index', 'logprobsResult'])
const wordFields = new Set(['text', 'thought'])

type WholePart = Parameters<AnswerBuilder['addPart']>[0]

const nothing = failure('truncated', 'The answer has no content and no finish reason')

/** One answer, chunk by chunk. A plain response is one chunk. */
export class Answering {
  readonly builder = new AnswerBuilder()
  /** What of the chunks and of their candidates has no canonical form; the last of each field counts. */
  readonly #rest = new Map<string, unknown>()
  readonly #candidate = new Map<string, unknown>()
  /** All text, by which citations count. */
  readonly #text = new GrowingText()
  /** Where in it the text that is open begins; null while no text is open. */
  #textStart: number | null = null
  /** Whether the text or reasoning that is open has its signature: what comes next is another part. */
  #isSigned = false
  #usage: Unread | undefined
  #providerCalls = 0
  #hasCandidate = false

  /** Takes a chunk. What is given back is why there is no answer. */
  takeChunk(wire: Unread): Failure | null {
    const { builder } = this
    if (builder.id === '') builder.id = stringOr(wire['responseId']) ?? ''
    if (builder.model === '') builder.model = stringOr(wire['modelVersion']) ?? ''
    const usage = wire['usageMetadata']
    if (isObject(usage) && hasCounts(usage)) this.#usage = usage
    keep(wire, chunkFields, this.#rest)
    for (const candidate of arrayOr(wire['candidates'])) {
      // Only one answer is read; a second one would be mixed into it.
      if (isObject(candidate) && (candidate['index'] ?? 0) === 0) this.#takeCandidate(candidate)
    }
    const hasFailed = wire['error'] !== undefined && wire['error'] !== null
    return hasFailed ? this.fail(decodeFailure(wire)) : null
  }

  /** Whether the model said that it is done: a finish reason, or that the prompt was blocked. */
  get isComplete(): boolean {
    return this.builder.rawFinishReason !== null || this.#blockReason !== null
  }

  finish(): Answer | Failure {
    const { builder } = this
    this.#count()
    const candidate = shallow(this.#candidate)
    if (this.#textStart !== null) {
      const citations = decodeCitations(candidate, this.#text.toString(), this.#textStart)
      for (const citation of citations) builder.addCitation(citation)
    }
    const cause = this.#causeOfNothing()
    if (cause !== null) return this.fail(cause)
    const fields = {
      ...shallow(this.#rest),
      ...(this.#usage !== undefined && isShallow(this.#usage) && { usageMetadata: this.#usage }),
      ...(Object.keys(candidate).length > 0 && { candidate }),
    }
    if (Object.keys(fields).length > 0) builder.data = { gemini: fields as JsonObject }
    return builder.finish(decodeFinishReason(builder.rawFinishReason, builder.hasCalls))
  }

  fail(cause: Failure): Failure {
    this.#count()
    return this.builder.fail(cause)
  }

  get #blockReason(): string | null {
    return stringOr(objectOr(this.#rest.get('promptFeedback'))['blockReason'])
  }

  /** An empty answer is one where the model says that it is over; a call that it bungled is none. */
  #causeOfNothing(): Failure | null {
    const { isEmpty, rawFinishReason } = this.builder
    const said = stringOr(this.#candidate.get('finishMessage'))
    if (!isEmpty) return null
    if (decodeFinishReason(rawFinishReason, false) === 'error')
      return failure('server', said ?? `The model broke off: ${rawFinishReason}`, { raw: rawFinishReason })
    if (rawFinishReason !== null) return null
    const reason = this.#blockReason
    if (reason !== null)
      return failure('content-filter', `The prompt was blocked: ${reason}`, { raw: reason })
    return this.#hasCandidate || this.builder.usage !== null
      ? nothing
      : failure('malformed', 'The answer has no candidates')
  }

  /** What was used, by the last counts that came: they are cumulative. */
  #count(): void {
    if (this.#usage !== undefined) this.builder.usage = decodeUsage(this.#usage)
  }

  #takeCandidate(candidate: Unread): void {
    this.#hasCandidate = true
    for (const part of arrayOr(objectOr(candidate['content'])['parts'])) {
      if (isObject(part)) this.#takePart(part)
    }
    const reason = stringOr(candidate['finishReason'])
    if (reason !== null) this.builder.rawFinishReason = reason
    if (candidate['logprobsResult'] !== undefined) this.#takeLogprobs(objectOr(candidate['logprobsResult']))
    keep(candidate, candidateFields, this.#candidate)
  }

  #takePart(part: Unread): void {
    if (typeof part['text'] === 'string') return this.#takeWords(part)
    const call = part['functionCall']
    if (isObject(call)) return this.#takeCall(call, part)
    const media = decodeMedia(part)
    if (media !== null) return this.#takeWhole(media)
    for (const [field, { type, nameOf }] of providerParts) {
      const wire = part[field]
      if (!isObject(wire) || !isShallow(wire)) continue
      if (type === 'provider-call') this.#providerCalls += 1
      const common = {
        id: stringOr(wire['id']) ?? `code_${Math.max(0, this.#providerCalls - 1)}`,
        name: nameOf(wire),
        data: { gemini: { ...dataOf(part, new Set([field])), field } },
      }
      return this.#takeWhole(providerPart(type, common, wire as JsonObject))
    }
    this.#takeWords(part)
  }

  /** Text or a thought. A signature, also one that follows without words, belongs to the words before it. */
  #takeWords(part: Unread): void {
    const { builder } = this
    const words = stringOr(part['text']) ?? ''
    const data = dataOf(part, wordFields)
    if (words === '' && data === undefined) return
    if (this.#isSigned) {
      this.#close()
      builder.endPart()
    }
    const type = part['thought'] === true ? 'reasoning' : 'text'
    if (type === 'reasoning') {
      this.#textStart = null
      builder.addReasoning(words)
    } else {
      this.#textStart ??= this.#text.length
      this.#text.add(words)
      builder.addText(words)
    }
    if (data === undefined) return
    builder.addData(type, 'gemini', data)
    this.#isSigned = true
  }

  /** Input comes as JSON, not as text. A call without an id gets one from its place. */
  #takeCall(call: Unread, part: Unread): void {
    const id = stringOr(call['id'])
    const data = { ...dataOf(part, new Set(['functionCall'])), ...(id === null && { id: null }) }
    const { length } = Object.keys(data)
    const provided: ProviderData | undefined = length > 0 ? { gemini: data } : undefined
    const input = isObject(call['args']) ? stringifyJson(call['args']) : '{}'
    this.#close()
    this.builder.addCall(id ?? '', stringOr(call['name']) ?? '', input, provided)
  }

  #takeWhole(part: WholePart): void {
    this.#close()
    this.builder.addPart(part)
  }

  /** Another part follows. */
  #close(): void {
    this.#textStart = null
    this.#isSigned = false
  }

  #takeLogprobs(wire: Unread): void {
    const top = arrayOr(wire['topCandidates'])
    for (const [index, chosen] of arrayOr(wire['chosenCandidates']).entries()) {
      const likeliest = arrayOr(objectOr(top[index])['candidates'])
      this.builder.logprobs.push({ ...logprob(chosen), top: likeliest.map(logprob) })
    }
  }
}

function logprob(wire: unknown): { token: string; logprob: number } {
  const { token, logProbability } = objectOr(wire)
  return {
    token: stringOr(token) ?? '',
    logprob: typeof logProbability === 'number' ? logProbability : 0,
  }
}

function keep(wire: Unread, known: ReadonlySet<string>, rest: Map<string, unknown>): void {
  for (const field in wire) if (!known.has(field)) rest.set(field, wire[field])
}

/** What can be written again. */
function shallow(fields: ReadonlyMap<string, unknown>): Unread {
  return Object.fromEntries([...fields].filter(([, value]) => isShallow(value)))
}

/** What a part has beside what it is: its signature, how a film is cut. Undefined where that is nothing. */
function dataOf(part: Unread, known: ReadonlySet<string>): JsonObject | undefined {
  let data: Record<string, unknown> | undefined
  for (const field in part) {
    if (known.has(field) || part[field] === null || field === '__proto__') continue
    if (!isShallow(part[field])) continue
    data ??= {}
    data[field] = part[field]
  }
  return data as JsonObject | undefined
}

function decodeMedia(part: Unread): MediaPart | null {
  const blob = part['inlineData']
  if (isObject(blob)) {
    const source = { type: 'base64', base64: stringOr(blob['data']) ?? '' } as const
    return media(blob, source, dataOf(part, new Set(['inlineData'])))
  }
  const file = part['fileData']
  if (!isObject(file)) return null
  const source = { type: 'url', url: stringOr(file['fileUri']) ?? '' } as const
  return media(file, source, dataOf(part, new Set(['fileData'])))
}

function media(wire: Unread, source: MediaPart['source'], data: JsonObject | undefined): MediaPart {
  const name = stringOr(wire['displayName'])
  const mediaType = stringOr(wire['mimeType'])
  const kept: JsonObject = { ...data, ...(mediaType === null && { mimeType: null }) }
  return {
    type: 'media',
    mediaType: mediaType ?? '',
    source,
    ...(name !== null && { name }),
    ...(Object.keys(kept).length > 0 && { data: { gemini: kept } }),
  }
}

function providerPart(
  type: 'provider-call' | 'provider-result',
  common: { readonly id: string; readonly name: string; readonly data: ProviderData },
  wire: JsonObject,
): WholePart {
  if (type === 'provider-call') return { type, ...common, input: wire as Json }
  const { outcome } = wire
  return { type, ...common, output: wire as Json, isError: outcome !== undefined && outcome !== 'OUTCOME_OK' }
}
