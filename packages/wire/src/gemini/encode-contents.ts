/** Encodes the messages of a request. https://ai.google.dev/api/caching#Content */
import { given, listOrNone } from '../given.ts'
import { objectOr, type Unread } from '../json.ts'
import type { AssistantPart, Message, ToolCall, ToolResult } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { ModelRequest } from '../request.ts'
import { unsupported } from '../strict.ts'
import { dataOf, encodeAnswerPart, encodeMedia, isNothing } from './encode-parts.ts'
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
      if (last?.role === role && dataOf(message.data)?.['continues'] === true) last.parts.push(...parts)
      else if (parts.length > 0) contents.push({ role, parts })
    }
    return contents
  }

  #encodeMessage(content: readonly (AssistantPart | ToolResult)[], path: string): Unread[] {
    const calls = content.filter((part) => part.type === 'tool-call')
    for (const call of calls) this.#calls.set(call.id, call)
    const behind: Unread[] = []
    const parts = content.flatMap<Unread>((part, index) => {
      const where = `${path}[${index}]`
      if (part.type === 'media') return encodeMedia(part, where, this.#isVertex)
      if (part.type === 'tool-result') return this.#encodeResult(part, where, behind)
      if (isNothing(part)) return []
      const encoded = encodeAnswerPart(part)
      if (encoded === null) return []
      const isSigned = this.#isOld || dataOf(part.data)?.['thoughtSignature'] !== undefined
      return part === calls[0] && !isSigned ? { ...unsigned, ...encoded } : encoded
    })
    return [...parts, ...behind]
  }

  /** Media stand in the response, or for older models behind all responses. */
  #encodeResult(result: ToolResult, path: string, behind: Unread[]): Unread {
    const { functionResponse, id, ...said } = dataOf(result.data) ?? {}
    const call = this.#calls.get(result.id)
    const name = result.name || call?.name
    if (name === undefined)
      throw unsupported('the tool must be named: no call before it has this id', `${path}.name`)
    const media = result.output.flatMap<Unread>((part, place) =>
      part.type === 'text' ? [] : encodeMedia(part, `${path}.output[${place}]`, this.#isVertex),
    )
    const isInside = !this.#isOld || functionResponse !== undefined
    if (!isInside && media.length > 0) behind.push({ text: `From ${name}:` }, ...media)
    const texts = result.output.flatMap((part) => (part.type === 'text' ? part.text : []))
    return {
      functionResponse: {
        id: id === null || dataOf(call?.data)?.['id'] === null ? undefined : result.id,
        name,
        response: { [result.isError ? 'error' : 'output']: texts.join('\n') },
        parts: isInside ? listOrNone(media) : undefined,
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
