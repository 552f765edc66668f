/** One streamed chat by hand. */
import type { Chat } from '../bundle.ts'

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content: string | null } }[]
}

export const chat: Chat = async (fetch, onText) => {
  const messages = [{ role: 'user', content: 'Hello' }]
  const response = await fetch('https://openrouter.ai/api/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'moonshotai/kimi-k2-0905', messages, stream: true }),
  })
  if (response.body === null) throw new Error('No body')
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (event === 'data: [DONE]') return
      onText((JSON.parse(event.slice(6)) as Chunk).choices[0]?.delta.content ?? '')
    }
  }
}
