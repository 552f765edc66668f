/** Keys, generations and settlements for tests, of which only what matters is said. */
import type { Limit, OwnedLimit, Period } from '../../src/limits.ts'
import type { KeyRecord, OpenGeneration, Settlement, Store } from '../../src/store/store.ts'

/** Noon on a Thursday. */
export const noon = Date.UTC(2026, 9, 15, 12)

let count = 0

export function aKey(about: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: `key${++count}`,
    hash: 'ab'.repeat(32),
    name: 'a key',
    label: 'sk-ph-abc…xyz',
    createdAt: noon,
    updatedAt: noon,
    expiresAt: null,
    isDisabled: false,
    isAdmin: false,
    limits: [],
    models: null,
    providers: null,
    record: 0,
    byok: null,
    countsByok: false,
    ...about,
  }
}

export function aGeneration(about: Partial<OpenGeneration> = {}): OpenGeneration {
  return {
    id: `gen-1792065600-${String(++count).padStart(20, '0')}`,
    keyId: 'alpha',
    replica: 'one',
    at: noon,
    requestId: 'request',
    dialect: 'openai-chat',
    model: 'a/model',
    isStream: false,
    user: null,
    session: null,
    boundMoney: 100n,
    boundTokens: 50,
    ...about,
  }
}

/** What became of a generation: by default it cost 40 of its 100 and took 25 of its 50 tokens. */
export function settlementOf(generation: OpenGeneration, about: Partial<Settlement> = {}): Settlement {
  return {
    id: generation.id,
    keyId: generation.keyId,
    at: generation.at + 1000,
    outcome: 'answered',
    status: 200,
    endpoint: 'some/model',
    provider: 'some',
    upstreamId: null,
    inputTokens: 20,
    outputTokens: 5,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    cost: 40n,
    providerCost: null,
    catalogueCost: null,
    isEstimated: false,
    isByok: false,
    byokCost: 0n,
    countsByok: false,
    finishReason: 'stop',
    rawFinishReason: 'stop',
    firstTokenAfter: 12.5,
    duration: 34.25,
    attempts: [],
    story: '{}',
    tape: null,
    ...about,
  }
}

export function aLimit(of: Limit['of'], per: Period, most: number | bigint, owner = 'key:alpha'): OwnedLimit {
  return { owner, limit: { of, per, most: BigInt(most) } }
}

/** What stands against limits, in numbers alone. */
export async function standing(
  store: Store,
  limits: readonly OwnedLimit[],
  at = noon,
): Promise<readonly (readonly [spent: bigint, reserved: bigint])[]> {
  const standings = await store.standings(limits, at)
  return standings.map(({ spent, reserved }) => [spent, reserved])
}
