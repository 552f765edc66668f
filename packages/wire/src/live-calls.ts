/** Lets an encoder write tool calls while their input still comes, in the order in which the answer's parts began. */
import type { PartEvent, ToolCallEvent, ToolInputEvent } from './answer.ts'
import type { ProviderData, ToolCall } from './message.ts'

/** What is no tool call. */
export type OtherEvent = Exclude<PartEvent, ToolInputEvent | ToolCallEvent>

/** What is known of a call when it begins. */
export interface CallHead {
  readonly index: number
  /** Never empty. */
  readonly id: string
  readonly name: string
  readonly data?: ProviderData
}

/** Writes one dialect's events. */
export interface CallWriter {
  /** Whether clients take only one part at a time: the next one then waits until a call's input is whole. */
  readonly isSerial: boolean
  beginCall(head: CallHead): void
  /** A delta, never empty. Where calls come one at a time it belongs to the last one. */
  addInput(index: number, text: string): void
  /** The call is whole; `rest` is what was not yet written of its input. It may have been left for another part. */
  endCall(index: number, call: ToolCall, rest: string): void
  part(event: OtherEvent): void
}

interface LiveCall {
  readonly index: number
  readonly data: ProviderData | undefined
  readonly scan: InputScan
  id: string
  name: string
  isBegun: boolean
  isWhole: boolean
  /** What came of the input and is not written. */
  unwritten: string
  /** Whether nothing but blanks came. */
  isBlank: boolean
  /** How much of the input is written. */
  length: number
}

/**
 * A call begins as soon as its id and its name are known: they must stand in its first event. Until then, the call
 * and what stands behind it wait.
 */
export class LiveCalls {
  readonly #writer: CallWriter
  readonly #calls = new Map<number, LiveCall>()
  /** What waits, from the first that cannot begin; before that stands what was let go. */
  #held: (OtherEvent | LiveCall)[] = []
  #firstHeld = 0
  /** The call that was begun last, while nothing was written behind it. */
  #last: LiveCall | undefined
  #whole = 0

  constructor(writer: CallWriter) {
    this.#writer = writer
  }

  take(event: PartEvent): void {
    if (event.type === 'tool-input') this.#takeInput(event)
    else if (event.type === 'tool-call') this.#takeCall(event.call)
    else if (this.#isHolding || this.#mustWait) this.#held.push(event)
    else this.#writePart(event)
  }

  /** The answer ends here. What waits is written; a call that is not whole is not. */
  end(): void {
    const held = this.#held.slice(this.#firstHeld)
    this.#held = []
    this.#firstHeld = 0
    for (const one of held) if ('type' in one) this.#writePart(one)
  }

  #takeInput(event: ToolInputEvent): void {
    const call = this.#calls.get(event.index) ?? this.#announce(event)
    call.id ||= event.id
    call.name ||= event.name
    call.unwritten += event.text
    call.isBlank &&= event.text.trim() === ''
    if (this.#writer.isSerial) call.scan.add(event.text)
    this.#writeInput(call)
    if (this.#isHolding) this.#release()
  }

  #takeCall(whole: ToolCall): void {
    const index = this.#whole
    this.#whole += 1
    const known = this.#calls.get(index)
    const call = known ?? this.#announce({ index, ...whole })
    call.id ||= whole.id
    call.name ||= whole.name
    call.isWhole = true
    this.#release()
    if (!call.isBegun) this.#begin(call)
    this.#writer.endCall(index, whole, whole.inputText.slice(call.length))
    this.#release()
  }

  #announce({ index, id, name, data }: Omit<CallHead, 'data'> & { readonly data?: ProviderData }): LiveCall {
    const call: LiveCall = {
      index,
      data,
      scan: new InputScan(),
      id,
      name,
      isBegun: false,
      isWhole: false,
      unwritten: '',
      isBlank: true,
      length: 0,
    }
    this.#calls.set(index, call)
    if (this.#isHolding || !isKnown(call) || this.#mustWait) this.#held.push(call)
    else this.#begin(call)
    return call
  }

  get #mustWait(): boolean {
    const last = this.#last
    return this.#writer.isSerial && last !== undefined && !last.isWhole && !last.scan.isOver
  }

  get #isHolding(): boolean {
    return this.#firstHeld < this.#held.length
  }

  /** A call that was begun out of its order waits no more. */
  #release(): void {
    for (let one = this.#held[this.#firstHeld]; one !== undefined; one = this.#held[this.#firstHeld]) {
      const isGone = 'unwritten' in one && one.isBegun
      if (!isGone && (this.#mustWait || ('unwritten' in one && !isKnown(one)))) break
      this.#firstHeld += 1
      if (isGone) continue
      if ('unwritten' in one) this.#begin(one)
      else this.#writePart(one)
    }
    if (this.#isHolding) return
    this.#held = []
    this.#firstHeld = 0
  }

  #writePart(event: OtherEvent): void {
    this.#last = undefined
    this.#writer.part(event)
  }

  #begin(call: LiveCall): void {
    const { index, id, name, data } = call
    this.#last = call
    call.isBegun = true
    this.#writer.beginCall({ index, id, name, ...(data !== undefined && { data }) })
    this.#writeInput(call)
  }

  /** Blanks wait for what follows: an input of nothing else is an empty object, which the whole call says. */
  #writeInput(call: LiveCall): void {
    const { index, unwritten } = call
    if (!call.isBegun || unwritten === '' || (this.#writer.isSerial && call !== this.#last)) return
    if (call.isBlank) return
    call.unwritten = ''
    call.length += unwritten.length
    this.#writer.addInput(index, unwritten)
  }
}

/** Whether a call's first event can be written. */
function isKnown({ id, name, isWhole }: LiveCall): boolean {
  return isWhole || (id !== '' && name !== '')
}

/** Finds the end of an object in pieces: only blanks can follow it, if the model writes JSON at all. */
class InputScan {
  isOver = false
  #depth = 0
  #isQuoted = false
  #isEscaped = false

  add(text: string): void {
    for (let place = 0; place < text.length; place += 1) {
      const unit = text.charCodeAt(place)
      if (this.#isEscaped) this.#isEscaped = false
      else if (unit === quote) this.#isQuoted = !this.#isQuoted
      else if (this.#isQuoted) this.#isEscaped = unit === backslash
      else if (unit === opening) this.#depth += 1
      else if (unit === closing) {
        this.#depth -= 1
        this.isOver ||= this.#depth === 0
      }
    }
  }
}

const quote = 0x22
const backslash = 0x5c
const opening = 0x7b
const closing = 0x7d
