/** Puts one answer together, from the events of a stream or from the items of a plain response alike. */
import { type Answer, failure, type Failure, type FinishReason, type TokenLogprob } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { brokenOff, decodeFailure } from '../failure.ts'
import { arrayOr, isObject, objectOr, stringIn, stringOr, type Unread } from '../json.ts'
import { decodeLogprobs } from '../logprobs.ts'
import type { Citation, JsonObject } from '../message.ts'
import { decodeCost } from '../money.ts'
import {
  callData,
  callInput,
  decodeCitations,
  decodeOther,
  isCall,
  isReference,
  isText,
  messageFields,
  reasoningData,
  paragraphs,
  responses,
  textOfPart,
} from './items.ts'
import { decodeUsage } from './usage.ts'

/** One item of the output. */
interface Item {
  /** As it was announced. */
  readonly wire: Unread
  /** Its part that is open: `content_index` or `summary_index`; -1 before the first. */
  place: number
  /** How much of that part's text came, or of the call's input, or of all reasoning. */
  length: number
  /** Which list of a reasoning item its deltas belong to: the first to come is the one that is shown. */
  list?: 'content' | 'summary'
  call?: OpenCall
  isDone: boolean
}

/**
 * The output of one response. Items are told apart by `output_index`: their ids differ between the events of
 * one item at some hosts (https://github.com/continuedev/continue/issues/11994). Deltas are the text;
 * what a whole item says beyond them is added when it comes.
 */
export class Output {
  readonly answer = new AnswerBuilder()
  readonly #items = new Map<number, Item>()
  #last = -1
  /** The item whose text or reasoning is open. */
  #open: Item | undefined
  /** What came with the text that is open. */
  #citations: Citation[] = []
  #logprobs: readonly TokenLogprob[] = []

  /** What a response says of itself, at its beginning and again at its end. */
  addHead({ response: wire }: Unread): void {
    const { answer } = this
    const response = objectOr(wire)
    answer.id = stringIn(response, 'id') ?? answer.id
    answer.model = stringIn(response, 'model') ?? answer.model
    answer.provider = stringIn(response, 'provider') ?? answer.provider
    answer.usage = decodeUsage(response['usage']) ?? answer.usage
    answer.cost = decodeCost(objectOr(response['usage'])['cost']) ?? answer.cost
    // What was paid depends on it; the one that was asked for stands at the beginning.
    const tier = stringIn(response, 'service_tier')
    if (tier !== null) answer.data = { [responses]: { service_tier: tier } }
  }

  /** An item begins. */
  begin(event: Unread): Item {
    const { output_index: index, item: announced } = event
    const item: Item = { wire: objectOr(announced), place: -1, length: 0, isDone: false }
    this.#last = typeof index === 'number' ? index : this.#last + 1
    this.#items.set(this.#last, item)
    if (isCall(item.wire['type'])) this.#openCall(item)
    return item
  }

  /** A delta of a message's text. */
  addText(event: Unread, type: string): void {
    const item = this.#item(event)
    const delta = stringOr(event['delta'])
    if (item.isDone || delta === null) return
    this.#openText(item, placeOf(event['content_index']), type === 'response.refusal.delta')
    item.length += delta.length
    this.answer.addText(delta)
  }

  /** A delta of an item's reasoning. */
  addReasoning(event: Unread, type: string): void {
    const item = this.#item(event)
    const delta = stringOr(event['delta'])
    const list = type === 'response.reasoning_text.delta' ? 'content' : 'summary'
    if (item.isDone || delta === null || (item.list ?? list) !== list) return
    item.list = list
    this.#openReasoning(item)
    const place = placeOf(event[`${list}_index`])
    const paragraph = item.place !== -1 && item.place !== place ? '\n\n' : ''
    item.place = place
    item.length += paragraph.length + delta.length
    this.answer.addReasoning(paragraph)
    this.answer.addReasoning(delta)
  }

