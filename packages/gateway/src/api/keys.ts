/** Keys for those who look after them: made, listed, changed, revoked. */
import { sealedAfter } from '../byok/sealed-keys.ts'
import { HttpError } from '../http-error.ts'
import { createKey } from '../keys.ts'
import type { KeyRecord } from '../store/store.ts'
import { json } from './json.ts'
import { type KeyWishes, limitsAfter, readKeyWishes } from './key-wishes.ts'
import { type Answer, type Call, holderOf } from './operation.ts'
import { shownLimit, timeOf, usagesOf } from './spending.ts'

/** Bytes of a description of a key. */
const bodyLimit = 65_536

/** `GET keys` */
export async function listKeys({ context, incoming: { query } }: Call): Promise<Answer> {
  const keys = await context.store.listKeys()
  const shown = query.get('include_disabled') === 'true' ? keys : keys.filter(({ isDisabled }) => !isDisabled)
  const offset = Number(query.get('offset') ?? 0)
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new HttpError(400, 'invalid-request', 'offset must be a whole number')
  return json({ data: await shownKeys(context, shown.slice(offset, offset + 100)) })
}

/** `POST keys`: the key itself is in this answer, and nowhere else. */
export async function makeKey(call: Call): Promise<Answer> {
  const { context, keys } = call
  const { change, limits, byok } = await wishesOf(call)
  const { name } = change
  if (name === undefined) throw new HttpError(400, 'invalid-request', 'name must be given')
  const { key, record: bare } = createKey(context.secret, {
    ...change,
    name,
    createdAt: context.now(),
    limits: limitsAfter([], limits),
  })
  const record = { ...bare, byok: sealedAfter(bare, byok, context.secret) }
  await context.store.insertKey(record)
  keys.changed(record.id, record)
  logChange(call, 'key made', record.id)
  const [data] = await shownKeys(context, [record])
  return json({ key, data }, 201)
}

/** `GET keys/{hash}` */
export async function showKey(call: Call): Promise<Answer> {
  const record = await found(call)
  const [data] = await shownKeys(call.context, [record])
  return json({ data })
}

/** `PATCH keys/{hash}` */
export async function changeKey(call: Call): Promise<Answer> {
  const { context, keys } = call
  const { change, limits, byok } = await wishesOf(call)
  const before = await found(call)
  const record = await context.store.updateKey(before.id, {
    ...change,
    ...(Object.keys(byok).length > 0 && { byok: sealedAfter(before, byok, context.secret) }),
    limits: limitsAfter(before.limits, limits),
    updatedAt: context.now(),
  })
  if (record === null) throw unknownKey()
  keys.changed(record.id, record)
  logChange(call, 'key changed', record.id)
  const [data] = await shownKeys(context, [record])
  return json({ data })
}

/** `DELETE keys/{hash}` */
export async function revokeKey(call: Call): Promise<Answer> {
  const { context, keys, parameters } = call
  const id = parameters['hash'] ?? ''
  const wasThere = await context.store.deleteKey(id)
  keys.changed(id, null)
  if (!wasThere) throw unknownKey()
  logChange(call, 'key revoked', id)
  return json({ deleted: true })
}

async function wishesOf({ context, incoming }: Call): Promise<KeyWishes> {
  return readKeyWishes(await incoming.readBody(bodyLimit), context.current.configuration)
}

async function found({ context, parameters }: Call): Promise<KeyRecord> {
  const record = await context.store.findKey(parameters['hash'] ?? '')
  if (record === null) throw unknownKey()
  return record
}

function unknownKey(): HttpError {
  return new HttpError(404, 'not-found', 'There is no such key')
}

/** Keys as OpenRouter shows them. `hash` is the public part, by which the ledger and the logs know a key too. */
async function shownKeys(
  context: Call['context'],
  keys: readonly KeyRecord[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const usages = await usagesOf(context.store, keys, context.now())
  return keys.map((key, at) => ({
    hash: key.id,
    name: key.name,
    label: key.label,
    disabled: key.isDisabled,
    ...usages[at],
    created_at: timeOf(key.createdAt),
    updated_at: timeOf(key.updatedAt),
    expires_at: timeOf(key.expiresAt),
    creator_user_id: null,
    external_user: null,
    workspace_id: 'default',
    is_management_key: key.isAdmin,
    limits: key.limits.map(shownLimit),
    models: key.models,
    providers: key.providers,
    record: key.record,
  }))
}

function logChange(call: Call, event: string, key: string): void {
  const { context, requestId } = call
  context.log({ level: 'info', event, requestId, key, by: holderOf(call).id })
}
