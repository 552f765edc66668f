/** The AI SDK's `streamText`, over a provider of one's choice. */
import { jsonSchema, type LanguageModel, stepCountIs, streamText, tool, type ToolSet } from 'ai'
import {
  calculator,
  instructions,
  maxOutputTokens,
  type Note,
  noteSchema,
  type Pair,
  pairSchema,
} from './target.ts'
import { question, type Target, writers } from './target.ts'

const noteTools: ToolSet = Object.fromEntries(
  writers.map(({ name, description }) => [
    name,
    tool({ description, inputSchema: jsonSchema<Note>(noteSchema) }),
  ]),
)
const pairTools: ToolSet = Object.fromEntries(
  calculator.map(({ name, description, run }) => [
    name,
    tool({
      description,
      inputSchema: jsonSchema<Pair>(pairSchema),
      execute: async (pair: Pair) => run(pair),
    }),
  ]),
)

export function aiTarget(languageModel: LanguageModel): Target {
  return {
    async stream(onText) {
      const { fullStream } = streamText({
        model: languageModel,
        prompt: question,
        tools: noteTools,
        maxRetries: 0,
      })
      const inputs: string[] = []
      for await (const part of fullStream) {
        if (part.type === 'text-delta') onText(part.text)
        else if (part.type === 'tool-call') inputs.push((part.input as Note).text)
        else if (part.type === 'error') throw part.error
      }
      return inputs
    },

    async run(onText) {
      const result = streamText({
        model: languageModel,
        instructions,
        prompt: question,
        tools: pairTools,
        maxOutputTokens,
        stopWhen: stepCountIs(5),
        maxRetries: 0,
      })
      for await (const part of result.fullStream) {
        if (part.type === 'text-delta') onText(part.text)
        else if (part.type === 'error') throw part.error
      }
      return await result.text
    },
  }
}
