/** Decodes `contents` to messages. https://ai.google.dev/api/caching#Content */
import type {
  AssistantPart,
  JsonObject,
  MediaPart,
  Message,
  TextPart,
  ToolCall,
  ToolMessage,
  ToolResult,
  UserMessage,
} from '../message.ts'
import { isAbsent, objectAt, shown, stringAt, unsupported } from '../strict.ts'
import {
  decodeMedia,
  decodeOutput,
  decodeText,
  misplaced,
  objectOf,
  readPart,
  type WirePart,
} from './decode-parts.ts'
import { asData, fieldsAt, jsonAt, listAt, refuseOthers, restOf } from './fields.ts'
import { nameOfTool, providerParts } from './provider-parts.ts'

/** Reads the contents of one request, first to last: ids that were left out follow from what stood before. */
export class Contents {
  readonly #messages: Message[] = []
  #calls = 0
  /** How many pieces of code ran: those without an id are told apart by that. */
  #codes = 0
  /** The ids of the last calls, by name, in order: responses without ids take them one by one. */
  #open = new Map<string, { ids: string[]; next: number }>()

  decode(wire: unknown): Message[] {
    for (const [index, element] of listAt(wire, 'contents').entries()) {
      this.#decodeContent(element, `contents[${index}]`)
    }
    return this.#messages
  }

  /** A content without parts says nothing. */
  #decodeContent(wire: unknown, path: string): void {
    const content = fieldsAt(wire, path)
    refuseOthers(content, ['role', 'parts'], path)
    const parts = listAt(content['parts'], `${path}.parts`).map((part, index) =>
      readPart(part, `${path}.parts[${index}]`),
    )
    const role = content['role'] ?? 'user'
    if (role === 'model') this.#decodeModel(parts)
    else if (role === 'user' || role === 'function') this.#decodeUser(parts)
    else throw unsupported(`unknown role ${shown(role)}`, `${path}.role`)
  }

  /** A thought without words and signature says nothing. */
  #decodeModel(parts: readonly WirePart[]): void {
    if (parts.some(({ field }) => field === 'functionCall')) this.#open = new Map()
    let isFirstCall = true
    const content = parts.map((part): AssistantPart => {
      if (part.field === 'text') return decodeWords(part)
      if (part.field !== 'functionCall') return this.#decodeOther(part)
      const call = this.#decodeCall(part, isFirstCall)
      isFirstCall = false
      return call
    })
    const said = content.filter(
      (part) => part.type !== 'reasoning' || part.text !== '' || part.data !== undefined,
    )
    if (said.length > 0) this.#messages.push({ role: 'assistant', content: said })
  }

  /** That nobody signed the first call is said, lest it be taken for another provider's. */
  #decodeCall(part: WirePart, isFirst: boolean): ToolCall {
    const path = `${part.path}.functionCall`
    const call = fieldsAt(part.value, path)
    refuseOthers(call, ['id', 'name', 'args'], path)
    const name = stringAt(call['name'], `${path}.name`)
    const isNameless = isAbsent(call['id'])
    const id = isNameless ? `call_${this.#calls}` : stringAt(call['id'], `${path}.id`)
    this.#calls += 1
    const open = this.#open.get(name) ?? { ids: [], next: 0 }
    open.ids.push(id)
    this.#open.set(name, open)
    const isUnsigned = isFirst && part.rest['thoughtSignature'] === undefined
    const input = isAbsent(call['args']) ? {} : objectAt(call['args'], `${path}.args`)
    return {
      type: 'tool-call',
      id,
      name,
      input,
      inputText: jsonAt(input, `${path}.args`),
      ...asData({
        ...part.rest,
        ...(isNameless && { id: null }),
        ...(isUnsigned && { thoughtSignature: null }),
      }),
    }
  }

  #decodeOther(part: WirePart): AssistantPart {
    const media = decodeMedia(part)
    if (media !== null) return media
    const { field, rest } = part
    const type = providerParts.get(field)
    if (type === undefined) throw misplaced(part)
    const wire = objectOf(part)
    if (field === 'executableCode') this.#codes += 1
    const { id, outcome } = wire
    const common = {
      id: typeof id === 'string' ? id : `code_${this.#codes}`,
      name: nameOfTool(wire),
      data: { gemini: { ...rest, field } },
    }
    if (type === 'provider-call') return { type, ...common, input: wire }
    const isError = outcome !== undefined && outcome !== 'OUTCOME_OK'
    return { type, ...common, output: wire, isError }
  }

  /** Responses make a message of their own; a message that stood in one content with the one before says so. */
  #decodeUser(parts: readonly WirePart[]): void {
    let run: (TextPart | MediaPart)[] | undefined
    for (const [index, part] of parts.entries()) {
      const data = index > 0 ? { data: { gemini: { continues: true } } } : {}
      if (part.field === 'functionResponse') {
        run = undefined
        this.#addResult(this.#decodeResult(part), data)
        continue
      }
      const decoded = part.field === 'text' ? decodeText(part) : decodeMedia(part)
      if (decoded === null) throw misplaced(part)
      if (run === undefined) {
        run = [decoded]
        this.#messages.push({ role: 'user', content: run, ...data })
      } else {
        run.push(decoded)
      }
    }
  }

  /** All results of a step are one message, also where they came in several contents. */
  #addResult(result: ToolResult, data: Pick<UserMessage, 'data'>): void {
    const last = this.#results
    if (last !== undefined && last.message === this.#messages.at(-1)) {
      last.content.push(result)
      return
    }
    const content = [result]
    const message: ToolMessage = { role: 'tool', content, ...data }
    this.#results = { message, content }
    this.#messages.push(message)
  }

  #results: { readonly message: ToolMessage; readonly content: ToolResult[] } | undefined

  #decodeResult(part: WirePart): ToolResult {
    const path = `${part.path}.functionResponse`
    const wire = fieldsAt(part.value, path)
    const name = stringAt(wire['name'], `${path}.name`)
    const { output, isError, kept } = decodeOutput(wire['response'], wire['parts'], path)
    const functionResponse: JsonObject = { ...restOf(wire, ['id', 'name', 'response', 'parts']), ...kept }
    const isNameless = isAbsent(wire['id'])
    return {
      type: 'tool-result',
      id: isNameless ? this.#nextId(name) : stringAt(wire['id'], `${path}.id`),
      name,
      output,
      isError,
      ...asData({
        ...part.rest,
        ...(isNameless && { id: null }),
        ...(Object.keys(functionResponse).length > 0 && { functionResponse }),
      }),
    }
  }

  /** Of the calls with this name, the first that nobody answered; without any, the name will do. */
  #nextId(name: string): string {
    const open = this.#open.get(name)
    const id = open?.ids[open.next]
    if (open === undefined || id === undefined) return name
    open.next += 1
    return id
  }
}

function decodeWords(part: WirePart): AssistantPart {
  const { thought, ...rest } = part.rest
  const decoded = decodeText(part)
  return thought === true ? { type: 'reasoning', text: decoded.text, ...asData(rest) } : decoded
}
