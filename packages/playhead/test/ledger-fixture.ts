/** A gateway's store with generations in it, for the commands that look into one. */
import { join } from 'node:path'
import {
  createKey,
  type KeyRecord,
  loadSecret,
  openStore,
  type Settlement,
  type Store,
} from '@playhead/gateway/admin'

export interface Ledger {
  readonly home: string
  readonly key: KeyRecord
}

/** 2026-11-20T00:00:00Z. */
export const start = Date.UTC(2026, 10, 20)

/** So many generations, one an hour from `start` on; the third of each three fails. */
export async function fillLedger(home: string, count: number): Promise<Ledger> {
  const secret = await loadSecret(home, {})
  const { record: key } = createKey(secret, { name: 'ci', createdAt: start })
  const store = await openStore({ type: 'sqlite', path: join(home, 'gateway.sqlite') })
  await store.insertKey(key)
  for (let index = 0; index < count; index += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, count - index) }, (_, more) => fill(store, key.id, index + more)),
    )
  await store.close()
  return { home, key }
}

export function idOf(index: number): string {
  return `gen-1-${String(index).padStart(20, '0')}`
}

async function fill(store: Store, keyId: string, index: number): Promise<void> {
  const at = start + index * 3_600_000
  await store.open(
    {
      id: idOf(index),
      keyId,
      replica: 'r',
      at,
      requestId: `request-${index}`,
      dialect: 'openai-chat',
      model: index % 2 === 0 ? 'moonshotai/kimi-k2' : '=HYPERLINK("http://a.example")',
      isStream: true,
      user: null,
      session: null,
      boundMoney: 1_000_000_000n,
      boundTokens: 1000,
    },
    [],
  )
  await store.settle(settlement(keyId, index, at + 1500))
}

function settlement(keyId: string, index: number, at: number): Settlement {
  const isAnswer = index % 3 !== 2
  const attempt = {
    endpoint: 'groq:moonshotai/kimi-k2-instruct',
    provider: 'groq',
    startedAfter: 2,
    duration: 1498,
    firstTokenAfter: isAnswer ? 300 : null,
    status: isAnswer ? 200 : 429,
    outcome: isAnswer ? 'answer' : 'rate-limited',
    message: isAnswer ? null : 'Slow down\u001b[31m',
    inputTokens: 100,
    outputTokens: 20,
    cost: 123_456_789n,
  }
  return {
    id: idOf(index),
    keyId,
    at,
    outcome: isAnswer ? 'answered' : 'failed',
    status: isAnswer ? 200 : 429,
    endpoint: attempt.endpoint,
    provider: 'groq',
    upstreamId: `upstream-${index}`,
    inputTokens: 100,
    outputTokens: 20,
    cachedInputTokens: 50,
    cacheWriteTokens: 0,
    reasoningTokens: 5,
    cost: 123_456_789n,
    providerCost: 123_456_789n,
    catalogueCost: 123_456_780n,
    isEstimated: false,
    isByok: false,
    byokCost: 0n,
    countsByok: false,
    finishReason: isAnswer ? 'stop' : null,
    rawFinishReason: isAnswer ? 'stop' : null,
    firstTokenAfter: attempt.firstTokenAfter,
    duration: 1500,
    attempts: [attempt],
    story: JSON.stringify({
      strategy: 'weighted',
      models: ['moonshotai/kimi-k2'],
      candidates: [{ endpoint: attempt.endpoint, provider: 'groq', weight: 0.75, note: 'unhealthy' }],
      exclusions: [
        {
          model: 'moonshotai/kimi-k2',
          endpoint: 'baseten:kimi',
          provider: 'baseten',
          code: 'max_price',
          reason: 'baseten costs $3 for a million output tokens, more than max_price.completion 2',
        },
      ],
    }),
    tape: null,
  }
}
