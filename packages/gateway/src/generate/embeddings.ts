/** Embeddings: passed through as they are, routed, limited and accounted for like answers. */
import {
  type Answer,
  decodeCost,
  type Dialect,
  failure,
  type Failure,
  isObject,
  openaiChatDialect,
  parseJson,
  type Unread,
} from '@playhead/wire'
import { ask, askEmbeddings, type About, type Asked } from '../ask/ask.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Question } from '../question.ts'

/** OpenAI's dialect, but for what comes back: no message, only tokens. https://platform.openai.com/docs/api-reference/embeddings */
export const embeddings: Dialect = {
  ...openaiChatDialect,
  client: { ...openaiChatDialect.client, decodeResponse },
}

/** A question in the words of one endpoint, whatever it asks for. */
export function askFor(question: Question, endpoint: Endpoint, about: About): Asked {
  if (question.dialect !== embeddings) return ask(question, endpoint, about)
  const asked = askEmbeddings(question, endpoint, about)
  return { ...asked, dialect: { ...asked.dialect, client: embeddings.client } }
}

function decodeResponse(body: string): Answer | Failure {
  const wire = parse(body)
  if (!Array.isArray(wire['data'])) {
    const error = openaiChatDialect.client.decodeResponse(body)
    return error.type === 'failure' ? error : failure('malformed', 'What came has no embeddings')
  }
  const { id, model, usage } = wire
  const counted = isObject(usage) ? usage : {}
  const tokens = counted['prompt_tokens'] ?? counted['total_tokens']
  return {
    type: 'answer',
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    provider: null,
    message: { role: 'assistant', content: [] },
    finishReason: 'stop',
    rawFinishReason: null,
    usage:
      typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0
        ? { inputTokens: tokens, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 }
        : null,
    cost: decodeCost(counted['cost']),
  }
}

function parse(body: string): Unread {
  const parsed = parseJson(body)
  return isObject(parsed) ? parsed : {}
}
