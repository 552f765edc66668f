/** One streamed chat with the AI SDK, over its provider for OpenAI-compatible servers. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'
import type { Chat } from '../bundle.ts'

export const chat: Chat = async (fetch, onText) => {
  const provider = createOpenAICompatible({
    name: 'x',
    baseURL: 'https://openrouter.ai/api/v1',
    apiKey: 'x',
    fetch,
  })
  const { textStream } = streamText({ model: provider.chatModel('moonshotai/kimi-k2-0905'), prompt: 'Hello' })
  for await (const text of textStream) onText(text)
}
