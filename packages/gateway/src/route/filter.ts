/** Which endpoints a request cannot have, and why: one row for each reason. */
import { dollars, type Money } from '../money.ts'
import type { Price, Rates } from '../price.ts'
import type { Wishes } from './wishes.ts'
import { type Choice, isMeant } from './choice.ts'
import type { Exclusion, ExclusionCode } from './route.ts'

interface Filter {
  readonly code: ExclusionCode
  /** Whether a request can run into it at all. */
  readonly isAsked: (wishes: Wishes) => boolean
  /** What is wrong, as a sentence without its subject; null: nothing. */
  readonly check: (choice: Choice, wishes: Wishes) => string | null
}

/** The first that finds something gives the reason. */
const filters: readonly Filter[] = [
  {
    code: 'allowed_providers',
    isAsked: ({ allowedProviders }) => allowedProviders !== null,
    check: (choice, { allowedProviders }) =>
      allowedProviders?.some((slug) => isMeant(choice, slug)) === false
        ? 'is not among the providers that this key may use'
        : null,
  },
  {
    code: 'ignore',
    isAsked: ({ ignore }) => ignore.length > 0,
    check: (choice, { ignore }) =>
      ignore.some((slug) => isMeant(choice, slug)) ? 'is in provider.ignore' : null,
  },
  {
    code: 'only',
    isAsked: ({ only }) => only !== null,
    check: (choice, { only }) =>
      only?.some((slug) => isMeant(choice, slug)) === false ? 'is not in provider.only' : null,
  },
  {
    code: 'no_fallbacks',
    isAsked: ({ order, preferences }) => order !== null && !preferences.allowsFallbacks,
    check: (choice, { order }) =>
      order?.some((slug) => isMeant(choice, slug)) === false
        ? 'is not in provider.order, and provider.allow_fallbacks is false'
        : null,
  },
  {
    code: 'unpriced',
    isAsked: () => true,
    check: ({ isRefused }) =>
      isRefused ? 'has no known price: give its endpoint a `price`, or set `unpriced`' : null,
  },
  {
    code: 'data_policy:training',
    isAsked: ({ preferences }) => preferences.dataCollection === 'deny',
    check: ({ endpoint }) =>
      endpoint.collectsData
        ? 'may keep prompts and learn from them, and provider.data_collection is deny'
        : null,
  },
  {
    code: 'data_policy:zdr',
    isAsked: ({ preferences }) => preferences.zdr,
    check: ({ endpoint }) =>
      endpoint.isZdr ? null : 'is not known to keep nothing, and provider.zdr is true',
  },
  {
    code: 'quantization',
    isAsked: ({ preferences }) => preferences.quantizations !== null,
    check: ({ endpoint: { quantization } }, { preferences: { quantizations } }) =>
      quantizations?.includes(quantization) === false
        ? `has quantization ${quantization}, which is not in provider.quantizations`
        : null,
  },
  {
    code: 'require_parameters',
    isAsked: ({ preferences, question }) => preferences.requiresParameters && question.parameters.length > 0,
    check: ({ supported }, { question }) => {
      const lacking = supported === null ? [] : question.parameters.filter((name) => !supported.has(name))
      return lacking.length === 0
        ? null
        : `does not support ${lacking.join(', ')}, and provider.require_parameters is true`
    },
  },
  {
    code: 'max_price',
    isAsked: ({ maxPrompt, maxCompletion, maxRequest }) =>
      maxPrompt !== null || maxCompletion !== null || maxRequest !== null,
    check: ({ price }, wishes) => (price === null ? null : tooDear(price, wishes)),
  },
  {
    code: 'context_length',
    isAsked: ({ leastTokens }) => leastTokens > 0,
    check: ({ endpoint: { contextLength } }, { leastTokens }) =>
      contextLength !== null && leastTokens > contextLength
        ? `takes ${count(contextLength)} tokens, and the prompt has at least ${count(leastTokens)}`
        : null,
  },
  {
    code: 'max_output',
    isAsked: ({ question }) => question.maxOutputTokens !== null,
    check: ({ endpoint: { maxOutputTokens } }, { question }) =>
      maxOutputTokens !== null && (question.maxOutputTokens ?? 0) > maxOutputTokens
        ? `answers with at most ${count(maxOutputTokens)} tokens, and ${count(question.maxOutputTokens ?? 0)} are asked for`
        : null,
  },
]

/** Those of a model that a request may have, in their order. Why the others are not among them is added to `exclusions`. */
export function filterChoices(
  choices: readonly Choice[],
  wishes: Wishes,
  exclusions: Exclusion[],
): readonly Choice[] {
  const asked = filters.filter((filter) => filter.isAsked(wishes))
  return choices.filter((choice) => {
    for (const { code, check } of asked) {
      if (choice.isTape && code !== 'allowed_providers') continue
      const wrong = check(choice, wishes)
      if (wrong === null) continue
      exclusions.push(excluded(choice, code, wrong))
      return false
    }
    return true
  })
}

/** `wrong` is a sentence without its subject. */
export function excluded({ endpoint }: Choice, code: ExclusionCode, wrong: string): Exclusion {
  const { id, model, provider, tag } = endpoint
  return { model, endpoint: id, provider: provider.name, code, reason: `${tag} ${wrong}` }
}

const million = 1_000_000n

/** A limit is hard: it holds for what the prompt may cost where it is long, too. */
function tooDear(price: Price, { maxPrompt, maxCompletion, maxRequest, mostTokens }: Wishes): string | null {
  const above = (said: Money | null, unit: bigint, pick: (rates: Rates) => Money): Reached | null => {
    const wrong = reached(price, mostTokens).find((tier) => said !== null && pick(tier.rates) * unit > said)
    return wrong === undefined ? null : { ...wrong, cost: pick(wrong.rates) * unit }
  }
  const prompt = above(maxPrompt, million, ({ input }) => input)
  if (prompt !== null) return sentence(prompt, ' for a million input tokens', 'prompt', maxPrompt)
  const completion = above(maxCompletion, million, ({ output }) => output)
  if (completion !== null)
    return sentence(completion, ' for a million output tokens', 'completion', maxCompletion)
  const request = above(maxRequest, 1n, ({ request }) => request)
  return request === null ? null : sentence(request, ' for a request', 'request', maxRequest)
}

interface Reached {
  readonly from: number
  readonly rates: Rates
  readonly cost?: Money
}

function reached(price: Price, tokens: number): readonly Reached[] {
  const tiers = price.tiers.filter(({ from }) => from <= tokens)
  return [{ from: 0, rates: price }, ...tiers.map((tier) => ({ from: tier.from, rates: tier }))]
}

function sentence({ from, cost = 0n }: Reached, unit: string, field: string, limit: Money | null): string {
  const tier = from === 0 ? '' : ` from ${count(from)} tokens of prompt on`
  return `costs $${dollars(cost)}${unit}${tier}, more than max_price.${field} ${dollars(limit ?? 0n)}`
}

function count(tokens: number): string {
  return tokens.toLocaleString('en-US')
}
