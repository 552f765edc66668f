/** Puts one answer together, from the events of a stream or from the items of a plain response alike. */
import { type Answer, failure, type Failure, type FinishReason, type TokenLogprob } from '../answer.ts'
import { AnswerBuilder, type OpenCall } from '../answer-builder.ts'
import { brokenOff, decodeFailure } from '../failure.ts'
import { arrayOr, isObject, objectOr, objectsOr, stringIn, stringOr, type Unread } from '../json.ts'
import { decodeLogprobs } from '../logprobs.ts'
import type { Citation } from '../message.ts'
import { decodeUsageCost } from '../money.ts'
import {
  callData,
  callInput,
  decodeCitations,
  decodeOther,
  isCall,
  isReference,
  messageFields,
  paragraphs,
  reasoningFields,
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

/** What takes an event of an item. */
export type Taker = 'takeText' | 'takeReasoning' | 'takeInput' | 'takeAnnotation' | 'takePart' | 'takeItem'

/**
 * The output of one response. Items are told apart by `output_index`: their ids differ between the events of
 * one item at some hosts (https://github.com/continuedev/continue/issues/11994). Deltas are the text;
 * what a whole item says beyond them is added when it comes.
 */
export class Output extends AnswerBuilder {
  readonly #items = new Map<number, Item>()
  #last = -1
  /** The item whose text or reasoning is open. */
  #open: Item | undefined
  /** What came with the text that is open. */
  #citations: Citation[] = []
  #logprobs: readonly TokenLogprob[] = []
  /** What of that text its end said before its deltas did. */
  #ahead = ''

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
    const item: Item = { wire: objectOr(announced), place: -1, length: 0, isDone: false }
    this.#last = typeof index === 'number' ? index : this.#last + 1
    this.#items.set(this.#last, item)
    if (isCall(item.wire['type'])) this.#callOf(item)
    return item
  }

  /** Hands an event to what takes it, unless its item is whole already. */
  takeEvent(take: Taker, event: Unread, type: string): void {
    const { output_index: index } = event
    const item = this.#items.get(typeof index === 'number' ? index : this.#last) ?? this.begin(event)
    if (!item.isDone) this[take](item, event, type)
  }

  /** A delta of a message's text. */
  takeText(item: Item, event: Unread, type: string): void {
    const delta = stringOr(event['delta'])
    if (delta === null) return
    this.#openText(item, event['content_index'], type === 'response.refusal.delta')
    if (this.#ahead.startsWith(delta)) this.#ahead = this.#ahead.slice(delta.length)
    else {
      item.length += delta.length
      this.addText(delta)
    }
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
    const paragraph = [-1, place].includes(item.place) ? '' : '\n\n'
    item.place = place
    item.length += paragraph.length + delta.length
    this.addReasoning(paragraph)
    this.addReasoning(delta)
  }

  /** A delta of a call's input, or all of it. */
  takeInput(item: Item, event: Unread): void {
    this.#addInput(item, stringOr(event['delta']) ?? restOf(item, stringIn(event, 'arguments', 'input')))
  }

  /** A source of the text that is open. */
  takeAnnotation(item: Item, { annotation }: Unread): void {
    if (this.#open === item) this.#citations.push(...decodeCitations([annotation]))
  }

  /**
   * A part of a message is whole, or its text is: of that, the event is all there is. Where a text's end points at
   * no text that is open, it begins one only in a message that is empty: some hosts point it elsewhere.
   */
  takePart(item: Item, event: Unread): void {
    const { content_index } = event
    const part = objectOr(event['part'] ?? { ...event, type: 'output_text' })
    const whole = textOfPart(part)
    const isHere = item.place === placeOf(content_index)
    const isOurs = event['part'] ?? (item.place < 0 && item.wire['type'] === 'message')
    if (whole === '' || !(isHere ? this.#open === item : isOurs)) return
    this.#openText(item, content_index, part['type'] === 'refusal')
    const rest = restOf(item, whole)
    this.#ahead += rest
    this.addText(rest)
    item.length = Math.max(item.length, whole.length)
    const citations = decodeCitations(part['annotations'])
    if (citations.length > 0) this.#citations = citations
    this.#logprobs = decodeLogprobs(part['logprobs'])
  }

  /** An item is whole. */
  takeItem(item: Item, { item: whole }: Unread): void {
    const wire = objectOr(whole)
    const { type } = wire
    if (type === 'message') this.#endMessage(item, wire)
    else if (type === 'reasoning' && (item.length > 0 || !isReference(wire))) this.#endReasoning(item, wire)
    else if (isCall(type)) this.#endCall(item, wire)
    else this.#takeOther(wire)
    item.isDone = true
  }

  /** The response is over. Where it does not say its status, the type of the event does. */
  complete(event: Unread, type: string): Answer | Failure {
    const response = objectOr(event['response'])
    this.takeHead(event)
    const count = this.#items.size
    for (const [index, item] of arrayOr(response['output']).entries()) {
      const isKnown = this.#items.has(index) || index >= count
      if (isKnown && isObject(item)) this.takeEvent('takeItem', { output_index: index, item }, '')
    }
    this.#close()
    if (this.logprobs.length === 0) this.#takeLogprobs(response)
    const status = stringIn(response, 'status') ?? statusOf(type)
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

  #openText(item: Item, index: unknown, isRefusal: boolean): void {
    const place = placeOf(index)
    if (this.#open === item && item.place === place) return
    this.#close()
    this.#open = item
    if (item.place !== place) item.length = 0
    item.place = place
    const message = { ...messageFields(item.wire), status: 'in_progress' }
    const part = isRefusal ? { part: { type: 'refusal' } } : {}
    this.beginPart('text', { [responses]: { message, ...part } })
    if (isRefusal) this.addData('text', responses, part)
  }

  #openReasoning(item: Item): void {
    if (this.#open === item) return
    this.#close()
    this.#open = item
    const head = { ...reasoningFields(item.wire), list: item.list ?? 'summary' }
    this.beginPart('reasoning', { [responses]: head })
  }

  #endMessage(item: Item, wire: Unread): void {
    for (const [index, part] of arrayOr(wire['content']).entries()) {
      if (index >= item.place) this.takePart(item, { content_index: index, part })
    }
    if (this.#open !== item) return
    this.addData('text', responses, { message: messageFields(wire) })
    this.#close()
  }

  #endReasoning(item: Item, wire: Unread): void {
    if (item.length > 0 && this.#open !== item) return
    item.list ??= paragraphs(wire['content']) === '' ? 'summary' : 'content'
    this.#openReasoning(item)
    this.addReasoning(restOf(item, paragraphs(wire[item.list])))
    this.addData('reasoning', responses, reasoningFields(wire))
    this.#close()
  }

  #endCall(item: Item, wire: Unread): void {
    const call = this.#callOf(item)
    call.id = stringIn(wire, 'call_id') ?? call.id
    call.name = stringIn(wire, 'name') ?? call.name
    call.data = callData(wire)
    this.#addInput(item, restOf(item, callInput(wire)))
  }

  #takeOther(wire: Unread): void {
    const part = decodeOther(wire)
    if (part === null) return
    this.#close()
    this.addPart(part)
  }

  /** Ends the part that is open, with what came beside its text. */
  #close(): void {
    if (this.#open === undefined) return
    this.#open = undefined
    for (const citation of this.#citations) this.addCitation(citation)
    for (const one of this.#logprobs) this.logprobs.push(one)
    this.#citations = []
    this.#logprobs = []
    this.#ahead = ''
    this.endPart()
  }

  #takeLogprobs(response: Unread): void {
    const parts = objectsOr(response['output']).flatMap(({ content }) => objectsOr(content))
    for (const { logprobs } of parts) for (const one of decodeLogprobs(logprobs)) this.logprobs.push(one)
  }
}

function placeOf(index: unknown): number {
  return typeof index === 'number' ? index : 0
}

/** What of a whole text has not come. */
function restOf({ length }: Item, whole: string | null): string {
  return (whole ?? '').slice(length)
}

/** Why there is no answer; null when there is one. A response in the background has yet to be fetched. */
function causeOf(response: Unread, status: string | null): Failure | null {
  const { error } = response
  if (isObject(error) || typeof error === 'string') return decodeFailure(inWords({ error }))
  if (status === 'failed') return brokenOff
  const isMissing = /^(queued|in_progress|cancelled)$/.test(status ?? '')
  return isMissing ? failure('unknown', `The answer is not complete: its status is "${status}"`) : null
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
