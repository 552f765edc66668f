/** Reads what a model answered, from the chunks of a stream or from a plain response alike. */
import { type Answer, failure, type Failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { GrowingText } from '../growing-text.ts'
import { given } from '../given.ts'
import { arrayOr, isObject, objectOr, stringifyJson, stringIn, stringOr, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { Json, JsonObject, MediaPart, ProviderData } from '../message.ts'
import { isAbsent } from '../strict.ts'
import { decodeCitations } from './citations.ts'
import { decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { PiecedInput } from './pieced-input.ts'
import { nameOfTool, providerParts } from './provider-parts.ts'
import { decodeUsage } from './usage.ts'

/** What a chunk and its candidate say that has a place of its own; the rest is kept as it came. */
const chunkFields = new Set(['candidates', 'error', 'modelVersion', 'responseId', 'usageMetadata'])
const wordFields = ['text', 'thought']
const candidateFields = new Set(['content', 'finishReason', 'index', 'logprobsResult'])

type WholePart = Parameters<AnswerBuilder['addPart']>[0]

const nothing = failure('truncated', 'The answer has no content and no finish reason')

/** One answer, chunk by chunk. A plain response is one chunk. */
export class Answering {
  readonly builder = new AnswerBuilder({ gemini: {} })
  /** What of the chunks and of their candidates has no canonical form; the last of each field counts. */
  readonly #rest = new Map<string, unknown>()
  readonly #candidate = new Map<string, unknown>()
  /** All text, by which citations count. */
  readonly #text = new GrowingText()
  /** Where in it the text that is open begins; null while no text is open. */
  #textStart: number | null = null
  /** Whether the text or reasoning that is open has its signature: what comes next is another part. */
  #isSigned = false
  /** The call whose input is still coming, in pieces. */
  #pieced: { readonly call: OpenCall; readonly input: PiecedInput } | undefined
  #providerCalls = 0
  #hasCandidate = false

  /** Takes a body: a plain answer, or the chunks of a stream. What is given back is why there is no answer. */
  takeAll(wire: unknown): Failure | null {
    let cause: Failure | null = null
    for (const chunk of Array.isArray(wire) ? wire : [wire]) {
      if (isObject(chunk)) cause ??= this.takeChunk(chunk)
    }
    return cause
  }

  /** Takes a chunk. What is given back is why there is no answer. */
  takeChunk(wire: Unread): Failure | null {
    const { builder } = this
    builder.id ||= stringOr(wire['responseId']) ?? ''
    builder.model ||= stringOr(wire['modelVersion']) ?? ''
    // Counts are cumulative.
    const usage = decodeUsage(objectOr(wire['usageMetadata']))
    if (usage !== null) {
      builder.usage = usage
      this.#rest.set('usageMetadata', wire['usageMetadata'])
    }
    note(wire, chunkFields, this.#rest)
    for (const candidate of arrayOr(wire['candidates'])) {
      // Only one answer is read; a second one would be mixed into it.
      if (isObject(candidate) && (candidate['index'] ?? 0) === 0) this.#takeCandidate(candidate)
    }
    return isAbsent(wire['error']) ? null : builder.fail(decodeFailure(wire))
  }

  /** Whether the model said that it is done: a finish reason, or that the prompt was blocked. */
  get isComplete(): boolean {
    return this.builder.rawFinishReason !== null || this.#blockReason !== null
  }

  finish(): Answer | Failure {
    const { builder } = this
    const candidate = shallow(this.#candidate)
    if (this.#textStart !== null) {
      const citations = decodeCitations(candidate, this.#text.toString(), this.#textStart)
      for (const citation of citations) builder.addCitation(citation)
    }
    const cause = this.#causeOfNothing()
    if (cause !== null) return builder.fail(cause)
    this.#closeCall()
    if (Object.keys(candidate).length > 0) this.#rest.set('candidate', candidate)
    builder.data = keep('gemini', shallow(this.#rest)).data
    return builder.finish(decodeFinishReason(builder.rawFinishReason, builder.hasCalls))
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

  #takeCandidate(candidate: Unread): void {
    this.#hasCandidate = true
    for (const part of arrayOr(objectOr(candidate['content'])['parts'])) {
      if (isObject(part)) this.#takePart(part)
    }
    const reason = stringOr(candidate['finishReason'])
    if (reason !== null) this.builder.rawFinishReason = reason
    if (candidate['logprobsResult'] !== undefined) this.#takeLogprobs(objectOr(candidate['logprobsResult']))
    note(candidate, candidateFields, this.#candidate)
  }

  #takePart(part: Unread): void {
    if (typeof part['text'] === 'string') return this.#takeWords(part)
    const call = part['functionCall']
    if (isObject(call)) return this.#takeCall(call, part)
    const media = decodeMedia(part)
    if (media !== null) return this.#takeWhole(media)
    for (const [field, type] of providerParts) {
      const wire = part[field]
      if (!isObject(wire) || !isShallow(wire)) continue
      if (type === 'provider-call') this.#providerCalls += 1
      const common = {
        id: stringIn(wire, 'id') ?? `code_${Math.max(0, this.#providerCalls - 1)}`,
        name: nameOfTool(wire),
        ...dataOf(part, field, { field }),
      }
      const isError = (wire['outcome'] ?? 'OUTCOME_OK') !== 'OUTCOME_OK'
      return this.#takeWhole(
        type === 'provider-call'
          ? { type, ...common, input: wire as Json }
          : { type, ...common, output: wire as Json, isError },
      )
    }
    this.#takeWords(part)
  }

  /** Text or a thought. A signature, also one that follows without words, belongs to the words before it. */
  #takeWords(part: Unread): void {
    const { builder } = this
    const words = stringOr(part['text']) ?? ''
    const data = restOf(part, wordFields)
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

  /**
   * Input comes as JSON, not as text, and whole, or on Vertex in pieces, of which only the first has a name.
   * A call without an id gets one from its place.
   */
  #takeCall(call: Unread, part: Unread): void {
    const { builder } = this
    const { args, partialArgs, willContinue } = call
    const id = stringIn(call, 'id')
    const name = stringIn(call, 'name')
    if (name !== null) {
      this.#close()
      const { data } = dataOf(part, 'functionCall', id === null ? { id } : {})
      if (willContinue === true || partialArgs !== undefined)
        this.#pieced = { call: builder.openCall(id ?? '', name, data), input: new PiecedInput() }
      else builder.addCall(id ?? '', name, isObject(args) ? stringifyJson(args) : '{}', data)
    } else if (this.#pieced !== undefined) {
      const { call } = this.#pieced
      call.data = dataOf(part, 'functionCall', call.data?.['gemini'] ?? {}).data
    }
    for (const piece of arrayOr(partialArgs)) this.#pieced?.input.add(piece)
    if (willContinue !== true) this.#closeCall()
  }

  #closeCall(): void {
    if (this.#pieced !== undefined) this.builder.addInput(this.#pieced.call, String(this.#pieced.input))
    this.#pieced = undefined
  }

  #takeWhole(part: WholePart): void {
    this.#close()
    this.builder.addPart(part)
  }

  /** Another part follows. */
  #close(): void {
    this.#closeCall()
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

function note(wire: Unread, known: ReadonlySet<string>, rest: Map<string, unknown>): void {
  for (const field in wire) if (!known.has(field)) rest.set(field, wire[field])
}

/** What can be written again. */
function shallow(fields: ReadonlyMap<string, unknown>): Unread {
  return Object.fromEntries([...fields].filter(([, value]) => isShallow(value)))
}

/** What a part has beside what it is: its signature, how a film is cut. Undefined where that is nothing. */
function restOf(part: Unread, known: readonly string[]): JsonObject | undefined {
  let rest: Record<string, unknown> | undefined
  for (const field in part) {
    if (known.includes(field) || field === '__proto__') continue
    if (part[field] === null || !isShallow(part[field])) continue
    rest ??= {}
    rest[field] = part[field]
  }
  return rest as JsonObject | undefined
}

/** The same with some more, as a part keeps it. */
function dataOf(part: Unread, known: string, more: JsonObject): { readonly data?: ProviderData } {
  return keep('gemini', { ...restOf(part, [known]), ...more })
}

function decodeMedia(part: Unread): MediaPart | null {
  const field = isObject(part['inlineData']) ? 'inlineData' : 'fileData'
  const wire = part[field]
  if (!isObject(wire)) return null
  const mediaType = stringIn(wire, 'mimeType')
  return {
    type: 'media',
    mediaType: mediaType ?? '',
    source:
      field === 'fileData'
        ? { type: 'url', url: stringIn(wire, 'fileUri') ?? '' }
        : { type: 'base64', base64: stringIn(wire, 'data') ?? '' },
    ...given({ name: stringIn(wire, 'displayName') }),
    ...dataOf(part, field, mediaType === null ? { mimeType: null } : {}),
  }
}
