/** One streamed chat with the AI SDK, over OpenRouter's own provider. */
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { streamText } from 'ai'
import type { Chat } from '../bundle.ts'

export const chat: Chat = async (fetch, onText) => {
  const provider = createOpenRouter({ apiKey: 'x', fetch })
  const { textStream } = streamText({ model: provider.chat('moonshotai/kimi-k2-0905'), prompt: 'Hello' })
  for await (const text of textStream) onText(text)
}
