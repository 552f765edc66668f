/** Writes the events of items: an item begins, its parts begin, grow and end, the item ends. */
import { GrowingText } from '../growing-text.ts'
import type { JsonObject, TextPart } from '../message.ts'

/** What events are written to. */
export interface EventWriter {
  /** The items that are whole, in their order. */
  readonly items: readonly JsonObject[]
  /** The events since this was last asked. */
  take(): string
  write(type: string, fields: JsonObject): void
  /** An event but for its number and its delta, which are all that changes. */
  writeDelta(prefix: string, delta: string): void
  /** An item that comes whole; nothing for none. */
  item(item: JsonObject | null): void
  /** An item begins: its `output_index`. */
  begin(item: JsonObject): number
  /** An item is whole. */
  end(index: number, item: JsonObject): void
}

/** Events of server-sent events, numbered. */
export class Writer implements EventWriter {
  #items: (JsonObject | undefined)[] = []
  #text = ''
  #number = 0

  get items(): readonly JsonObject[] {
    return this.#items.filter((item) => item !== undefined)
  }

  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  write(type: string, fields: JsonObject): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#number++, ...fields })}\n\n`
  }

  writeDelta(prefix: string, delta: string): void {
    this.#text += `${prefix}${this.#number++},"delta":${JSON.stringify(delta)}}\n\n`
  }

  item(item: JsonObject | null): void {
    if (item === null) return
    const { type, id = '' } = item
    const phases = typeof type === 'string' ? (searchPhases.get(type) ?? []) : []
    const index = this.begin(phases.length > 0 ? { ...item, status: 'in_progress' } : item)
    for (const phase of phases)
      this.write(`response.${type as string}.${phase}`, { output_index: index, item_id: id })
    this.end(index, item)
  }

  begin(item: JsonObject): number {
    const index = this.#items.push(undefined) - 1
    this.write('response.output_item.added', { output_index: index, item })
    return index
  }

  end(index: number, item: JsonObject): void {
    this.write('response.output_item.done', { output_index: index, item })
    this.#items[index] = item
  }
}

/** How far a search is, event by event, of which all are past. */
const searchPhases: ReadonlyMap<string, readonly string[]> = new Map([
  ['web_search_call', ['in_progress', 'searching', 'completed']],
  ['file_search_call', ['in_progress', 'searching', 'completed']],
])

function idOf({ id }: JsonObject): string {
  return typeof id === 'string' ? id : ''
}

/** A delta's event up to its number. */
function prefixOf(type: string, place: JsonObject, fields = ''): string {
  const constant = JSON.stringify({ type, ...place }).slice(0, -1)
  return `event: ${type}\ndata: ${constant}${fields},"sequence_number":`
}

/** A message that is being written. */
export class OpenMessage {
  readonly type = 'message'
  readonly id: string
  /** Its parts that are whole. */
  readonly parts: TextPart[] = []
  readonly #encoded: JsonObject[] = []
  readonly #writer: EventWriter
  readonly #index: number
  #text: GrowingText | undefined
  #isRefusal = false
  #prefix = ''

  constructor(writer: EventWriter, item: JsonObject) {
    this.#writer = writer
    this.id = idOf(item)
    this.#index = writer.begin({ ...item, content: [] })
  }

  get hasOpenPart(): boolean {
    return this.#text !== undefined
  }

  /** The text of the part that is open. */
  get text(): string {
    return this.#text?.toString() ?? ''
  }

  add(delta: string, isRefusal: boolean): void {
    this.#opened(isRefusal).add(delta)
    this.#writer.writeDelta(this.#prefix, delta)
  }

