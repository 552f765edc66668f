/** A generation as programs read it: the same words in `ledger` and `explain`, in JSON and CSV. */
import { dollars, type GenerationRecord, type Money } from '@playhead/gateway/admin'

export type Value = string | number | boolean | null

/** Whatever is not here is no one's business but the store's. Times in UTC, money as exact decimals of dollars. */
const fields: Readonly<Record<string, (record: GenerationRecord) => Value>> = {
  id: ({ id }) => id,
  at: ({ at }) => timeOf(at),
  key: ({ keyId }) => keyId,
  model: ({ model }) => model,
  provider: ({ provider }) => provider,
  endpoint: ({ endpoint }) => endpoint,
  outcome: ({ outcome }) => outcome,
  status: ({ status }) => status,
  dialect: ({ dialect }) => dialect,
  isStream: ({ isStream }) => isStream,
  inputTokens: ({ inputTokens }) => inputTokens,
  outputTokens: ({ outputTokens }) => outputTokens,
  cachedInputTokens: ({ cachedInputTokens }) => cachedInputTokens,
  cacheWriteTokens: ({ cacheWriteTokens }) => cacheWriteTokens,
  reasoningTokens: ({ reasoningTokens }) => reasoningTokens,
  isEstimated: ({ isEstimated }) => isEstimated,
  cost: ({ cost }) => dollars(cost),
  providerCost: ({ providerCost }) => dollarsOrNull(providerCost),
  catalogueCost: ({ catalogueCost }) => dollarsOrNull(catalogueCost),
  isByok: ({ isByok }) => isByok,
  byokCost: ({ byokCost }) => dollars(byokCost),
  countsByok: ({ countsByok }) => countsByok,
  boundMoney: ({ boundMoney }) => dollars(boundMoney),
  boundTokens: ({ boundTokens }) => boundTokens,
  finishReason: ({ finishReason }) => finishReason,
  rawFinishReason: ({ rawFinishReason }) => rawFinishReason,
  firstTokenAfter: ({ firstTokenAfter }) => firstTokenAfter,
  duration: ({ duration }) => duration,
  settledAt: ({ settledAt }) => (settledAt === null ? null : timeOf(settledAt)),
  attemptCount: ({ attempts }) => attempts.length,
  user: ({ user }) => user,
  session: ({ session }) => session,
  requestId: ({ requestId }) => requestId,
  upstreamId: ({ upstreamId }) => upstreamId,
  replica: ({ replica }) => replica,
  tape: ({ tape }) => tape,
}

export const fieldNames: readonly string[] = Object.keys(fields)

export function fieldsOf(record: GenerationRecord): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(fields).map(([name, pick]) => [name, pick(record)]))
}

/** In the order in which they were made. */
export function attemptFieldsOf({ attempts }: GenerationRecord): readonly Readonly<Record<string, Value>>[] {
  return attempts.map((attempt) => ({
    endpoint: attempt.endpoint,
    provider: attempt.provider,
    startedAfter: attempt.startedAfter,
    duration: attempt.duration,
    firstTokenAfter: attempt.firstTokenAfter,
    status: attempt.status,
    outcome: attempt.outcome,
    message: attempt.message,
    inputTokens: attempt.inputTokens,
    outputTokens: attempt.outputTokens,
    cost: dollars(attempt.cost),
    isByok: attempt.isByok ?? false,
  }))
}

export function timeOf(at: number): string {
  return new Date(at).toISOString()
}

function dollarsOrNull(amount: Money | null): string | null {
  return amount === null ? null : dollars(amount)
}
