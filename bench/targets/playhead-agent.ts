/** Playhead as its users have it: an agent, its events, its result, with usage and cost. */
import { agent, openrouter, tool } from '@playhead/agent'
import { calculator, instructions, type MakeTarget, maxOutputTokens, model, type Note } from './target.ts'
import { noteSchema, type Pair, pairSchema, question, writers } from './target.ts'

export const target: MakeTarget = (fetch) => {
  const inputs: string[] = []
  const kimi = openrouter(model, { apiKey: 'x' })
  const writer = agent({
    model: kimi,
    tools: writers.map((entry) =>
      tool<Note>({ ...entry, input: noteSchema, run: ({ text }) => void inputs.push(text) }),
    ),
  })
  const adder = agent({
    model: kimi,
    instructions,
    maxOutputTokens,
    tools: calculator.map((entry) => tool<Pair>({ ...entry, input: pairSchema })),
  })
  return {
    async stream(onText) {
      inputs.length = 0
      for await (const event of writer.run(question, { fetch })) if (event.type === 'text') onText(event.text)
      return [...inputs]
    },

    async run(onText) {
      const run = adder.run(question, { fetch })
      for await (const event of run) if (event.type === 'text') onText(event.text)
      const { text, usage, cost } = await run.result
      if (usage.inputTokens === 0 || cost === null) throw new Error('Usage or cost is missing')
      return text
    },
  }
}
