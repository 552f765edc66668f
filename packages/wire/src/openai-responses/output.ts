/** Puts one answer together, from the events of a stream or from the items of a plain response alike. */
import { type Answer, failure, type Failure, type FinishReason } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { brokenOff, decodeFailure } from '../failure.ts'
import { arrayOr, isObject, objectOr, objectsOr, stringIn, stringOr, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'
import { decodeLogprobs } from '../logprobs.ts'
import type { Citation } from '../message.ts'
import { decodeUsageCost } from '../money.ts'
import {
  callData,
  callInput,
  decodeCitations,
  decodeOther,
  isCall,
  messageFields,
  paragraphs,
  reasoningFields,
  responses,
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

/** What takes an event of an item. */
export type Taker =
  | 'takeText'
  | 'takeReasoning'
  | 'takeInput'
  | 'takeInputEnd'
  | 'takeAnnotation'
  | 'takePart'
  | 'takeItem'

/**
 * The output of one response. Items are told apart by `output_index`: their ids differ between the events of
 * one item at some hosts (https://github.com/continuedev/continue/issues/11994). Deltas are the text;
 * what a whole item says beyond them is added when it comes.
 */
export class Output extends AnswerBuilder {
  readonly #items = new Map<unknown, Item>()
  #last: unknown
  /** The item whose text or reasoning is open. */
  #open: Item | undefined
  /** What came with the text that is open. */
  #citations: Citation[] = []
  /** All of that text, where its end has come: some hosts send it before its deltas, or without any. */
  #whole = ''

  /** What a response says of itself, at its beginning and again at its end. */
  takeHead({ response: wire }: Unread): void {
    const response = objectOr(wire)
    this.id = stringIn(response, 'id') ?? this.id
    this.model = stringIn(response, 'model') ?? this.model
    this.provider = stringIn(response, 'provider') ?? this.provider
    this.usage = decodeUsage(response['usage']) ?? this.usage
    this.cost = decodeUsageCost(objectOr(response['usage'])) ?? this.cost
    // What was paid depends on it; the one that was asked for stands at the beginning.
    const tier = stringIn(response, 'service_tier')
    if (tier !== null) this.data = { [responses]: { service_tier: tier } }
  }

  /** An item begins. */
  begin({ output_index: index, item: announced }: Unread): Item {
    const item: Item = { wire: shallowOr(announced), place: -1, length: 0, isDone: false }
    this.#last = index ?? this.#items.size
    this.#items.set(this.#last, item)
    if (isCall(item.wire['type'])) this.#callOf(item)
    return item
  }

  /** Hands an event to what takes it, unless its item is whole already. */
  takeEvent(take: Taker, event: Unread, type: string): void {
    const item = this.#items.get(event['output_index'] ?? this.#last) ?? this.begin(event)
    if (!item.isDone) this[take](item, event, type)
  }

  /** A delta of a message's text. */
  takeText(item: Item, event: Unread, type: string): void {
    const delta = stringOr(event['delta'])
    if (delta === null) return
    this.#openText(item, placeOf(event['content_index']), type === 'response.refusal.delta')
    item.length += delta.length
    this.addText(delta)
  }

  /** A delta of an item's reasoning. */
  takeReasoning(item: Item, event: Unread, type: string): void {
    const delta = stringOr(event['delta'])
    if (delta === null) return
    const list = type === 'response.reasoning_text.delta' ? 'content' : 'summary'
    item.list ??= list
    if (item.list !== list) return
    this.#openReasoning(item)
    const place = placeOf(event[`${list}_index`])
    const paragraph = item.length === 0 || item.place === place ? '' : '\n\n'
    item.place = place
    item.length += paragraph.length + delta.length
    this.addReasoning(paragraph)
    this.addReasoning(delta)
  }

  /** A delta of a call's input. */
  takeInput(item: Item, { delta }: Unread): void {
    this.#addInput(item, stringOr(delta) ?? '')
  }

  /** All of a call's input: some hosts say nothing else of it. */
  takeInputEnd(item: Item, event: Unread): void {
    this.#addInput(item, callInput(event).slice(item.length))
  }

  /** A source of the text that is open. */
  takeAnnotation(item: Item, { annotation }: Unread): void {
    if (this.#open === item) this.#citations.push(...decodeCitations([annotation]))
  }

  /**
   * A part of a message is whole, or its text is: of that, the event is all there is. Where it points at no text that
   * is open, it begins one only in a message that is empty: some hosts point it elsewhere.
   */
  takePart(item: Item, event: Unread): void {
    const place = placeOf(event['content_index'])
    const isOurs = item.place < 0 || this.#isAt(item, place)
    if (isOurs && item.wire['type'] === 'message')
      this.#endPart(item, place, objectOr(event['part'] ?? event))
  }

  /** An item is whole. */
  takeItem(item: Item, { item: whole }: Unread): void {
    const wire = shallowOr(whole)
    const type = stringIn(wire, 'type')
    if (type === 'message') this.#endMessage(item, wire)
    else if (type === 'reasoning') this.#endReasoning(item, wire)
    else if (isCall(type)) this.#endCall(item, wire)
    else if (type !== null) {
      this.#close()
      this.addPart(decodeOther(wire))
    }
    item.isDone = true
  }

  /** The response is over. Where it does not say its status, the type of the event does. */
  complete(event: Unread, type: string): Answer | Failure {
    const response = objectOr(event['response'])
    // Perplexity's agent says it of the event itself.
    this.takeHead({ response: event['response'] ?? event })
    const count = this.#items.size
    for (const [index, item] of arrayOr(response['output']).entries()) {
      const isKnown = this.#items.has(index) || index >= count
      if (isKnown && isObject(item)) this.takeEvent('takeItem', { output_index: index, item }, '')
    }
    this.#close()
    this.#takeLogprobs(response)
    const status = stringIn(response, 'status') ?? stringOr(type.replace('response.', ''))
    const cause = causeOf(response, status)
    if (cause !== null) return this.fail(cause)
    this.rawFinishReason = stringIn(objectOr(response['incomplete_details']), 'reason') ?? status
    const reason = finishReasons.get(this.rawFinishReason ?? '') ?? 'other'
    return this.finish(reason === 'stop' && this.hasCalls ? 'tool-calls' : reason)
  }

  #addInput(item: Item, text: string): void {
    item.length += text.length
    this.addInput(this.#callOf(item), text)
  }

  /** The call that an item is. It begins where it has not. */
  #callOf(item: Item): OpenCall {
    if (item.call === undefined) {
      this.#close()
      const { wire } = item
      item.call = this.openCall(stringIn(wire, 'call_id') ?? '', stringIn(wire, 'name') ?? '', callData(wire))
    }
    return item.call
  }

  #isAt(item: Item, place: number): boolean {
    return this.#open === item && item.place === place
  }

  #openText(item: Item, place: number, isRefusal: boolean): void {
    if (this.#isAt(item, place)) return
    this.#close()
    this.#open = item
    if (item.place !== place) item.length = 0
    item.place = place
    const part = isRefusal ? { part: { type: 'refusal' } } : {}
    this.beginPart('text', { [responses]: { message: messageFields(item.wire), ...part } })
    if (isRefusal) this.addData('text', responses, part)
  }

  #openReasoning(item: Item): void {
    if (this.#open === item) return
    this.#close()
    this.#open = item
    const head = { ...reasoningFields(item.wire), list: item.list ?? 'summary' }
    this.beginPart('reasoning', { [responses]: head })
  }

  #endPart(item: Item, place: number, part: Unread): void {
    const whole = stringIn(part, 'text', 'refusal')
    if (whole === null) return
    this.#openText(item, place, part['type'] === 'refusal')
    this.#whole = whole
    const citations = decodeCitations(part['annotations'])
    if (citations.length > 0) this.#citations = citations
  }

  #endMessage(item: Item, wire: Unread): void {
    for (const [place, part] of objectsOr(wire['content']).entries()) {
      if (place > item.place || this.#isAt(item, place)) this.#endPart(item, place, part)
    }
    if (this.#open !== item) return
    this.addData('text', responses, { message: messageFields(wire) })
    this.#close()
  }

  #endReasoning(item: Item, wire: Unread): void {
    if (item.length > 0 && this.#open !== item) return
    item.list ??= paragraphs(wire['content']) === '' ? 'summary' : 'content'
    this.#openReasoning(item)
    this.addReasoning(paragraphs(wire[item.list]).slice(item.length))
    this.addData('reasoning', responses, reasoningFields(wire))
    this.#close()
  }

  #endCall(item: Item, wire: Unread): void {
    const call = this.#callOf(item)
    call.id = stringIn(wire, 'call_id') ?? call.id
    call.name = stringIn(wire, 'name') ?? call.name
    call.data = callData(wire)
    this.#addInput(item, callInput(wire).slice(item.length))
  }

  /** Ends the part that is open, with what came beside its deltas. */
  #close(): void {
    if (this.#open === undefined) return
    this.addText(this.#whole.slice(this.#open.length))
    for (const citation of this.#citations) this.addCitation(citation)
    this.#open = undefined
    this.#citations = []
    this.#whole = ''
    this.endPart()
  }

  #takeLogprobs(response: Unread): void {
    const parts = objectsOr(response['output']).flatMap(({ content }) => objectsOr(content))
    for (const { logprobs } of parts) for (const one of decodeLogprobs(logprobs)) this.logprobs.push(one)
  }
}

/** An item; an empty one for what is nested too deeply to be written again. */
function shallowOr(wire: unknown): Unread {
  return isShallow(wire) ? objectOr(wire) : {}
}

function placeOf(index: unknown): number {
  return typeof index === 'number' ? index : 0
}

/** Why there is no answer; null when there is one. A response in the background has yet to be fetched. */
function causeOf(response: Unread, status: string | null): Failure | null {
  if (response['error']) return decodeCause(response)
  if (status === 'failed') return brokenOff
  const isMissing = /^(queued|in_progress|cancelled)$/.test(status ?? '')
  return isMissing ? failure('unknown', `The answer is not complete: its status is "${status}"`) : null
}

/**
 * Decodes an error that is the object, or stands in it. It has codes that no other dialect has: what was asked cannot
 * be answered. https://platform.openai.com/docs/api-reference/responses/object#responses-object-error
 */
export function decodeCause(wire: Unread): Failure {
  const error = isObject(wire['error']) ? wire['error'] : wire
  const code = stringIn(error, 'code') ?? ''
  const kind = /policy/.test(code) ? 'content_filter' : /^invalid|image/.test(code) && 'invalid_request'
  return decodeFailure({ error_type: kind, ...error })
}

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['completed', 'stop'],
  // What compatible servers call it.
  ['done', 'stop'],
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
])
