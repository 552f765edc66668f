/** The floor: decode, split, `JSON.parse`, by hand, with no check of anything. No library can do less. */
import {
  calculator,
  declare,
  instructions,
  maxOutputTokens,
  type MakeTarget,
  model,
  noteOf,
} from './target.ts'
import { noteSchema, type Pair, pairSchema, question, writers } from './target.ts'

interface Chunk {
  readonly choices: readonly { readonly delta: Delta }[]
}

interface Delta {
  readonly content: string | null
  readonly tool_calls?: readonly CallDelta[]
}

interface CallDelta {
  readonly index: number
  readonly id: string | null
  readonly function: { readonly name: string | null; readonly arguments: string }
}

interface Call {
  readonly id: string | null
  readonly name: string | null
  text: string
}

const pairTools = calculator.map((tool) => declare(tool, pairSchema))
const noteTools = writers.map((tool) => declare(tool, noteSchema))

export const target: MakeTarget = (fetch) => {
  async function complete(messages: object[], tools: readonly object[], onText: (text: string) => void) {
    const response = await fetch('https://openrouter.ai/api/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ messages, model, max_tokens: maxOutputTokens, tools, stream: true }),
    })
    if (response.body === null) throw new Error('No body')
    return decode(response.body, onText)
  }

  return {
    async stream(onText) {
      const calls = await complete([{ role: 'user', content: question }], noteTools, onText)
      return calls.map((call) => noteOf(call.text))
    },

    async run(onText) {
      const messages: object[] = [
        { role: 'system', content: instructions },
        { role: 'user', content: question },
      ]
      for (;;) {
        let text = ''
        const calls = await complete(messages, pairTools, (delta) => {
          text += delta
          onText(delta)
        })
        if (calls.length === 0) return text
        const asked = calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.text },
        }))
        messages.push({ role: 'assistant', content: text, tool_calls: asked })
        messages.push(...(await Promise.all(calls.map(answer))))
      }
    },
  }
}

async function decode(body: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<Call[]> {
  const reader = body.getReader()
  const utf8 = new TextDecoder()
  const calls: Call[] = []
  let rest = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    rest += utf8.decode(read.value, { stream: true })
    let start = 0
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n', start)) {
      const data = rest.slice(start + 6, end)
      start = end + 2
      if (data === '[DONE]') continue
      const delta = (JSON.parse(data) as Chunk).choices[0]?.delta
      if (delta === undefined) continue
      if (delta.content) onText(delta.content)
      if (delta.tool_calls !== undefined) for (const call of delta.tool_calls) take(call, calls)
    }
    rest = rest.slice(start)
  }
  return calls
}

function take(delta: CallDelta, calls: Call[]): void {
  const call = calls[delta.index]
  if (call === undefined) {
    calls[delta.index] = { id: delta.id, name: delta.function.name, text: delta.function.arguments }
  } else {
    call.text += delta.function.arguments
  }
}

async function answer(call: Call): Promise<object> {
  const tool = calculator.find(({ name }) => name === call.name)
  const output = tool?.run(JSON.parse(call.text) as Pair)
  return { role: 'tool', tool_call_id: call.id, content: String(output) }
}
