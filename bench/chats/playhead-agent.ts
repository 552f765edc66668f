/** One streamed chat with Playhead. */
import { agent, openrouter } from '@playhead/agent'
import type { Chat } from '../bundle.ts'

export const chat: Chat = async (fetch, onText) => {
  const chatter = agent({ model: openrouter('moonshotai/kimi-k2-0905', { apiKey: 'x' }) })
  for await (const event of chatter.run('Hello', { fetch })) if (event.type === 'text') onText(event.text)
}
