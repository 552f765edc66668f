/** Keys: shown once, kept as keyed hashes, found by their public part. */
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { letters } from './ids.ts'
import type { KeyRecord } from './store/store.ts'

/** `sk-ph-<12 public>-<43 secret>`: 256 random bits behind an id that may be shown. */
const pattern = /^sk-ph-([A-Za-z0-9]{12})-[A-Za-z0-9_-]{43}$/

/** A new key and what is kept of it. The key itself is nowhere else: it is shown once. */
export function createKey(
  secret: string,
  about: Pick<KeyRecord, 'name' | 'createdAt'> & Partial<KeyRecord>,
): { readonly key: string; readonly record: KeyRecord } {
  const id = letters(12)
  const key = `sk-ph-${id}-${randomBytes(32).toString('base64url')}`
  const record: KeyRecord = {
    updatedAt: about.createdAt,
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
    id,
    hash: hashOf(key, secret).toString('hex'),
    label: `sk-ph-${id.slice(0, 4)}…${key.slice(-3)}`,
  }
  return { key, record }
}

/** The public part of what a client sent as its key; null where that is no key of ours. */
export function keyIdOf(presented: string): string | null {
  return pattern.exec(presented)?.[1] ?? null
}

/** Whether what a client sent is this key, in a time that does not depend on where they differ. */
export function isKey(presented: string, record: KeyRecord, secret: string): boolean {
  const digest = hash('sha256', presented, 'buffer')
  const last = proven.get(record)
  if (last !== undefined && timingSafeEqual(digest, last)) return true
  const isProven = timingSafeEqual(hashOf(presented, secret), Buffer.from(record.hash, 'hex'))
  if (isProven) proven.set(record, digest)
  return isProven
}

/** Digests of the keys that records were proven by, while they are in memory: a keyed hash takes eight times as long. */
const proven = new WeakMap<KeyRecord, Buffer>()

/** A hash that cannot be made without the gateway's secret: whoever reads the store cannot try keys against it. */
function hashOf(key: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(key).digest()
}
