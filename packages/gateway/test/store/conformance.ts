/** Runs tests on every store there is: what holds on one holds on the other. */
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import type { StoreConfiguration } from '../../src/config/configuration.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { startPostgres } from '../postgres.ts'
import { temporaryFolder } from './folder.ts'

/** An empty store that several may open. */
export interface Place {
  readonly configuration: StoreConfiguration
  /** Opens it, until the end of the test. */
  readonly open: () => Promise<Store>
}

const postgres = await startPostgres({ after })

const places: Readonly<Record<string, (t: TestContext) => Promise<StoreConfiguration | null>>> = {
  sqlite: async (t) => ({ type: 'sqlite', path: join(await temporaryFolder(t), 'store.db') }),
  postgres: async () =>
    postgres === null ? null : { type: 'postgres', url: await postgres.createDatabase() },
}

export function onEach(title: string, run: (place: Place, t: TestContext) => Promise<void>): void {
  for (const [name, place] of Object.entries(places)) {
    test(`${title} (${name})`, async (t) => {
      const configuration = await place(t)
      if (configuration === null) {
        t.skip('there is no Postgres here: PLAYHEAD_POSTGRES names the folder of its programs')
        return
      }
      const stores: Store[] = []
      const open = async (): Promise<Store> => {
        const store = await openStore(configuration)
        stores.push(store)
        return store
      }
      try {
        await run({ configuration, open }, t)
      } finally {
        await Promise.all(stores.map((store) => store.close()))
      }
    })
  }
}
