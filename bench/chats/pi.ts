/** One streamed chat with pi's chat-completions stream. */
import { type Model, normalizeContext } from '@earendil-works/pi-ai'
import { stream } from '@earendil-works/pi-ai/api/openai-completions'
import type { Chat } from '../bundle.ts'

const kimi: Model<'openai-completions'> = {
  id: 'moonshotai/kimi-k2-0905',
  name: 'Kimi K2',
  api: 'openai-completions',
  provider: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  reasoning: false,
  input: ['text'],
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 262144,
  maxTokens: 4000,
}

export const chat: Chat = async (fetch, onText) => {
  const context = normalizeContext({ messages: [{ role: 'user', content: 'Hello', timestamp: 0 }] })
  for await (const event of stream(kimi, context, { apiKey: 'x', fetch })) {
    if (event.type === 'text_delta') onText(event.delta)
  }
}
