/** OpenAI's agents SDK over chat completions, tracing off. */
import { Agent, OpenAIChatCompletionsModel, run as runAgent, setTracingDisabled, tool } from '@openai/agents'
import OpenAI from 'openai'
import {
  baseUrl,
  calculator,
  instructions,
  type MakeTarget,
  maxOutputTokens,
  model,
  type Note,
} from './target.ts'
import { noteSchema, type Pair, pairSchema, question, writers } from './target.ts'

export const target: MakeTarget = (fetch) => {
  setTracingDisabled(true)
  const client = new OpenAI({ apiKey: 'x', baseURL: baseUrl, fetch, maxRetries: 0 })
  const kimi = new OpenAIChatCompletionsModel(client, model)
  const inputs: string[] = []
  const writer = new Agent({
    name: 'writer',
    model: kimi,
    tools: writers.map(({ name, description }) =>
      tool({
        name,
        description,
        parameters: noteSchema,
        execute: (input) => void inputs.push((input as Note).text),
      }),
    ),
  })
  const adder = new Agent({
    name: 'adder',
    model: kimi,
    instructions,
    modelSettings: { maxTokens: maxOutputTokens },
    tools: calculator.map(({ name, description, run }) =>
      tool({
        name,
        description,
        parameters: pairSchema,
        execute: (input) => run(input as Pair),
      }),
    ),
  })

  async function stream(agent: typeof adder, onText: (text: string) => void) {
    const result = await runAgent(agent, question, { stream: true })
    for await (const event of result) {
      if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta')
        onText(event.data.delta)
    }
    await result.completed
    return result
  }

  return {
    async stream(onText) {
      inputs.length = 0
      await stream(writer, onText)
      return [...inputs]
    },

    async run(onText) {
      const result = await stream(adder, onText)
      return result.finalOutput ?? ''
    },
  }
}