  /** A delta of a call's input. */
  addInput(event: Unread): void {
    this.#addInput(this.#item(event), stringOr(event['delta']) ?? '')
  }

  /** All of a call's input. */
  endInput(event: Unread): void {
    const item = this.#item(event)
    this.#addInput(item, (stringIn(event, 'arguments', 'input') ?? '').slice(item.length))
  }

  /** A source of the text that is open. */
  addAnnotation(event: Unread): void {
    if (this.#open === this.#item(event)) this.#citations.push(...decodeCitations([event['annotation']]))
  }

  /** A part of a message is whole. */
  endPart(event: Unread): void {
    const item = this.#item(event)
    if (!item.isDone) this.#takePart(item, placeOf(event['content_index']), objectOr(event['part']))
  }

  /** An item is whole. */
  end(event: Unread): void {
    const item = this.#item(event)
    const wire = objectOr(event['item'])
    if (item.isDone) return
    const type = wire['type']
    if (type === 'message') this.#endMessage(item, wire)
    else if (type === 'reasoning' && (item.length > 0 || !isReference(wire))) this.#endReasoning(item, wire)
    else if (isCall(type)) this.#endCall(item, wire)
    else this.#takeOther(wire)
    item.isDone = true
  }

  /** The response is over. Where it does not say its status, the type of the event does. */
  finish(event: Unread, type: string): Answer | Failure {
    const { answer } = this
    const response = objectOr(event['response'])
    this.addHead(event)
    const count = this.#items.size
    for (const [index, item] of arrayOr(response['output']).entries()) {
      const isNew = this.#items.get(index)?.isDone === false || index >= count
      if (isNew && isObject(item)) this.end({ output_index: index, item })
    }
    this.#close()
    if (answer.logprobs.length === 0) this.#takeLogprobs(response)
    const status = stringIn(response, 'status') ?? statusOf(type)
    const cause = causeOf(response, status)
    if (cause !== null) return answer.fail(cause)
    answer.rawFinishReason = stringIn(objectOr(response['incomplete_details']), 'reason') ?? status
    const reason = finishReasons.get(answer.rawFinishReason ?? '') ?? 'other'
    return answer.finish(reason === 'stop' && answer.hasCalls ? 'tool-calls' : reason)
  }

  #item(event: Unread): Item {
    const { output_index: index } = event
    return this.#items.get(typeof index === 'number' ? index : this.#last) ?? this.begin(event)
  }

  #addInput(item: Item, text: string): void {
    if (item.isDone) return
    item.length += text.length
    this.answer.addInput(item.call ?? this.#openCall(item), text)
  }

  #openText(item: Item, place: number, isRefusal: boolean): void {
    if (this.#open === item && item.place === place) return
    this.#close()
    this.#open = item
    if (item.place !== place) item.length = 0
    item.place = place
    const message = { ...messageFields(item.wire), status: 'in_progress' }
    const part = isRefusal ? { part: { type: 'refusal' } } : {}
    this.answer.beginPart('text', { [responses]: { message, ...part } })
    if (isRefusal) this.answer.addData('text', responses, part)
  }

  #openReasoning(item: Item): void {
    if (this.#open === item) return
    this.#close()
    this.#open = item
    const head = reasoningData(item.wire)[responses]
    this.answer.beginPart('reasoning', { [responses]: { ...head, list: item.list ?? 'summary' } })
  }

