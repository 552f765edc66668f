/** Encodes the messages of a request. https://ai.google.dev/api/caching#Content */
import { given, listOrNone } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import type { AssistantPart, MediaPart, Message, ToolCall, ToolResult } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest } from '../request.ts'
import { unsupported } from '../strict.ts'
import { encodePart, ownOf } from './encode-parts.ts'
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
      const parts = this.#encodeMessage(message.content, `messages[${index}].content`)
      const role = message.role === 'assistant' ? 'model' : 'user'
      const last = contents.at(-1)
      if (last?.role === role && ownOf(message)['continues'] === true) last.parts.push(...parts)
      else if (parts.length > 0) contents.push({ role, parts })
    }
    return contents
  }

  #encodeMessage(content: readonly (AssistantPart | ToolResult)[], path: string): Unread[] {
    const firstCall = content.find((part) => part.type === 'tool-call')
    const behind: Unread[] = []
    const parts = content.flatMap<Unread>((part, index) => {
      const where = `${path}[${index}]`
      if (part.type === 'media') return this.#encodeMedia(part, where)
      if (part.type === 'tool-result') return this.#encodeResult(part, where, behind)
      if (part.type === 'tool-call') this.#calls.set(part.id, part)
      const encoded = encodePart(part, this.#isVertex)
      if (encoded === null) return []
      const isSigned = this.#isOld || ownOf(part)['thoughtSignature'] !== undefined
      return part === firstCall && !isSigned ? { ...unsigned, ...encoded } : encoded
    })
    return [...parts, ...behind]
  }

  #encodeMedia(part: MediaPart, path: string): Unread {
    const encoded = encodePart(part, this.#isVertex)
    if (encoded === null) throw unsupported('a file of another provider cannot be sent', path)
    return encoded
  }

  /** Media stand in the response, or for older models behind all responses. */
  #encodeResult(result: ToolResult, path: string, behind: Unread[]): Unread {
    const { functionResponse, id, ...said } = ownOf(result)
    const call = this.#calls.get(result.id)
    const name = result.name || call?.name
    if (name === undefined) throw unsupported('it needs a name: no call before has its id', `${path}.name`)
    const texts = result.output.flatMap((part) => (part.type === 'text' ? part.text : []))
    const media = result.output.flatMap<Unread>((part, index) =>
      part.type === 'text' ? [] : this.#encodeMedia(part, `${path}.output[${index}]`),
    )
    if (this.#isOld && media.length > 0) behind.push({ text: `From ${name}:` }, ...media)
    return {
      functionResponse: {
        id: id === null || ownOf(call ?? {})['id'] === null ? undefined : result.id,
        name,
        response: { [result.isError ? 'error' : 'output']: texts.join('\n') },
        parts: this.#isOld ? undefined : listOrNone(media),
        ...given(objectOr(functionResponse)),
      },
      ...given(said),
    }
  }
}

/**
 * Gemini 3 refuses a step whose first call has no signature. One that it did not make itself gets this word
 * in its place (https://ai.google.dev/gemini-api/docs/thought-signatures#faqs); the others of the step need none.
 */
const unsigned = { thoughtSignature: 'skip_thought_signature_validator' }
