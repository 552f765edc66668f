/** Who asks, before anything else of a request is read. */
import { HttpError } from '../http-error.ts'
import type { Context } from '../context.ts'
import type { Incoming } from '../incoming.ts'
import { isKey, keyIdOf } from '../keys.ts'
import type { KeyRecord } from '../store/store.ts'
import type { KeyCache } from './key-cache.ts'
import type { Operation, Policy } from './operation.ts'

interface Gate {
  readonly context: Context
  readonly keys: KeyCache
  readonly incoming: Incoming
  readonly operation: Operation
  /** Whether the listener can be reached from this machine alone. */
  readonly isLocal: boolean
}

/** The key that a request is let in by; null where it needs none. Rejects with an HttpError of 401 or 403, or a StoreError. */
export async function authenticate(gate: Gate): Promise<KeyRecord | null> {
  const { who: policy } = gate.operation
  if (policy === 'anyone' || (policy === 'local' && isFromHere(gate))) return null
  const who = await keyOf(gate)
  const wrong = refusals[policy](who)
  if (wrong !== null) throw new HttpError(403, 'permission', wrong)
  return who
}

/** Why a key, which is good, may not call an operation; null: it may. */
const refusals: Readonly<Record<Exclude<Policy, 'anyone'>, (who: KeyRecord) => string | null>> = {
  local: needsAdmin,
  key: () => null,
  asker: ({ isAdmin }) => (isAdmin ? 'An admin key may not ask models: use another key' : null),
  admin: needsAdmin,
}

function needsAdmin({ isAdmin }: KeyRecord): string | null {
  return isAdmin ? null : 'This needs an admin key'
}

async function keyOf({ context, keys, incoming, operation }: Gate): Promise<KeyRecord> {
  const presented = presentedBy(incoming, operation)
  // What does not look like a key is refused without asking the store.
  const id = keyIdOf(presented)
  if (id === null) throw unauthorized('The key sent is none of this gateway: those begin with `sk-ph-`')
  const found = keys.find(id)
  const record = found instanceof Promise ? await found : found
  if (record === null || !isKey(presented, record, context.secret))
    throw unauthorized('The key sent is not known')
  if (record.isDisabled) throw unauthorized('The key sent is disabled')
  if (record.expiresAt !== null && record.expiresAt <= context.now())
    throw unauthorized(`The key sent expired at ${new Date(record.expiresAt).toISOString()}`)
  return record
}

/** Where OpenAI's, Anthropic's and Google's clients put their keys. */
function presentedBy({ headers, query }: Incoming, { dialect }: Operation): string {
  const bearer = /^Bearer +(.*)$/i.exec(headers['authorization'] ?? '')?.[1]
  // A key in a URL ends up in the logs of proxies, so only where clients have no other way.
  const inQuery = dialect.name === 'gemini' ? query.get('key') : null
  const presented = bearer ?? headers['x-api-key'] ?? headers['x-goog-api-key'] ?? inQuery
  if (presented === null || presented === '')
    throw unauthorized('No key was sent: put it into the header `authorization: Bearer sk-ph-…`')
  return presented
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, 'auth', message)
}

/** A proxy on this machine makes every caller look local, so what came through one does not count. */
function isFromHere({ isLocal, incoming: { headers } }: Gate): boolean {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => headers[name] !== undefined,
  )
  return isLocal && !isForwarded
}
