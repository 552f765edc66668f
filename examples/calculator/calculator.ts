/** An agent with two tools. Runs on retry.yaml, and live with a key; baseten.yaml has it pinned to one provider. */
import { agent, openrouter, tool } from '@playhead/agent'

interface Numbers {
  readonly a: number
  readonly b: number
}

const numbers = {
  type: 'object',
  properties: {
    a: { type: 'integer', description: 'first number' },
    b: { type: 'integer', description: 'second number' },
  },
  required: ['a', 'b'],
}

const add = tool<Numbers>({
  name: 'add',
  description: 'Add two numbers',
  input: numbers,
  run: ({ a, b }) => a + b,
})

const multiply = tool<Numbers>({
  name: 'multiply',
  description: 'Multiply two numbers',
  input: numbers,
  run: ({ a, b }) => a * b,
})

export const calculator = agent({
  model: openrouter('moonshotai/kimi-k2-0905'),
  instructions: 'You are a helpful assistant. Always use both add and multiply at the same time.',
  tools: [add, multiply],
  maxOutputTokens: 4000,
})

export const prompt = 'Add and multiply the number 2 and 3'
