/** What keys have spent and may spend: `key`, `credits` and `activity`. */
import { HttpError } from '../http-error.ts'
import { keyOfOwner, type Limit, type OwnedLimit, ownerOf, type Period } from '../limits.ts'
import type { Money } from '../money.ts'
import { day, spanOf } from '../store/periods.ts'
import type { GenerationFilter, KeyRecord, Store, Sum } from '../store/store.ts'
import type { ExactNumber } from '../exact.ts'
import { exact, json } from './json.ts'
import { type Answer, type Call, holderOf } from './operation.ts'

/** `GET key`: the caller's own. */
export async function describeKey(call: Call): Promise<Answer> {
  const { context } = call
  const who = holderOf(call)
  const now = context.now()
  const [usage] = await usagesOf(context.store, [who], now)
  return json({
    data: {
      label: who.label,
      ...usage,
      is_free_tier: false,
      is_management_key: who.isAdmin,
      is_provisioning_key: who.isAdmin,
      expires_at: timeOf(who.expiresAt),
      creator_user_id: null,
      organization_id: null,
      workspace_id: null,
      allowed_data_regions: ['global'],
      free_model_daily_requests: { limit: 0, remaining: 0, used: 0 },
      // OpenRouter's own is deprecated and says the same.
      rate_limit: { interval: '10s', note: 'Deprecated: see limits', requests: -1 },
      models: who.models,
      providers: who.providers,
      limits: who.limits.map(shownLimit),
    },
  })
}

/** `GET credits`: all that may ever be spent, and what was; of the caller's key, or of all for an admin. */
export async function describeCredits(call: Call): Promise<Answer> {
  const { context } = call
  const who = holderOf(call)
  const keys = who.isAdmin ? await context.store.listKeys() : [who]
  const sums = await context.store.sumGenerations(ownOf(who), [])
  const limits = keys
    .flatMap(({ limits }) => limits)
    .filter(({ of, per }) => of === 'money' && per === 'ever')
  return json({
    data: {
      total_credits: exact(sumOf(limits.map(({ most }) => most))),
      total_usage: exact(sumOf(sums.map(({ cost }) => cost))),
    },
  })
}

/** `GET activity`: by day, model and provider, for the last 30 days and today; of the caller's key, or of all for an admin. */
export async function describeActivity(call: Call): Promise<Answer> {
  const { context, incoming } = call
  const who = holderOf(call)
  const filter = {
    ...ownOf(who, incoming.query.get('api_key_hash')),
    ...daysOf(incoming.query, context.now()),
  }
  const sums = await context.store.sumGenerations(filter, ['day', 'model', 'provider'])
  return json({
    data: sums.map(({ group, requests, inputTokens, outputTokens, reasoningTokens, cost, byokCost }) => ({
      date: group.day ?? '',
      model: group.model ?? '',
      model_permaslug: group.model ?? '',
      endpoint_id: `${group.provider ?? ''}:${group.model ?? ''}`,
      provider_name: group.provider ?? '',
      usage: exact(cost),
      byok_usage_inference: exact(byokCost),
      requests,
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      reasoning_tokens: reasoningTokens,
    })),
  })
}

/** An admin sees all, or one that is named; everybody else their own. */
function ownOf({ id, isAdmin }: KeyRecord, named: string | null = null): GenerationFilter {
  if (!isAdmin && named !== null && named !== id)
    throw new HttpError(403, 'permission', 'Only an admin key sees what other keys spent')
  if (isAdmin) return named === null ? {} : { keyId: named }
  return { keyId: id }
}

