/** Thoughts as the dialects stream them, and the details that carry them to clients of OpenRouter. */
import {
  type Answer,
  anthropic,
  anthropicMessagesDialect,
  bedrock,
  bedrockConverseDialect,
  type Dialect,
  geminiDialect,
  google,
  type JsonObject,
  openai,
  openaiChatDialect,
  openaiResponsesDialect,
  openrouter,
  type Provider,
  type ProviderData,
  type StreamEvent,
} from '../src/index.ts'

/** A thought that a model streamed, and what is left to be said when its words are out. */
export interface StreamedThought {
  readonly name: string
  readonly dialect: Dialect
  readonly provider: Provider
  readonly data: ProviderData
  /** What each of its details says besides the words; with none, the words have no details. */
  readonly words: JsonObject | null
  readonly end: readonly JsonObject[]
}

export const thoughtWords = 'First add them, then multiply.'

const text = (format: string | null): JsonObject => ({ type: 'reasoning.text', format, index: 0 })
const claude = 'anthropic-claude-v1'
const responses = { id: 'rs_1', format: 'openai-responses-v1', index: 0 }
const gemini = 'google-gemini-v1'

export const streamedThoughts: readonly StreamedThought[] = [
  {
    name: "Claude's, signed",
    dialect: anthropicMessagesDialect,
    provider: anthropic,
    data: { 'anthropic-messages': { signature: 'EqkD' } },
    words: text(claude),
    end: [{ ...text(claude), signature: 'EqkD' }],
  },
  {
    name: "Claude's on Bedrock, signed",
    dialect: bedrockConverseDialect,
    provider: bedrock,
    data: { 'bedrock-converse': { signature: 'EqkD' } },
    words: text(null),
    end: [{ ...text(claude), signature: 'EqkD' }],
  },
  {
    name: "OpenAI's, with a summary",
    dialect: openaiResponsesDialect,
    provider: openai,
    data: {
      'openai-responses': {
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: thoughtWords }],
        encrypted_content: 'gAAA',
      },
    },
    words: { type: 'reasoning.summary', ...responses },
    end: [{ type: 'reasoning.encrypted', ...responses, data: 'gAAA' }],
  },
  {
    name: "Gemini's, signed",
    dialect: geminiDialect,
    provider: google,
    data: { gemini: { thoughtSignature: 'EjQK' } },
    words: text(gemini),
    end: [{ type: 'reasoning.encrypted', data: 'EjQK', id: null, format: gemini, index: 0 }],
  },
  {
    name: "OpenRouter's, of a format that nothing is known of",
    dialect: openaiChatDialect,
    provider: openrouter,
    data: { 'openai-chat': { reasoning_details: [{ ...text('unknown'), text: thoughtWords }] } },
    words: text('unknown'),
    end: [],
  },
  {
    name: "OpenRouter's of a Claude",
    dialect: openaiChatDialect,
    provider: openrouter,
    data: {
      'openai-chat': { reasoning_details: [{ ...text(claude), text: thoughtWords, signature: 'EqkD' }] },
    },
    words: text(claude),
    end: [{ ...text(claude), signature: 'EqkD' }],
  },
  {
    name: 'with words alone',
    dialect: openaiChatDialect,
    provider: openrouter,
    data: {},
    words: null,
    end: [],
  },
]

/** An answer that thinks, then speaks. */
export function thinkingAnswer(data: ProviderData): Answer {
  return {
    type: 'answer',
    id: 'gen-1',
    model: 'm',
    provider: null,
    message: {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: thoughtWords, data },
        { type: 'text', text: 'Done.' },
      ],
    },
    finishReason: 'stop',
    rawFinishReason: null,
    usage: { inputTokens: 7, outputTokens: 2, cachedInputTokens: 0, reasoningTokens: 1 },
    cost: null,
  }
}

/** The events of it, as they are read from a stream of the model's own dialect, in three deltas. */
export function eventsOfThought({ dialect, provider, data, words }: StreamedThought): StreamEvent[] {
  const answer = thinkingAnswer(data)
  const [thought, said] = answer.message.content
  if (thought?.type !== 'reasoning' || said?.type !== 'text') throw new Error('It thinks, then speaks')
  const deltas = (thought.text.match(/.{1,10}/gsu) ?? []).map((delta, index) => ({
    type: 'reasoning' as const,
    text: delta,
    ...(index === 0 &&
      dialect === openaiChatDialect &&
      words !== null && { data: { [dialect.name]: words } }),
    ...(index === 0 && dialect === openaiResponsesDialect && { data }),
  }))
  const events = [
    ...deltas,
    { type: 'part-end', part: thought },
    { type: 'text', text: said.text },
    { type: 'finish', answer },
  ] as const
  const encoder = dialect.server.encodeStream({ id: 'gen-1', model: 'm', created: 5 })
  const decoder = dialect.client.decodeStream(provider)
  const read = events.flatMap((event) => [...decoder.push(encoder.push(event))])
  return [...read, ...decoder.end()]
}
