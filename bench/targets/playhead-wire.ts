/** Playhead's decoder alone: the public iterator of @playhead/wire. */
import { decodeEvents, openaiChat, openrouter } from '@playhead/wire'
import { type MakeTarget, model, noteOf, question } from './target.ts'

export const target: MakeTarget = (fetch) => ({
  async stream(onText) {
    const body = JSON.stringify({ messages: [{ role: 'user', content: question }], model, stream: true })
    const response = await fetch('https://openrouter.ai/api/v1/chat/completions', { method: 'POST', body })
    if (response.body === null) throw new Error('No body')
    const inputs: string[] = []
    for await (const event of decodeEvents(openaiChat, response.body, openrouter)) {
      if (event.type === 'text') onText(event.text)
      else if (event.type === 'tool-call') inputs.push(noteOf(event.call.inputText))
      else if (event.type === 'error') throw new Error(event.failure.message)
    }
    return inputs
  },
})