  #openCall(item: Item): OpenCall {
    this.#close()
    const { wire } = item
    const [id, name] = [stringIn(wire, 'call_id') ?? '', stringIn(wire, 'name') ?? '']
    item.call = this.answer.openCall(id, name, callData(wire))
    return item.call
  }

  #endMessage(item: Item, wire: Unread): void {
    for (const [place, part] of arrayOr(wire['content']).entries()) {
      if (place >= item.place) this.#takePart(item, place, objectOr(part))
    }
    if (this.#open !== item) return
    this.answer.addData('text', responses, { message: messageFields(wire) })
    this.#close()
  }

  #takePart(item: Item, place: number, part: Unread): void {
    const whole = isText(part) ? textOfPart(part) : ''
    const isClosed = item.place === place && this.#open !== item
    if (whole === '' || isClosed) return
    this.#openText(item, place, part['type'] === 'refusal')
    this.answer.addText(whole.slice(item.length))
    item.length = Math.max(item.length, whole.length)
    const citations = decodeCitations(part['annotations'])
    if (citations.length > 0) this.#citations = citations
    this.#logprobs = decodeLogprobs(part['logprobs'])
  }

  #endReasoning(item: Item, wire: Unread): void {
    if (item.length > 0 && this.#open !== item) return
    item.list ??= paragraphs(wire['content']) === '' ? 'summary' : 'content'
    const rest = paragraphs(wire[item.list]).slice(item.length)
    if (rest === '' && item.length === 0) this.#close()
    else this.#openReasoning(item)
    this.answer.addReasoning(rest)
    this.answer.addData('reasoning', responses, objectOr(reasoningData(wire)[responses]) as JsonObject)
    this.#close()
    this.answer.endPart()
  }

  #endCall(item: Item, wire: Unread): void {
    const call = item.call ?? this.#openCall(item)
    call.id = stringIn(wire, 'call_id') ?? call.id
    call.name = stringIn(wire, 'name') ?? call.name
    call.data = callData(wire)
    this.answer.addInput(call, callInput(wire).slice(item.length))
  }

  #takeOther(wire: Unread): void {
    const part = decodeOther(wire)
    if (part === null) return
    this.#close()
    this.answer.addPart(part)
  }

  /** Ends the part that is open, with what came beside its text. */
  #close(): void {
    if (this.#open === undefined) return
    this.#open = undefined
    for (const citation of this.#citations) this.answer.addCitation(citation)
    for (const one of this.#logprobs) this.answer.logprobs.push(one)
    this.#citations = []
    this.#logprobs = []
    this.answer.endPart()
  }

  #takeLogprobs(response: Unread): void {
    for (const item of arrayOr(response['output'])) {
      for (const part of arrayOr(objectOr(item)['content'])) {
        for (const one of decodeLogprobs(objectOr(part)['logprobs'])) this.answer.logprobs.push(one)
      }
    }
  }
}

function placeOf(place: unknown): number {
  return typeof place === 'number' ? place : 0
}

/** Why there is no answer; null when there is one. A response in the background has yet to be fetched. */
function causeOf(response: Unread, status: string | null): Failure | null {
  const { error } = response
  if (isObject(error)) return decodeFailure(inWords({ error }), null)
  if (typeof error === 'string') return decodeFailure({ error }, null)
  if (status === 'failed') return brokenOff
  if (status === 'cancelled') return failure('unknown', 'The response was cancelled')
  if (status !== 'queued' && status !== 'in_progress') return null
  return failure('unknown', `The response is not complete yet: its status is "${status}"`)
}

/**
 * The codes of a response's error that no other dialect has: what was asked cannot be answered.
 * https://platform.openai.com/docs/api-reference/responses/object#responses-object-error
 */
export function inWords(wire: Unread): Unread {
  const error = objectOr(wire['error'] ?? wire)
  const code = stringIn(error, 'code') ?? ''
  if (/policy/.test(code)) return { error: { ...error, code: 'content_filter' } }
  return /^invalid_(?!api)|image/.test(code) ? { error: { ...error, code: 'invalid_request' } } : wire
}

/** `response.incomplete`; null for a plain response. */
function statusOf(type: string): string | null {
  // What compatible servers call it, and the realtime API: the status stands inside.
  return type === 'response.done' ? 'completed' : stringOr(type.replace('response.', ''))
}

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['completed', 'stop'],
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
])
