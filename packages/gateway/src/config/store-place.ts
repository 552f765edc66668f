/** Where a configuration has its store: a file, or a database. */
import { resolve } from 'node:path'
import type { StoreConfiguration } from './configuration.ts'
import { resolveSecret } from './secret.ts'
import { scalar, Wrong } from './shape.ts'

/** A URL with a password is a secret, and is read from where secrets are kept. */
export const storePlace = scalar<StoreConfiguration>(
  'the path of a file, postgres://…, env:NAME or file:/path',
  { type: 'string', minLength: 1 },
  (said, reading) => {
    const isElsewhere = /^(env|file):/.test(said)
    const place = isElsewhere ? resolveSecret(said, reading) : said
    if (place === undefined || place instanceof Wrong) return place
    if (/^postgres(ql)?:\/\//.test(place)) {
      if (!isElsewhere && /^[^/]+\/\/[^/@]*:[^/@]*@|[?&]password=/.test(place))
        return new Wrong('has a password: keep the URL elsewhere and say env:DATABASE_URL or file:/path')
      return { type: 'postgres', url: place }
    }
    if (/^[a-z][a-z0-9+]+:\/\//i.test(place))
      return new Wrong(
        'must be the path of a file for SQLite, or postgres://…: no other database is spoken to',
      )
    return place === '' ? undefined : { type: 'sqlite', path: resolve(reading.folder, place) }
  },
)
