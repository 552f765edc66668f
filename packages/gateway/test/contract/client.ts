/** What the clients of the contract tests have in common, and the question that all of them ask. */

/** Where a question goes. */
export interface Place {
  /** `http://127.0.0.1:4711` */
  readonly origin: string
  readonly key: string
  readonly model: string
}

/** What a client made of an answer. */
export interface Read {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly (readonly [name: string, input: unknown])[]
  /** Tokens in and out; null where it does not say. */
  readonly usage: readonly [number, number] | null
  /** Dollars; null where it has no place for them. */
  readonly cost: number | null
}

export type Form = 'plain' | 'streamed'

export interface ContractClient {
  readonly name: string
  readonly ask: (place: Place, form: Form) => Promise<Read>
  /** Status and message of an error as the client has it; fails for one that is not of its own kind. */
  readonly failureOf: (error: unknown) => { readonly status: number | undefined; readonly message: string }
  /** Names of its errors' classes by status. */
  readonly errors: Readonly<Record<number, string>>
  /** What shows the model's reasoning. */
  readonly reasons: readonly Form[]
}

export const forms: readonly Form[] = ['plain', 'streamed']

export const prompt = 'Add and multiply the number 2 and 3'
export const instructions = 'You are a helpful assistant. Always use both add and multiply at the same time.'

export const schema = {
  type: 'object' as const,
  properties: { a: { type: 'integer' }, b: { type: 'integer' } },
  required: ['a', 'b'],
}
export const toolNames = ['add', 'multiply'] as const
export const functions = toolNames.map((name) => ({
  type: 'function' as const,
  function: { name, description: name, parameters: schema },
}))
export const messages = [
  { role: 'system' as const, content: instructions },
  { role: 'user' as const, content: prompt },
]

/** A tool call whose input came as text. */
export function callOf(name: string, input: string): readonly [string, unknown] {
  return [name, JSON.parse(input)]
}
