/** Reads log probabilities as OpenAI writes them, and those who do as it does. */
import type { TokenLogprob } from './answer.ts'
import { arrayOr, isObject, stringOr, type Unread } from './json.ts'

/** A list of tokens, each with the likeliest ones in its place. */
export function decodeLogprobs(wire: unknown): TokenLogprob[] {
  return arrayOr(wire)
    .filter(isObject)
    .map((one) => ({
      ...decodeLogprob(one),
      top: arrayOr(one['top_logprobs']).filter(isObject).map(decodeLogprob),
    }))
}

/** One token. */
export function decodeLogprob({ token, logprob }: Unread): {
  readonly token: string
  readonly logprob: number
} {
  return { token: stringOr(token) ?? '', logprob: typeof logprob === 'number' ? logprob : 0 }
}
