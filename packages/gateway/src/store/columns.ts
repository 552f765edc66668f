/** How records lie in rows: which column each field has, and how its value is written and read. */
import type { Column, Row, Value } from './database.ts'
import type { GenerationRecord, KeyRecord, OpenGeneration, Settlement } from './store.ts'

interface Kind {
  readonly type: Column['type']
  /** Neither is asked about null. */
  write(value: never): Value
  read(value: Value): unknown
}

const json = {
  type: 'text',
  write: JSON.stringify,
  read: (value: Value) => JSON.parse(String(value)) as unknown,
} as const satisfies Kind

const kinds = {
  text: { type: 'text', write: (value: string) => value, read: (value) => value },
  /** Ids that others make up: an index takes no more than 2,700 bytes. */
  foreign: { type: 'text', write: foreignId, read: (value) => value },
  whole: { type: 'bigint', write: (value: number) => value, read: Number },
  money: { type: 'bigint', write: (value: bigint) => value, read: (value) => value },
  real: { type: 'double precision', write: (value: number) => value, read: Number },
  flag: { type: 'bigint', write: (value: boolean) => (value ? 1 : 0), read: (value) => value === 1n },
  list: json,
  texts: json,
  attempts: withAmounts('cost'),
  limits: withAmounts('most'),
} as const satisfies Record<string, Kind>

/** One field of a record. */
export interface Field<Name extends string> extends Column {
  readonly field: Name
  readonly kind: Kind
}

export const keyFields = fieldsOf<KeyRecord>({
  hash: 'text',
  name: 'text',
  label: 'text',
  createdAt: 'whole',
  updatedAt: 'whole',
  expiresAt: 'whole',
  isDisabled: 'flag',
  isAdmin: 'flag',
  limits: 'limits',
  models: 'list',
  providers: 'list',
  record: 'real',
  byok: 'texts',
  countsByok: 'flag',
  id: 'text',
})

/** What is known of a generation from its beginning. */
export const openFields = fieldsOf<OpenGeneration>({
  id: 'text',
  keyId: 'text',
  replica: 'text',
  at: 'whole',
  requestId: 'text',
  dialect: 'text',
  model: 'text',
  isStream: 'flag',
  user: 'text',
  session: 'text',
  boundMoney: 'money',
  boundTokens: 'whole',
})

/** What is known of it at its end, without what it has had from its beginning. */
export const endFields = fieldsOf<Omit<Settlement, 'id' | 'keyId' | 'at'>>({
  outcome: 'text',
  status: 'whole',
  endpoint: 'text',
  provider: 'text',
  upstreamId: 'foreign',
  inputTokens: 'whole',
  outputTokens: 'whole',
  cachedInputTokens: 'whole',
  cacheWriteTokens: 'whole',
  reasoningTokens: 'whole',
  cost: 'money',
  providerCost: 'money',
  catalogueCost: 'money',
  isEstimated: 'flag',
  isByok: 'flag',
  byokCost: 'money',
  countsByok: 'flag',
  finishReason: 'text',
  rawFinishReason: 'text',
  firstTokenAfter: 'real',
  duration: 'real',
  attempts: 'attempts',
  story: 'text',
  tape: 'text',
})

export const generationFields: readonly Field<keyof GenerationRecord>[] = [
  ...openFields,
  ...endFields,
  ...fieldsOf<Pick<GenerationRecord, 'settledAt'>>({ settledAt: 'whole' }),
]

/** The values of a record's fields, in the order of its columns. */
export function rowOf<Name extends string>(
  fields: readonly Field<Name>[],
  record: Readonly<Record<Name, unknown>>,
): Value[] {
  return fields.map(({ field, kind }) => {
    const value = record[field]
    return value === null ? null : kind.write(value as never)
  })
}

/** The record that lies in a row. */
export function recordOf<RecordType>(
  fields: readonly Field<keyof RecordType & string>[],
  row: Row,
): RecordType {
  const entries = fields.map(({ field, kind, name }) => {
    const value = row[name] ?? null
    return [field, value === null ? null : kind.read(value)]
  })
  return Object.fromEntries(entries) as RecordType
}

/** The columns' names, as a `select` wants them. */
export function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => `"${name}"`).join(', ')
}

/** As an id of others is kept, and looked for. */
export function foreignId(id: string): string {
  return id.slice(0, 500)
}

function fieldsOf<RecordType>(
  record: Readonly<Record<keyof RecordType & string, keyof typeof kinds>>,
): readonly Field<keyof RecordType & string>[] {
  return Object.entries<keyof typeof kinds>(record).map(([field, name]) => ({
    name: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type: kinds[name].type,
    field: field as keyof RecordType & string,
    kind: kinds[name],
  }))
}

/** A list of objects with an amount in each, which is written as a string: JSON's numbers end at 2⁵³. */
function withAmounts<Name extends string>(
  field: Name,
): {
  readonly type: 'text'
  write(list: readonly Readonly<Record<Name, bigint>>[]): string
  read(value: Value): unknown
} {
  return {
    type: 'text',
    write: (list) => JSON.stringify(list.map((entry) => ({ ...entry, [field]: String(entry[field]) }))),
    read(value) {
      const list = JSON.parse(String(value)) as readonly Readonly<Record<Name, string>>[]
      return list.map((entry) => ({ ...entry, [field]: BigInt(entry[field]) }))
    },
  }
}
