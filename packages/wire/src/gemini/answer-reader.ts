/** Reads what a model answered, from the chunks of a stream or from a plain response alike. */
import { type Answer, failure, type Failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { brokenOff, excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
import { given } from '../given.ts'
import { GrowingText } from '../growing-text.ts'
import {
  arrayOr,
  isObject,
  objectOr,
  parseJson,
  stringifyJson,
  stringIn,
  stringOr,
  type Unread,
} from '../json.ts'
import { keep } from '../kept-fields.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { decodeCitations } from './citations.ts'
import { decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { PiecedInput } from './pieced-input.ts'
import { dataOf, decodeWhole, restOf } from './whole-parts.ts'
import { decodeUsage } from './usage.ts'

/**
 * What a chunk, its candidate and their words say that has a place of its own, or would be a prototype; the rest is
 * kept as it came.
 */
const chunkFields = ['candidates', 'error', 'modelVersion', 'responseId', 'usageMetadata', '__proto__']
const candidateFields = ['content', 'finishReason', 'index', 'logprobsResult', '__proto__']
const wordFields = ['text', 'thought']

/** One answer, chunk by chunk. A plain response is one chunk. Nothing marks the last one. */
export class ChunkReader extends AnswerBuilder implements FrameReader {
  /** What of the chunks and of their candidates has no canonical form; the last of each field counts. */
  readonly #rest: Record<string, unknown> = {}
  readonly #candidate: Record<string, unknown> = {}
  /** All text, by which citations count. */
  readonly #text = new GrowingText()
  /** Where in it the text that is open begins; null while no text is open. */
  #textStart: number | null = null
  /** Whether the text or reasoning that is open has its signature: what comes next is another part. */
  #isSigned = false
  /** The call whose input is still coming, in pieces. */
  #pieced: { readonly call: OpenCall; readonly input: PiecedInput } | undefined
  /** How many pieces of code ran: those without an id are told apart by that. */
  #codes = 0

  constructor() {
    super({ gemini: {} })
  }

  take({ name, data }: Frame): void {
    const chunk = parseJson(data)
    if (name === 'error') this.fail(decodeFailure(isObject(chunk) ? chunk : { error: data }))
    else if (isObject(chunk)) this.#takeChunk(chunk)
    // Not what proxies write that is no chunk: a misplaced comment, OpenAI's last word.
    else if (!/^\s*($|:|\[DONE\]|null)/.test(data))
      this.fail(failure('malformed', `An event of the stream is not a chunk: ${excerpt(data)}`))
  }

  /** A plain answer, or the chunks of a stream. What is given back is why there is no answer. */
  takeBody(wire: unknown): Failure | null {
    let cause: Failure | null = null
    for (const chunk of Array.isArray(wire) ? wire : [wire]) cause ??= this.#takeChunk(objectOr(chunk))
    return cause
  }

  /** A stream ends well where the model said that it is done: by a finish reason, or that the prompt was blocked. */
  end(): void {
    if ((this.rawFinishReason ?? this.#blockReason) === null) this.fail(truncated)
    else this.complete()
  }

  /** All chunks are taken, whatever they said. */
  complete(): Answer | Failure {
    if (this.#textStart !== null) {
      for (const citation of decodeCitations(this.#candidate, String(this.#text), this.#textStart))
        this.addCitation(citation)
    }
    const cause = this.isEmpty ? this.#causeOfNothing() : null
    if (cause !== null) return this.fail(cause)
    this.#closeCall()
    const candidate = restOf(this.#candidate)
    this.data = keep('gemini', given({ ...restOf(this.#rest), candidate })).data
    return this.finish(decodeFinishReason(this.rawFinishReason, this.hasCalls))
  }

  get #blockReason(): string | null {
    return stringIn(objectOr(this.#rest['promptFeedback']), 'blockReason')
  }

  /** An empty answer is one where the model says that it is over; a call that it bungled is none. */
  #causeOfNothing(): Failure | null {
    const { rawFinishReason: raw } = this
    if (decodeFinishReason(raw, false) === 'error') {
      const said = stringIn(this.#candidate, 'finishMessage')
      return failure('server', said ?? brokenOff.message, { raw })
    }
    if (raw !== null) return null
    const reason = this.#blockReason
    if (reason !== null)
      return failure('content-filter', `The prompt was blocked: ${reason}`, { raw: reason })
    return this.usage === null ? failure('malformed', 'The answer has nothing in it') : truncated
  }

  #takeChunk(wire: Unread): Failure | null {
    const { candidates, error, usageMetadata } = wire
    this.id ||= stringIn(wire, 'responseId') ?? ''
    this.model ||= stringIn(wire, 'modelVersion') ?? ''
    const usage = usageMetadata === undefined ? null : decodeUsage(objectOr(usageMetadata))
    // Counts are cumulative.
    if (usage !== null) {
      this.usage = usage
      this.#rest['usageMetadata'] = usageMetadata
    }
    note(wire, chunkFields, this.#rest)
    for (const candidate of arrayOr(candidates)) {
      // Only one answer is read; a second one would be mixed into it.
      if (isObject(candidate) && !candidate['index']) this.#takeCandidate(candidate)
    }
    return error ? this.fail(decodeFailure(wire)) : null
  }

  #takeCandidate(candidate: Unread): void {
    const { content, finishReason, logprobsResult } = candidate
    for (const part of arrayOr(objectOr(content)['parts'])) if (isObject(part)) this.#takePart(part)
    this.rawFinishReason = stringOr(finishReason) ?? this.rawFinishReason
    if (isObject(logprobsResult)) this.#takeLogprobs(logprobsResult)
    note(candidate, candidateFields, this.#candidate)
  }

  #takePart(part: Unread): void {
    const { text, functionCall, executableCode } = part
    if (typeof text === 'string') return this.#takeWords(part)
    if (isObject(functionCall)) return this.#takeCall(functionCall, part)
    if (isObject(executableCode)) this.#codes += 1
    const whole = decodeWhole(part, this.#codes)
    if (whole === null) return this.#takeWords(part)
    this.#close()
    this.addPart(whole)
  }

  /** Text or a thought. A signature, also one that follows without words, belongs to the words before it. */
  #takeWords(part: Unread): void {
    const words = stringOr(part['text']) ?? ''
    const data = restOf(part, wordFields)
    if (words === '' && data === undefined) return
    if (this.#isSigned) {
      this.#close()
      this.endPart()
    }
    const type = part['thought'] === true ? 'reasoning' : 'text'
    if (type === 'reasoning') {
      this.#textStart = null
      this.addReasoning(words)
    } else {
      this.#textStart ??= this.#text.length
      this.#text.add(words)
      this.addText(words)
    }
    if (data === undefined) return
    this.addData(type, 'gemini', data)
    this.#isSigned = true
  }

  /**
   * Input comes as JSON, not as text, and whole, or on Vertex in pieces, of which only the first has a name.
   * A call without an id gets one from its place.
   */
  #takeCall(wire: Unread, part: Unread): void {
    const { args, partialArgs, willContinue } = wire
    const id = stringIn(wire, 'id')
    const name = stringIn(wire, 'name')
    if (name !== null) {
      this.#close()
      const { data } = dataOf(part, 'functionCall', id === null ? { id } : {})
      if (willContinue === true || partialArgs)
        this.#pieced = { call: this.openCall(id ?? '', name, data), input: new PiecedInput() }
      else this.addCall(id ?? '', name, stringifyJson(objectOr(args)), data)
    } else if (this.#pieced !== undefined) {
      const { call } = this.#pieced
      call.data = dataOf(part, 'functionCall', call.data?.['gemini']).data
    }
    for (const piece of arrayOr(partialArgs)) this.#pieced?.input.add(piece)
    if (willContinue !== true) this.#closeCall()
  }

  #closeCall(): void {
    if (this.#pieced !== undefined) this.addInput(this.#pieced.call, stringifyJson(this.#pieced.input))
    this.#pieced = undefined
  }

  /** Another part follows. */
  #close(): void {
    this.#closeCall()
    this.#textStart = null
    this.#isSigned = false
  }

  #takeLogprobs({ topCandidates, chosenCandidates }: Unread): void {
    const top = arrayOr(topCandidates)
    for (const [index, chosen] of arrayOr(chosenCandidates).entries()) {
      const likeliest = arrayOr(objectOr(top[index])['candidates'])
      this.logprobs.push({ ...logprob(chosen), top: likeliest.map(logprob) })
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

function note(wire: Unread, known: readonly string[], rest: Record<string, unknown>): void {
  for (const field in wire) if (!known.includes(field)) rest[field] = wire[field]
}
