/** Compares what stands against a limit with the sum of the ledger's lines that it counts. */
import { keyOfOwner, type OwnedLimit } from '../limits.ts'
import { dollars } from '../money.ts'
import { spanOf } from '../store/periods.ts'
import type { GenerationFilter, Store } from '../store/store.ts'
import { eachGeneration } from './each-generation.ts'
import type { Difference } from './verify-generation.ts'

/** So often is a ledger read anew in which others write meanwhile. */
const rounds = 5

/** Null where the ledger was written all the while, so that no two readings are of the same moment. */
export async function verifyLimit(
  store: Store,
  owned: OwnedLimit,
  now: () => number,
): Promise<readonly Difference[] | null> {
  for (let round = 1; round <= rounds; round += 1) {
    const at = now()
    const before = await taken(store, owned, at)
    const [standing] = await store.standings([owned], at)
    if (standing === undefined) return []
    const { spent, reserved } = standing
    if (spent === before.spent && reserved === before.reserved) return []
    const after = await taken(store, owned, at)
    if (after.spent !== before.spent || after.reserved !== before.reserved) continue
    return [
      ...differences(owned, 'spent', before.spent, spent),
      ...differences(owned, 'reserved', before.reserved, reserved),
    ]
  }
  return null
}

interface Taken {
  readonly spent: bigint
  readonly reserved: bigint
}

/** By the ledger. A lost generation has taken nothing, an open one what it may take. */
async function taken(store: Store, { owner, limit }: OwnedLimit, at: number): Promise<Taken> {
  const { start, end } = spanOf(limit.per, at)
  const keyId = keyOfOwner(owner)
  const filter: GenerationFilter = {
    from: start,
    ...(end !== null && { to: end }),
    ...(keyId !== null && { keyId }),
  }
  const [all] = await store.sumGenerations(filter, [])
  const [lost] = await store.sumGenerations({ ...filter, outcome: 'lost' }, [])
  const spent = {
    money: all?.countedCost ?? 0n,
    tokens: BigInt((all?.inputTokens ?? 0) + (all?.outputTokens ?? 0)),
    requests: BigInt((all?.requests ?? 0) - (lost?.requests ?? 0)),
  }
  return { spent: spent[limit.of], reserved: await reservedBy(store, filter, limit.of) }
}

async function reservedBy(
  store: Store,
  filter: GenerationFilter,
  of: OwnedLimit['limit']['of'],
): Promise<bigint> {
  let reserved = 0n
  for await (const { boundMoney, boundTokens } of eachGeneration(store, { ...filter, outcome: 'open' }))
    reserved += { money: boundMoney, tokens: BigInt(boundTokens), requests: 1n }[of]
  return reserved
}

function differences(
  { owner, limit: { of, per } }: OwnedLimit,
  what: 'spent' | 'reserved',
  ledger: bigint,
  counter: bigint,
): readonly Difference[] {
  if (ledger === counter) return []
  const shown = (amount: bigint): string => (of === 'money' ? `$${dollars(amount)}` : String(amount))
  return [
    {
      what: `${owner} ${of} per ${per} ${what}`,
      ledger: shown(ledger),
      derived: shown(counter),
      from: 'counter',
    },
  ]
}
