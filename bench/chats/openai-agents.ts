/** One streamed chat with OpenAI's agents SDK, tracing off. */
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled } from '@openai/agents'
import OpenAI from 'openai'
import type { Chat } from '../bundle.ts'

export const chat: Chat = async (fetch, onText) => {
  setTracingDisabled(true)
  const client = new OpenAI({ apiKey: 'x', baseURL: 'https://openrouter.ai/api/v1', fetch })
  const model = new OpenAIChatCompletionsModel(client, 'moonshotai/kimi-k2-0905')
  const result = await run(new Agent({ name: 'chatter', model }), 'Hello', { stream: true })
  for await (const text of result.toTextStream()) onText(text)
}
