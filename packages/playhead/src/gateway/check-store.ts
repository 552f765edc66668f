/** Checks that the store can be reached, and that the clock agrees with what stands in it. */
import { existsSync } from 'node:fs'
import { ConfigurationError, openStore, readStorePlace, type Store } from '@playhead/gateway/admin'
import { messageOf } from '../exit.ts'
import { count } from '../terminal.ts'
import { type Check, doubtful, fine, wrong } from './check.ts'
import type { Installation } from './installation.ts'

/** Makes no store: one that is not there is made at the first start. */
export async function checkStore(installation: Installation): Promise<readonly Check[]> {
  try {
    const where = readStorePlace(installation.text, installation)
    if (where.type === 'sqlite' && !existsSync(where.path))
      return [fine('store', `${where.path} is made at the first start`)]
    const store = await openStore(where)
    try {
      return [
        await checkKeys(store, where.type === 'sqlite' ? where.path : 'postgres'),
        await checkClock(store),
      ]
    } finally {
      await store.close()
    }
  } catch (error) {
    // Told as a mistake of the configuration already.
    return error instanceof ConfigurationError ? [] : [wrong('store', messageOf(error))]
  }
}

/** Also writes: what can be read alone serves nobody. */
async function checkKeys(store: Store, where: string): Promise<Check> {
  const keys = await store.listKeys()
  await store.beat('doctor', Date.now())
  return keys.length === 0
    ? doubtful('store', `${where}: there are no keys: playhead keys create makes one`)
    : fine('store', `${where}: ${count(keys.length, 'key')}`)
}

/** Milliseconds that clocks of several machines may differ. */
const tolerance = 5000

/** Periods of limits begin by the clock: one that runs behind would count in a period that is over. */
async function checkClock(store: Store): Promise<Check> {
  const now = Date.now()
  const [newest] = await store.listGenerations({}, 1, null)
  const ahead = (newest?.at ?? 0) - now
  if (ahead <= tolerance) return fine('clock', new Date(now).toISOString())
  return wrong(
    'clock',
    `the ledger's newest generation is ${Math.round(ahead / 1000)} s ahead of this machine's clock: set the clock`,
  )
}