  #opened(isRefusal: boolean): GrowingText {
    if (this.#text !== undefined) return this.#text
    this.#isRefusal = isRefusal
    const part = isRefusal
      ? { type: 'refusal', refusal: '' }
      : { type: 'output_text', text: '', annotations: [], logprobs: [] }
    this.#prefix = isRefusal
      ? prefixOf('response.refusal.delta', this.#place)
      : prefixOf('response.output_text.delta', this.#place, ',"logprobs":[]')
    this.#writer.write('response.content_part.added', { ...this.#place, part })
    this.#text = new GrowingText()
    return this.#text
  }

  get #place(): JsonObject {
    return {
      item_id: this.id,
      output_index: this.#index,
      content_index: this.#encoded.length,
    }
  }

  /** The part that is open is this, in words of the dialect. */
  endPart(part: TextPart, encoded: JsonObject): void {
    this.#opened(encoded['type'] === 'refusal')
    const { annotations } = encoded
    if (Array.isArray(annotations)) {
      for (const [index, annotation] of annotations.entries() as Iterable<[number, JsonObject]>) {
        const fields = { ...this.#place, annotation_index: index, annotation }
        this.#writer.write('response.output_text.annotation.added', fields)
      }
    }
    if (this.#isRefusal) this.#writer.write('response.refusal.done', { ...this.#place, refusal: part.text })
    else this.#writer.write('response.output_text.done', { ...this.#place, text: part.text, logprobs: [] })
    this.#writer.write('response.content_part.done', { ...this.#place, part: encoded })
    this.#text = undefined
    this.#encoded.push(encoded)
    this.parts.push(part)
  }

  end(item: JsonObject): void {
    this.#writer.end(this.#index, item)
  }
}

/** A reasoning item that is being written: the summary of the reasoning, or the reasoning itself. */
export class OpenReasoning {
  readonly type = 'reasoning'
  readonly id: string
  readonly #writer: EventWriter
  readonly #index: number
  readonly #hasContent: boolean
  readonly #place: JsonObject
  readonly #prefix: string
  readonly #text = new GrowingText()

  constructor(writer: EventWriter, item: JsonObject, hasContent: boolean) {
    this.#writer = writer
    this.id = idOf(item)
    this.#index = writer.begin({ ...item, summary: [], ...(hasContent && { content: [] }) })
    this.#hasContent = hasContent
    const index = hasContent ? { content_index: 0 } : { summary_index: 0 }
    this.#place = { item_id: this.id, output_index: this.#index, ...index }
    const part = this.#part('')
    writer.write(`${this.#partEvent}.added`, { ...this.#place, part })
    this.#prefix = prefixOf(`${this.#textEvent}.delta`, this.#place)
  }

  get #partEvent(): string {
    return this.#hasContent ? 'response.content_part' : 'response.reasoning_summary_part'
  }

  get #textEvent(): string {
    return this.#hasContent ? 'response.reasoning_text' : 'response.reasoning_summary_text'
  }

  get text(): string {
    return this.#text.toString()
  }

  add(delta: string): void {
    this.#text.add(delta)
    this.#writer.writeDelta(this.#prefix, delta)
  }

  end(item: JsonObject): void {
    const { text } = this
    this.#writer.write(`${this.#textEvent}.done`, { ...this.#place, text })
    this.#writer.write(`${this.#partEvent}.done`, { ...this.#place, part: this.#part(text) })
    this.#writer.end(this.#index, item)
  }

  #part(text: string): JsonObject {
    return { type: this.#hasContent ? 'reasoning_text' : 'summary_text', text }
  }
}

/** A call whose input is being written. */
export class OpenCall {
  readonly id: string
  readonly #writer: EventWriter
  readonly #index: number
  readonly #field: 'input' | 'arguments'
  readonly #place: JsonObject
  readonly #prefix: string

  constructor(writer: EventWriter, item: JsonObject) {
    this.#writer = writer
    this.id = idOf(item)
    this.#field = item['type'] === 'custom_tool_call' ? 'input' : 'arguments'
    this.#index = writer.begin({ ...item, status: 'in_progress', [this.#field]: '' })
    this.#place = { item_id: item['id'] ?? item['call_id'] ?? '', output_index: this.#index }
    this.#prefix = prefixOf(`${this.#event}.delta`, this.#place)
  }

  get #event(): string {
    return this.#field === 'input' ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
  }

  add(delta: string): void {
    this.#writer.writeDelta(this.#prefix, delta)
  }

  end(item: JsonObject): void {
    const input = item[this.#field] ?? ''
    this.#writer.write(`${this.#event}.done`, {
      ...this.#place,
      ...(this.#field === 'arguments' && { name: item['name'] ?? '' }),
      [this.#field]: input,
    })
    this.#writer.end(this.#index, item)
  }
}
