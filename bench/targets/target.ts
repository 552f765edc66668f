/** What a target is: one library, ready to answer a question through a given fetch. */

export type Fetch = typeof globalThis.fetch

/** Each driver calls one of the two, many times, and checks what came out. */
export interface Target {
  /**
   * Streams one answer and hands on each delta of its text. Gives the `text` inside the input of each tool
   * call. A library that cannot leave tool calls alone runs the tools and streams one more answer.
   */
  readonly stream: (onText: (text: string) => void) => Promise<readonly string[]>
  /** Runs the calculator: both tools at once, then the answer. Gives the text of the last step. */
  readonly run?: (onText: (text: string) => void) => Promise<string>
}

/** Every file beside this one exports this function as `target`. Clients and agents are made once, in it. */
export type MakeTarget = (fetch: Fetch) => Target

export const model = 'moonshotai/kimi-k2-0905'
export const baseUrl = 'https://openrouter.ai/api/v1'
export const instructions = 'You are a helpful assistant. Always use both add and multiply at the same time.'
export const question = 'Add and multiply the number 2 and 3'
export const maxOutputTokens = 4000

export interface Pair {
  readonly a: number
  readonly b: number
}

/** The calculator's tools, as the recorded requests declare them. */
export const calculator = [
  { name: 'add', description: 'Add two numbers', run: ({ a, b }: Pair): number => a + b },
  { name: 'multiply', description: 'Multiply two numbers', run: ({ a, b }: Pair): number => a * b },
] as const

export const pairSchema = {
  type: 'object' as const,
  properties: {
    a: { type: 'integer' as const, description: 'first number' },
    b: { type: 'integer' as const, description: 'second number' },
  },
  required: ['a', 'b'],
  additionalProperties: false as const,
}

/** The tools that the mixed stream calls. */
export const writers = [
  { name: 'write', description: 'Write a text' },
  { name: 'note', description: 'Note a text' },
] as const

export interface Note {
  readonly text: string
}

export const noteSchema = {
  type: 'object' as const,
  properties: { text: { type: 'string' as const } },
  required: ['text'],
  additionalProperties: false as const,
}

/** The declaration of a tool, as it stands in a request. */
export function declare(
  tool: { readonly name: string; readonly description: string },
  parameters: typeof pairSchema | typeof noteSchema,
) {
  const { name, description } = tool
  return { type: 'function' as const, function: { name, description, parameters } }
}

/** Reads the `text` of a tool call's input. */
export function noteOf(inputText: string): string {
  return (JSON.parse(inputText) as Note).text
}
