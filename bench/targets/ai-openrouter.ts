/** The AI SDK over OpenRouter's own provider. */
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { aiTarget } from './ai.ts'
import { baseUrl, type MakeTarget, model } from './target.ts'

export const target: MakeTarget = (fetch) => {
  const provider = createOpenRouter({ apiKey: 'x', baseURL: baseUrl, fetch })
  return aiTarget(provider.chat(model, { usage: { include: true } }))
}
