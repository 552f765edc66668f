/** Reads what a model answered, from the chunks of a stream or from a plain response alike. */
import { type Answer, failure, type Failure } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { excerpt } from '../failure.ts'
import type { Frame } from '../frames.ts'
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
import { isShallow, keep } from '../kept-fields.ts'
import { type FrameReader, truncated } from '../stream-decoder.ts'
import { isAbsent } from '../strict.ts'
import { decodeCitations } from './citations.ts'
import { decodeFailure } from './failure.ts'
import { decodeFinishReason } from './finish.ts'
import { PiecedInput } from './pieced-input.ts'
import { dataOf, decodeWhole, restOf } from './whole-parts.ts'
import { decodeUsage } from './usage.ts'

/** What a chunk and its candidate say that has a place of its own; the rest is kept as it came. */
const chunkFields = new Set(['candidates', 'error', 'modelVersion', 'responseId', 'usageMetadata'])
const candidateFields = new Set(['content', 'finishReason', 'index', 'logprobsResult'])
const wordFields = ['text', 'thought']

/** One answer, chunk by chunk. A plain response is one chunk. Nothing marks the last one. */
export class ChunkReader extends AnswerBuilder implements FrameReader {
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

  constructor() {
    super({ gemini: {} })
  }

  take({ name, data }: Frame): void {
    const chunk = parseJson(data)
    if (name === 'error') this.fail(decodeFailure(isObject(chunk) ? chunk : { error: data }))
    else if (isObject(chunk)) this.#takeChunk(chunk)
    // Not what proxies write that is no chunk: a misplaced comment, OpenAI's last word.
    else if (!/^\s*(:.*|\[DONE\]|null)?\s*$/s.test(data))
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
    const candidate = shallow(this.#candidate)
    if (this.#textStart !== null) {
      for (const citation of decodeCitations(candidate, this.#text.toString(), this.#textStart))
        this.addCitation(citation)
    }
    if (this.isEmpty) {
      const cause = this.#causeOfNothing()
      if (cause !== null) return this.fail(cause)
    }
    this.#closeCall()
    if (Object.keys(candidate).length > 0) this.#rest.set('candidate', candidate)
    this.data = keep('gemini', shallow(this.#rest)).data
    return this.finish(decodeFinishReason(this.rawFinishReason, this.hasCalls))
  }

  get #blockReason(): string | null {
    return stringOr(objectOr(this.#rest.get('promptFeedback'))['blockReason'])
  }

  /** An empty answer is one where the model says that it is over; a call that it bungled is none. */
  #causeOfNothing(): Failure | null {
    const { rawFinishReason: raw } = this
    const said = stringOr(this.#candidate.get('finishMessage'))
    if (decodeFinishReason(raw, false) === 'error')
      return failure('server', said ?? `The model broke off: ${raw}`, { raw })
    if (raw !== null) return null
    const reason = this.#blockReason
    if (reason !== null)
      return failure('content-filter', `The prompt was blocked: ${reason}`, { raw: reason })
    const isAnswer = this.#hasCandidate || this.usage !== null
    return isAnswer ? truncated : failure('malformed', 'The answer has no candidates')
  }

  #takeChunk(wire: Unread): Failure | null {
    const { candidates, error, usageMetadata } = wire
    this.id ||= stringOr(wire['responseId']) ?? ''
    this.model ||= stringOr(wire['modelVersion']) ?? ''
    // Counts are cumulative.
    const usage = decodeUsage(objectOr(usageMetadata))
    if (usage !== null) {
      this.usage = usage
      this.#rest.set('usageMetadata', usageMetadata)
    }
    note(wire, chunkFields, this.#rest)
    for (const candidate of arrayOr(candidates)) {
      // Only one answer is read; a second one would be mixed into it.
      if (isObject(candidate) && (candidate['index'] ?? 0) === 0) this.#takeCandidate(candidate)
    }
    return isAbsent(error) ? null : this.fail(decodeFailure(wire))
  }

  #takeCandidate(candidate: Unread): void {
    this.#hasCandidate = true
    for (const part of arrayOr(objectOr(candidate['content'])['parts'])) {
      if (isObject(part)) this.#takePart(part)
    }
    this.rawFinishReason = stringOr(candidate['finishReason']) ?? this.rawFinishReason
    if (candidate['logprobsResult'] !== undefined) this.#takeLogprobs(objectOr(candidate['logprobsResult']))
    note(candidate, candidateFields, this.#candidate)
  }

  #takePart(part: Unread): void {
    const { text, functionCall } = part
    if (typeof text === 'string') return this.#takeWords(part)
    if (isObject(functionCall)) return this.#takeCall(functionCall, part)
    const whole = decodeWhole(part, this.#providerCalls)
    if (whole === null) return this.#takeWords(part)
    if (whole.type === 'provider-call') this.#providerCalls += 1
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
  #takeCall(call: Unread, part: Unread): void {
    const { args, partialArgs, willContinue } = call
    const id = stringIn(call, 'id')
    const name = stringIn(call, 'name')
    if (name !== null) {
      this.#close()
      const { data } = dataOf(part, 'functionCall', id === null ? { id } : {})
      if (willContinue === true || partialArgs !== undefined)
        this.#pieced = { call: this.openCall(id ?? '', name, data), input: new PiecedInput() }
      else this.addCall(id ?? '', name, isObject(args) ? stringifyJson(args) : '{}', data)
    } else if (this.#pieced !== undefined) {
      const { call } = this.#pieced
      call.data = dataOf(part, 'functionCall', call.data?.['gemini'] ?? {}).data
    }
    for (const piece of arrayOr(partialArgs)) this.#pieced?.input.add(piece)
    if (willContinue !== true) this.#closeCall()
  }

  #closeCall(): void {
    if (this.#pieced !== undefined) this.addInput(this.#pieced.call, String(this.#pieced.input))
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

function note(wire: Unread, known: ReadonlySet<string>, rest: Map<string, unknown>): void {
  for (const field in wire) if (!known.has(field)) rest.set(field, wire[field])
}

/** What can be written again. */
function shallow(fields: ReadonlyMap<string, unknown>): Unread {
  return Object.fromEntries([...fields].filter(([, value]) => isShallow(value)))
}
