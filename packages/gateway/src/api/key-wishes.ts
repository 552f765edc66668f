/** What a key is to be, as a client writes it, read strictly: a limit that is misread would not hold. */
import { isObject } from '@playhead/wire'
import { ownProvider } from '../byok/own-provider.ts'
import type { UpstreamKeys } from '../byok/sealed-keys.ts'
import type { Configuration } from '../config/configuration.ts'
import { HttpError } from '../http-error.ts'
import { type Limit, measures, type Period, periods } from '../limits.ts'
import { type Money, readMoney } from '../money.ts'
import type { KeyChange } from '../store/store.ts'
import { isMainLimit, resets } from './spending.ts'

/** What is not here was not said. */
export interface KeyWishes {
  readonly change: Omit<KeyChange, 'limits' | 'byok' | 'updatedAt'>
  readonly limits: LimitWishes
  readonly byok: UpstreamKeys
}

export interface LimitWishes {
  /** The main one; null: none. */
  readonly limit?: Money | null
  readonly limitReset?: Period
  readonly limits?: readonly Limit[]
}

type Reader<Wishes> = (value: unknown, field: string) => Wishes
type Readers<Wishes> = ReadonlyMap<string, Reader<Wishes>>

/** OpenRouter's fields, and ours: `models`, `providers`, `record`, `byok`. */
const plainFields: Readers<KeyWishes['change']> = new Map<string, Reader<KeyWishes['change']>>([
  ['name', (value, field) => ({ name: nameIn(value, field) })],
  ['disabled', (value, field) => ({ isDisabled: flagIn(value, field) })],
  ['expires_at', (value, field) => ({ expiresAt: value === null ? null : timeIn(value, field) })],
  ['models', (value, field) => ({ models: namesIn(value, field) })],
  ['providers', (value, field) => ({ providers: namesIn(value, field) })],
  ['record', (value, field) => ({ record: shareIn(value, field) })],
  ['include_byok_in_limit', (value, field) => ({ countsByok: flagIn(value, field) })],
])

/** OpenRouter's fields, and our `limits`. */
const limitFields: Readers<LimitWishes> = new Map<string, Reader<LimitWishes>>([
  ['limit', (value, field) => ({ limit: value === null ? null : moneyIn(value, field) })],
  ['limit_reset', (value, field) => ({ limitReset: resetIn(value, field) })],
  [
    'limits',
    (value, field) => ({ limits: listIn(value, field).map((each, at) => limitIn(each, `${field}[${at}]`)) }),
  ],
])

/** Throws an HttpError of 400 that names the field. `configuration` says which providers upstream keys can be for. */
export function readKeyWishes(bytes: Uint8Array, configuration: Pick<Configuration, 'providers'>): KeyWishes {
  const wishes: KeyWishes = { change: {}, limits: {}, byok: {} }
  for (const [field, value] of Object.entries(objectIn(parse(bytes), 'The body'))) {
    const [plain, limit] = [plainFields.get(field), limitFields.get(field)]
    if (field === 'byok') Object.assign(wishes.byok, upstreamKeysIn(value, field, configuration))
    else if (plain !== undefined) Object.assign(wishes.change, plain(value, field))
    else if (limit !== undefined) Object.assign(wishes.limits, limit(value, field))
    else refuse(field, `is no field of a key; there are ${fieldNames.join(', ')}`)
  }
  return wishes
}

const fieldNames = [...plainFields.keys(), ...limitFields.keys(), 'byok']

/** The limits of a key after what is wished. `limit` and `limit_reset` say the main one, `limits` all of them. */
export function limitsAfter(before: readonly Limit[], wishes: LimitWishes): readonly Limit[] {
  const { limits = before, limit, limitReset } = wishes
  const main = limits.find(isMainLimit)
  const most = limit === undefined ? (main?.most ?? null) : limit
  const rest = limits.filter((each) => each !== main)
  const after: readonly Limit[] =
    most === null ? rest : [{ of: 'money', per: limitReset ?? main?.per ?? 'ever', most }, ...rest]
  const seen = new Set<string>()
  for (const { of, per } of after) {
    if (seen.has(`${of} ${per}`)) refuse('limits', `has two limits of ${of} per ${per}`)
    seen.add(`${of} ${per}`)
  }
  return after
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refuse('The body', 'is not JSON')
  }
}

function limitIn(value: unknown, field: string): Limit {
  const { of, per, most, ...others } = objectIn(value, field)
  const [other] = Object.keys(others)
  if (other !== undefined) refuse(`${field}.${other}`, 'is no field of a limit; there are of, per, most')
  const measure =
    measures.find((measure) => measure === of) ?? refuse(`${field}.of`, `must be ${measures.join(', ')}`)
  const period =
    periods.find((period) => period === per) ?? refuse(`${field}.per`, `must be ${periods.join(', ')}`)
  const amount = measure === 'money' ? moneyIn(most, `${field}.most`) : countIn(most, `${field}.most`)
  return { of: measure, per: period, most: amount }
}

/** Upstream keys are never repeated, whatever is wrong with them. */
function upstreamKeysIn(
  value: unknown,
  field: string,
  configuration: Pick<Configuration, 'providers'>,
): UpstreamKeys {
  const keys = Object.entries(objectIn(value, field)).map(([provider, upstreamKey]) => {
    const where = `${field}.${provider.slice(0, 60)}`
    if (upstreamKey === null) return [provider, null] as const
    if (typeof upstreamKey !== 'string') return refuse(where, 'must be a key of this provider, or null')
    const own = ownProvider(provider, upstreamKey, configuration)
    return typeof own === 'string' ? refuse(where, `is refused: ${own}`) : ([provider, upstreamKey] as const)
  })
  return Object.fromEntries(keys)
}

function resetIn(value: unknown, field: string): Period {
  if (value === null) return 'ever'
  for (const [period, word] of resets) if (word === value) return period
  return refuse(field, `must be ${[...resets.values()].join(', ')} or null`)
}

function moneyIn(value: unknown, field: string): Money {
  const money = readMoney(value)
  return money !== null && money >= 0n
    ? money
    : refuse(field, 'must be an amount of dollars such as 10 or "0.25"')
}

function countIn(value: unknown, field: string): bigint {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  return isCount ? BigInt(value) : refuse(field, 'must be a whole number')
}

function nameIn(value: unknown, field: string): string {
  const isName = typeof value === 'string' && value !== '' && value.length <= 200
  return isName ? value : refuse(field, 'must be a text of 1 to 200 characters')
}

function flagIn(value: unknown, field: string): boolean {
  return typeof value === 'boolean' ? value : refuse(field, 'must be true or false')
}

function timeIn(value: unknown, field: string): number {
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? refuse(field, 'must be a time such as 2027-01-31T00:00:00Z') : time
}

function shareIn(value: unknown, field: string): number {
  const isShare = typeof value === 'number' && value >= 0 && value <= 1
  return isShare ? value : refuse(field, 'must be a share between 0 and 1')
}

function namesIn(value: unknown, field: string): readonly string[] | null {
  if (value === null) return null
  return listIn(value, field).map((name, at) =>
    typeof name === 'string' && name !== '' ? name : refuse(`${field}[${at}]`, 'must be a name'),
  )
}

function listIn(value: unknown, field: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(field, 'must be a list')
}

function objectIn(value: unknown, field: string): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : refuse(field, 'must be an object')
}

function refuse(field: string, what: string): never {
  throw new HttpError(400, 'invalid-request', `${field} ${what}`)
}
