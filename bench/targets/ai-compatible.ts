/** The AI SDK over its provider for OpenAI-compatible servers. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { aiTarget } from './ai.ts'
import { baseUrl, type MakeTarget, model } from './target.ts'

export const target: MakeTarget = (fetch) => {
  const provider = createOpenAICompatible({
    name: 'openrouter',
    baseURL: baseUrl,
    apiKey: 'x',
    includeUsage: true,
    fetch,
  })
  return aiTarget(provider.chatModel(model))
}
