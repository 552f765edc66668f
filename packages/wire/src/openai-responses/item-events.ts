/** Writes the events of items: an item begins, its parts begin, grow and end, the item ends. */
import { GrowingText } from '../growing-text.ts'
import type { JsonObject, TextPart } from '../message.ts'

/** What events are written to. */
export interface EventWriter {
  /** The items that are whole. */
  readonly items: JsonObject[]
  /** The events since this was last asked. */
  take(): string
  write(type: string, fields: JsonObject): void
  /** An event but for its number and its delta, which are all that changes. */
  writeDelta(prefix: string, delta: string): void
  /** An item that comes whole; nothing for none. */
  item(item: JsonObject | null): void
  /** A call, which comes whole. */
  call(item: JsonObject): void
}

/** Events of server-sent events, numbered. */
export class Writer implements EventWriter {
  readonly items: JsonObject[] = []
  #text = ''
  #number = 0

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
    const place = { output_index: this.items.length }
    const { type, id = '' } = item
    const phases = typeof type === 'string' ? (searchPhases.get(type) ?? []) : []
    const begun = phases.length > 0 ? { ...item, status: 'in_progress' } : item
    this.write('response.output_item.added', { ...place, item: begun })
    for (const phase of phases) this.write(`response.${type as string}.${phase}`, { ...place, item_id: id })
    this.write('response.output_item.done', { ...place, item })
    this.items.push(item)
  }

  call(item: JsonObject): void {
    const field = item['type'] === 'custom_tool_call' ? 'input' : 'arguments'
    const event = field === 'input' ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    const place = { item_id: item['id'] ?? item['call_id'] ?? '', output_index: this.items.length }
    const input = item[field] ?? ''
    this.write('response.output_item.added', {
      output_index: this.items.length,
      item: { ...item, status: 'in_progress', [field]: '' },
    })
    this.write(`${event}.delta`, { ...place, delta: input })
    this.write(`${event}.done`, {
      ...place,
      ...(field === 'arguments' && { name: item['name'] ?? '' }),
      [field]: input,
    })
    this.write('response.output_item.done', { output_index: this.items.length, item })
    this.items.push(item)
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
    this.#index = writer.items.length
    writer.write('response.output_item.added', { output_index: this.#index, item: { ...item, content: [] } })
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
    this.#writer.write('response.output_item.done', { output_index: this.#index, item })
    this.#writer.items.push(item)
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
    this.#index = writer.items.length
    this.#hasContent = hasContent
    const index = hasContent ? { content_index: 0 } : { summary_index: 0 }
    this.#place = { item_id: this.id, output_index: this.#index, ...index }
    const begun = { ...item, summary: [], ...(hasContent && { content: [] }) }
    writer.write('response.output_item.added', { output_index: this.#index, item: begun })
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
    this.#writer.write('response.output_item.done', { output_index: this.#index, item })
    this.#writer.items.push(item)
  }

  #part(text: string): JsonObject {
    return { type: this.#hasContent ? 'reasoning_text' : 'summary_text', text }
  }
}
