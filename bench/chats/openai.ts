/** One streamed chat with OpenAI's client. */
import OpenAI from 'openai'
import type { Chat } from '../bundle.ts'

export const chat: Chat = async (fetch, onText) => {
  const client = new OpenAI({ apiKey: 'x', baseURL: 'https://openrouter.ai/api/v1', fetch })
  const chunks = await client.chat.completions.create({
    model: 'moonshotai/kimi-k2-0905',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  })
  for await (const chunk of chunks) onText(chunk.choices[0]?.delta.content ?? '')
}
