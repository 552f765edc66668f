/** Encodes the messages of a request. https://ai.google.dev/api/caching#Content */
import { given } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import type {
  AssistantMessage,
  MediaPart,
  Message,
  TextPart,
  ToolCall,
  ToolMessage,
  ToolResult,
} from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest } from '../request.ts'
import { unsupported } from '../strict.ts'
import { dataOf, encodeAnswerPart, encodeMedia, encodeText, isNothing } from './encode-parts.ts'
import { isOldModel } from './models.ts'

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: Unread[]
}

/** All messages but the system's, which stand apart. */
export function encodeContents({ messages, model }: ModelRequest, provider: Provider): Content[] {
  return new Contents(model, provider).encode(messages)
}

/** What goes before has a say: results name the calls that they answer. */
class Contents {
  readonly #isOld: boolean
  readonly #isVertex: boolean
  readonly #calls = new Map<string, ToolCall>()

  constructor(model: string, provider: Provider) {
    this.#isOld = isOldModel(model)
    this.#isVertex = provider.host === 'vertex'
  }

  encode(messages: readonly Message[]): Content[] {
    const contents: Content[] = []
    for (const [index, message] of messages.entries()) {
      if (message.role === 'system') continue
      const parts = this.#encodeMessage(message, `messages[${index}].content`)
      const role = message.role === 'assistant' ? 'model' : 'user'
      const last = contents.at(-1)
      if (last?.role === role && dataOf(message.data)?.['continues'] === true) last.parts.push(...parts)
      else if (parts.length > 0) contents.push({ role, parts })
    }
    return contents
  }

  #encodeMessage(message: Exclude<Message, { readonly role: 'system' }>, path: string): Unread[] {
    if (message.role === 'assistant') return this.#encodeAssistant(message, path)
    if (message.role === 'tool') return this.#encodeResults(message, path)
    return message.content.flatMap<Unread>((part, index) =>
      part.type !== 'text'
        ? this.#encodeMedia(part, `${path}[${index}]`)
        : isNothing(part)
          ? []
          : encodeText(part),
    )
  }

  #encodeMedia(part: MediaPart, path: string): Unread {
    return encodeMedia(part, path, this.#isVertex)
  }

  #encodeAssistant({ content }: AssistantMessage, path: string): Unread[] {
    let isFirstCall = true
    return content.flatMap<Unread>((part, index) => {
      if (isNothing(part)) return []
      if (part.type === 'media') return this.#encodeMedia(part, `${path}[${index}]`)
      if (part.type !== 'tool-call') return encodeAnswerPart(part) ?? []
      const isSigned = dataOf(part.data)?.['thoughtSignature'] !== undefined
      const fields = isFirstCall && !isSigned && !this.#isOld ? unsigned : {}
      isFirstCall = false
      this.#calls.set(part.id, part)
      return { ...fields, ...encodeAnswerPart(part) }
    })
  }

  /** Media stand in the response, or for older models behind all responses. */
  #encodeResults({ content }: ToolMessage, path: string): Unread[] {
    const behind: Unread[] = []
    const responses = content.map((result, index) => {
      const where = `${path}[${index}]`
      const name = this.#nameOf(result, where)
      const media = result.output.flatMap<Unread>((part, place) =>
        part.type === 'text' ? [] : this.#encodeMedia(part, `${where}.output[${place}]`),
      )
      const isInside = !this.#isOld || dataOf(result.data)?.['functionResponse'] !== undefined
      if (!isInside && media.length > 0) behind.push({ text: `From ${name}:` }, ...media)
      return this.#encodeResult(result, name, isInside && media.length > 0 ? media : undefined)
    })
    return [...responses, ...behind]
  }

  #encodeResult(result: ToolResult, name: string, parts: readonly Unread[] | undefined): Unread {
    const { functionResponse, id, ...said } = dataOf(result.data) ?? {}
    const call = this.#calls.get(result.id)
    const hasId = id !== null && dataOf(call?.data)?.['id'] !== null
    const texts = result.output.filter((part): part is TextPart => part.type === 'text')
    const output = texts.map(({ text }) => text).join('\n')
    return {
      functionResponse: {
        id: hasId ? result.id : undefined,
        name,
        response: { [result.isError ? 'error' : 'output']: output },
        parts,
        ...given(objectOr(functionResponse)),
      },
      ...given(said),
    }
  }

  #nameOf({ id, name }: ToolResult, path: string): string {
    const known = name || this.#calls.get(id)?.name
    if (known !== undefined) return known
    throw unsupported('the tool must be named: no call before it has this id', `${path}.name`)
  }
}

/**
 * Gemini 3 refuses a step whose first call has no signature. One that it did not make itself gets this word
 * in its place (https://ai.google.dev/gemini-api/docs/thought-signatures#faqs); the others of the step need none.
 */
const unsigned = { thoughtSignature: 'skip_thought_signature_validator' }
