/** Encodes the messages of a request. https://ai.google.dev/api/caching#Content */
import type { WireErrorCode } from '../error.ts'
import { WireError } from '../error.ts'
import { isObject } from '../json.ts'
import type {
  AssistantMessage,
  JsonObject,
  Message,
  ToolCall,
  ToolMessage,
  ToolResult,
  UserMessage,
} from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest } from '../request.ts'
import { dataOf, encodeAnswerPart, encodeMedia, encodeText, present } from './encode-parts.ts'
import { isOldModel } from './models.ts'

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: JsonObject[]
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
      const parts = this.#encodeParts(message, `messages[${index}]`)
      const role = message.role === 'assistant' ? 'model' : 'user'
      const last = contents.at(-1)
      if (last?.role === role && dataOf(message.data)?.['continues'] === true) last.parts.push(...parts)
      else if (parts.length > 0) contents.push({ role, parts })
    }
    return contents
  }

  #encodeParts(message: UserMessage | AssistantMessage | ToolMessage, path: string): JsonObject[] {
    if (message.role === 'assistant') return this.#encodeAssistant(message, path)
    if (message.role === 'tool') return this.#encodeResults(message, path)
    return message.content.map((part, index) =>
      part.type === 'text'
        ? encodeText(part)
        : encodeMedia(part, `${path}.content[${index}]`, this.#isVertex),
    )
  }

  #encodeAssistant({ content }: AssistantMessage, path: string): JsonObject[] {
    const parts: JsonObject[] = []
    let isFirstCall = true
    for (const [index, part] of content.entries()) {
      const isMedia = part.type === 'media'
      const encoded = isMedia
        ? encodeMedia(part, `${path}.content[${index}]`, this.#isVertex)
        : encodeAnswerPart(part)
      if (encoded === null) continue
      const isCall = part.type === 'tool-call'
      parts.push(isCall && isFirstCall ? this.#signed(encoded, part) : encoded)
      if (!isCall) continue
      isFirstCall = false
      this.#calls.set(part.id, part)
    }
    return parts
  }

  /**
   * Gemini 3 refuses a step whose first call has no signature. One that it did not make itself gets this word
   * in its place (https://ai.google.dev/gemini-api/docs/thought-signatures#faqs); the others of the step need none.
   */
  #signed(encoded: JsonObject, { data }: ToolCall): JsonObject {
    const isSaid = dataOf(data)?.['thoughtSignature'] !== undefined
    return isSaid || this.#isOld
      ? encoded
      : { ...encoded, thoughtSignature: 'skip_thought_signature_validator' }
  }

  /** Media stand in the response, or for older models behind all responses. */
  #encodeResults({ content }: ToolMessage, path: string): JsonObject[] {
    const behind: JsonObject[] = []
    const responses = content.map((result, index) => {
      const where = `${path}.content[${index}]`
      const media = result.output.flatMap((part, place) =>
        part.type === 'text' ? [] : [encodeMedia(part, `${where}.output[${place}]`, this.#isVertex)],
      )
      if (!this.#isOld || isOwn(result)) return this.#encodeResult(result, media, where)
      if (media.length > 0) behind.push({ text: `From ${this.#nameOf(result, where)}:` }, ...media)
      return this.#encodeResult(result, [], where)
    })
    return [...responses, ...behind]
  }

  #encodeResult(result: ToolResult, media: readonly JsonObject[], path: string): JsonObject {
    const { functionResponse, id, ...said } = dataOf(result.data) ?? {}
    const call = this.#calls.get(result.id)
    const hasId = id !== null && dataOf(call?.data)?.['id'] !== null
    return {
      functionResponse: {
        ...(hasId && { id: result.id }),
        name: this.#nameOf(result, path),
        response: { [result.isError ? 'error' : 'output']: textOf(result) },
        ...(media.length > 0 && { parts: media }),
        ...(isObject(functionResponse) && present(functionResponse)),
      },
      ...present(said),
    }
  }

  #nameOf({ id, name }: ToolResult, path: string): string {
    const known = name === '' ? this.#calls.get(id)?.name : name
    if (known !== undefined) return known
    const code: WireErrorCode = 'unsupported'
    throw new WireError(code, 'the tool must be named: no call before it has this id', {
      path: `${path}.name`,
    })
  }
}

/** Whether it came in this dialect, media and all. */
function isOwn({ data }: ToolResult): boolean {
  return dataOf(data)?.['functionResponse'] !== undefined
}

function textOf({ output }: ToolResult): string {
  return output.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
