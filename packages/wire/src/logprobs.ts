/** Reads log probabilities as OpenAI writes them, and those who do as it does. */
import type { TokenLogprob } from './answer.ts'
import { objectsOr, stringOr, type Unread } from './json.ts'

/** A list of tokens, each with the likeliest ones in its place. */
export function decodeLogprobs(wire: unknown): TokenLogprob[] {
  return objectsOr(wire).map((one) => ({
    ...decodeLogprob(one),
    top: objectsOr(one['top_logprobs']).map(decodeLogprob),
  }))
}

/** One token. */
export function decodeLogprob({ token, logprob }: Unread): {
  readonly token: string
  readonly logprob: number
} {
  return { token: stringOr(token) ?? '', logprob: typeof logprob === 'number' ? logprob : 0 }
}