function daysOf(query: URLSearchParams, now: number): GenerationFilter {
  const said = query.get('date')
  if (said === null) return { from: spanOf('day', now).start - 30 * day }
  const from = /^\d{4}-\d\d-\d\d$/.test(said) ? Date.parse(`${said}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(from))
    throw new HttpError(400, 'invalid-request', `date: ${said} is no day such as 2026-11-22`)
  return { from, to: from + day }
}

/** What OpenRouter says of a key's money, in the order of `keys`. */
export async function usagesOf(
  store: Pick<Store, 'sumGenerations' | 'standings'>,
  keys: readonly KeyRecord[],
  now: number,
): Promise<readonly KeyUsage[]> {
  const [only] = keys
  const filter: GenerationFilter = keys.length === 1 && only !== undefined ? { keyId: only.id } : {}
  const sum = async (since: GenerationFilter): Promise<ReadonlyMap<string, Spent>> => {
    const sums = await store.sumGenerations({ ...filter, ...since }, ['key'])
    return new Map(sums.map((sum) => [sum.group.key ?? '', sum]))
  }
  const [all, daily, weekly, monthly, remaining] = await Promise.all([
    sum({}),
    sum({ from: spanOf('day', now).start }),
    sum({ from: spanOf('week', now).start }),
    sum({ from: spanOf('month', now).start }),
    remainingOf(store, keys, now),
  ])
  return keys.map(({ id, limits, countsByok, byok }) => {
    const main = limits.find(isMainLimit)
    const [ever, today, thisWeek, thisMonth] = [all, daily, weekly, monthly].map(
      (sums) => sums.get(id) ?? nothing,
    ) as [Spent, Spent, Spent, Spent]
    return {
      limit: main === undefined ? null : exact(main.most),
      limit_reset: main === undefined ? null : (resets.get(main.per) ?? null),
      limit_remaining: main === undefined ? null : exact(remaining.get(id) ?? main.most),
      include_byok_in_limit: countsByok,
      usage: exact(ever.cost),
      usage_daily: exact(today.cost),
      usage_weekly: exact(thisWeek.cost),
      usage_monthly: exact(thisMonth.cost),
      byok_usage: exact(ever.byokCost),
      byok_usage_daily: exact(today.byokCost),
      byok_usage_weekly: exact(thisWeek.byokCost),
      byok_usage_monthly: exact(thisMonth.byokCost),
      byok: Object.keys(byok ?? {}),
    }
  })
}

/** What the gateway paid for a key, and what the key's own upstream keys did. */
type Spent = Pick<Sum, 'cost' | 'byokCost'>

const nothing: Spent = { cost: 0n, byokCost: 0n }

interface KeyUsage {
  readonly limit: ExactNumber | null
  readonly limit_reset: string | null
  readonly limit_remaining: ExactNumber | null
  readonly include_byok_in_limit: boolean
  readonly usage: ExactNumber
  readonly usage_daily: ExactNumber
  readonly usage_weekly: ExactNumber
  readonly usage_monthly: ExactNumber
  readonly byok_usage: ExactNumber
  readonly byok_usage_daily: ExactNumber
  readonly byok_usage_weekly: ExactNumber
  readonly byok_usage_monthly: ExactNumber
  /** The providers that it has upstream keys of its own for. */
  readonly byok: readonly string[]
}

/** By key: what its main limit has left. */
async function remainingOf(
  store: Pick<Store, 'standings'>,
  keys: readonly KeyRecord[],
  now: number,
): Promise<ReadonlyMap<string, Money>> {
  const limits: OwnedLimit[] = keys.flatMap(({ id, limits }) => {
    const main = limits.find(isMainLimit)
    return main === undefined ? [] : [{ owner: ownerOf(id), limit: main }]
  })
  const standings = limits.length === 0 ? [] : await store.standings(limits, now)
  return new Map(
    standings.map(({ owner, limit, spent, reserved }) => {
      const rest = limit.most - spent - reserved
      return [keyOfOwner(owner) ?? '', rest > 0n ? rest : 0n]
    }),
  )
}

/** OpenRouter's words for the periods that its keys have. */
export const resets: ReadonlyMap<Period, string> = new Map<Period, string>([
  ['day', 'daily'],
  ['week', 'weekly'],
  ['month', 'monthly'],
])

/** The one that OpenRouter's `limit` and `limit_reset` are about: the first of money for a day or longer. */
export function isMainLimit({ of, per }: Limit): boolean {
  return of === 'money' && (per === 'ever' || resets.has(per))
}

/** As `limits` says it. */
export function shownLimit({ of, per, most }: Limit): { readonly [field: string]: unknown } {
  return { of, per, most: of === 'money' ? exact(most) : Number(most) }
}

export function timeOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}

function sumOf(amounts: readonly Money[]): Money {
  return amounts.reduce((sum, amount) => sum + amount, 0n)
}
