/** OpenAI's own client: the stream of chunks, and `runTools`. */
import OpenAI from 'openai'
import { baseUrl, calculator, declare, instructions, type MakeTarget, maxOutputTokens } from './target.ts'
import { model, noteOf, noteSchema, type Pair, pairSchema, question, writers } from './target.ts'

export const target: MakeTarget = (fetch) => {
  const tools = calculator.map(({ name, description, run }) => ({
    type: 'function' as const,
    function: {
      name,
      description,
      parameters: pairSchema,
      parse: (text: string) => JSON.parse(text) as Pair,
      function: (pair: Pair) => String(run(pair)),
    },
  }))
  const client = new OpenAI({ apiKey: 'x', baseURL: baseUrl, fetch, maxRetries: 0 })
  return {
    async stream(onText) {
      const chunks = await client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: question }],
        tools: writers.map((tool) => declare(tool, noteSchema)),
        stream: true,
        stream_options: { include_usage: true },
      })
      const inputs: string[] = []
      for await (const chunk of chunks) {
        const delta = chunk.choices[0]?.delta
        if (delta?.content) onText(delta.content)
        for (const call of delta?.tool_calls ?? []) {
          inputs[call.index] = (inputs[call.index] ?? '') + (call.function?.arguments ?? '')
        }
      }
      return inputs.map(noteOf)
    },

    async run(onText) {
      const runner = client.chat.completions.runTools({
        model,
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content: question },
        ],
        max_tokens: maxOutputTokens,
        stream: true,
        stream_options: { include_usage: true },
        tools,
      })
      for await (const chunk of runner) {
        const text = chunk.choices[0]?.delta.content
        if (text) onText(text)
      }
      return (await runner.finalContent()) ?? ''
    },
  }
}
