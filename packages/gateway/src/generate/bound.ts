/** The most that a request can take, which is what is reserved before it is sent. */
import type { Configuration } from '../config/configuration.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Money } from '../money.ts'
import { boundOf, type Price } from '../price.ts'
import type { Question } from '../question.ts'

export interface Bound {
  readonly money: Money
  readonly inputTokens: number
  readonly outputTokens: number
  /** A guess rather than a bound, for when nobody counts. */
  readonly likelyInputTokens: number
  /** What the answer has to be held to for the bound to be one; null where the request or the model holds it. */
  readonly imposedOutputTokens: number | null
}

/** What a prompt with images or files is taken to have at most, where nobody knows the model's context. */
const unknownContext = 200_000
/** What an answer is held to, where neither the request nor the model says how long it may be. */
const unknownOutput = 16_384

/** The price that counts at an endpoint: its own, else what the configuration says of unpriced models; null: free. */
export function priceAt(endpoint: Endpoint, { unpriced }: Configuration): Price | null {
  return endpoint.price ?? (typeof unpriced === 'string' ? null : unpriced)
}

/** For the dearest of the endpoints that may be asked: only one of them gives an answer. */
export function boundAt(
  question: Question,
  endpoints: readonly Endpoint[],
  configuration: Configuration,
): Bound {
  let [money, inputTokens, outputTokens] = [0n, 0, 0]
  let imposed: number | null = null
  for (const endpoint of endpoints) {
    const input = inputBound(question, endpoint)
    const output = outputBound(question, endpoint)
    const price = priceAt(endpoint, configuration)
    const cost = price === null ? 0n : boundOf(price, input, output ?? unknownOutput)
    if (cost > money) money = cost
    inputTokens = Math.max(inputTokens, input)
    outputTokens = Math.max(outputTokens, output ?? unknownOutput)
    if (output === null) imposed = unknownOutput
  }
  const likelyInputTokens = Math.ceil((question.inputTokensBound ?? question.text.length) / 4)
  return { money, inputTokens, outputTokens, likelyInputTokens, imposedOutputTokens: imposed }
}

function inputBound({ inputTokensBound }: Question, { contextLength }: Endpoint): number {
  return Math.min(inputTokensBound ?? unknownContext, contextLength ?? Number.MAX_SAFE_INTEGER)
}

function outputBound({ maxOutputTokens }: Question, endpoint: Endpoint): number | null {
  const known = [maxOutputTokens, endpoint.maxOutputTokens, endpoint.contextLength].filter(
    (most) => most !== null,
  )
  return known.length === 0 ? null : Math.min(...known)
}
