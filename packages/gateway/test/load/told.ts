/** What clients were told, against what the ledger says. */
import assert from 'node:assert/strict'
import { type Money, readMoney } from '../../src/money.ts'
import type { GenerationRecord, Store } from '../../src/store/store.ts'
import { ask, type Form, type Seen, type Target } from '../wall/ask.ts'

/** A question whose prompt has room for the tokens that the recorded answers count. */
export function questionTo(model: string, maxTokens: number): object {
  const content = `Add and multiply the number 2 and 3. ${'Take your time. '.repeat(30)}`
  return { model, max_tokens: maxTokens, messages: [{ role: 'user', content }] }
}

/** Sends so many at once and waits for all. */
export function askAtOnce(
  count: number,
  target: (index: number) => Target,
  body: object,
  form: (index: number) => Form = () => 'json',
): Promise<readonly Seen[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(target(index), form(index), body)))
}

/** The sum of what clients were told that their answers cost. */
export function toldCost(seen: readonly Seen[]): Money {
  return seen
    .map(({ usage }) => readMoney(usage?.cost ?? '0') ?? assert.fail(`no price: ${usage?.cost}`))
    .reduce((sum, cost) => sum + cost, 0n)
}

/** All of the ledger, when nothing in it is open any more. */
export async function settledLedger(store: Store, keyId: string): Promise<readonly GenerationRecord[]> {
  await untilSettled(store, keyId)
  return await wholeLedger(store, keyId)
}

/** Waits until nothing is open: a settlement may be a moment behind its answer. */
export async function untilSettled(store: Store, keyId: string, patience = 10_000): Promise<void> {
  for (let waited = 0; waited < patience; waited += 10) {
    if ((await store.listGenerations({ keyId, outcome: 'open' }, 1, null)).length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('generations stay open')
}

/** All of the ledger, page by page. */
export async function wholeLedger(store: Store, keyId: string): Promise<readonly GenerationRecord[]> {
  const all: GenerationRecord[] = []
  for (;;) {
    const page = await store.listGenerations({ keyId }, 200, all.at(-1)?.id ?? null)
    if (page.length === 0) return all
    all.push(...page)
  }
}

export function sumOf(generations: readonly GenerationRecord[]): Money {
  return generations.reduce((sum, { cost }) => sum + cost, 0n)
}
