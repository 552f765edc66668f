/** Compares what stands against a limit with the sum of the ledger's lines that it counts. */
import { keyOfOwner } from '../limits.ts'
import { dollars } from '../money.ts'
import { spanOf } from '../store/periods.ts'
import type { GenerationFilter, OwnedLimit, Store } from '../store/store.ts'
import type { Difference } from './verify-generation.ts'

/** So often is a ledger read anew in which others write meanwhile. */
const rounds = 5
/** Open lines that are read at once. */
const page = 500

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
  let before: string | null = null
  for (;;) {
    const open = await store.listGenerations({ ...filter, outcome: 'open' }, page, before)
    for (const { boundMoney, boundTokens } of open)
      reserved += { money: boundMoney, tokens: BigInt(boundTokens), requests: 1n }[of]
    const last = open.at(-1)
    if (last === undefined || open.length < page) return reserved
    before = last.id
  }
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
