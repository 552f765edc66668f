/** What stands where in a configuration, as data: the same shapes read the file, tell mistakes and write the JSON Schema. */
import type { Environment, JsonObject } from '@playhead/wire'
import { nearest } from './nearest.ts'
import type { Node } from './tree.ts'

/** One kind of value. */
export interface Shape<T> {
  /** Follows "must be": `a port: 0 to 65535`. */
  readonly wanted: string
  /** The same for editors. */
  readonly schema: JsonObject
  /** Undefined where a mistake was told. */
  read(spot: Spot, reading: Reading): T | undefined
}

/** A value and the way to it. */
export interface Spot {
  readonly node: Node
  readonly path: string
}

/** What reading needs of the world, and where mistakes go. */
export interface Reading {
  readonly environment: Environment
  /** Where relative paths start: the file's own folder. */
  readonly folder: string
  tell(spot: Spot, message: string): void
}

/** A field of a record. */
export interface Field<T> {
  readonly shape: Shape<T>
  /** One sentence for the schema and the documentation. */
  readonly says: string
  /** What holds where it is left out, and how that is written; absent for a field that must be there. */
  readonly otherwise?: { readonly value: T; readonly shown: string }
}

export type Fields<T> = { readonly [Name in keyof T]: Field<T[Name]> }

/** The shape of a record and its fields, for those who document it. */
export interface RecordShape<T> extends Shape<T> {
  readonly fields: Fields<T>
}

/** A map with known names. In the file they are written in snake case. Unknown ones are told, with the nearest known. */
export function record<T extends object>(wanted: string, fields: Fields<T>): RecordShape<T> {
  const names = Object.keys(fields) as (keyof T & string)[]
  const known = new Map(names.map((name) => [snake(name), name]))
  return {
    wanted,
    fields,
    schema: recordSchema(fields),
    read(spot, reading) {
      const { node } = spot
      if (node.type !== 'map' && node.type !== 'null') return told(spot, reading, wanted)
      const entries = node.type === 'map' ? node.entries : []
      for (const { name, at } of entries.filter((entry) => !known.has(entry.name)))
        reading.tell(
          { node: { type: 'null', at }, path: pathTo(spot.path, name) },
          unknownField(name, [...known.keys()]),
        )
      const read = names.map((name) => {
        const written = snake(name)
        const entry = entries.find((one) => one.name === written)
        return [name, readField(fields[name], entry?.value, pathTo(spot.path, written), spot, reading)]
      })
      if (read.some(([, value]) => value === undefined)) return undefined
      return Object.fromEntries(read) as T
    },
  }
}

function readField<T>(
  { shape, otherwise }: Field<T>,
  node: Node | undefined,
  path: string,
  parent: Spot,
  reading: Reading,
): T | undefined {
  if (node !== undefined && (node.type !== 'null' || otherwise === undefined)) {
    // After a mistake the default stands in, so that what depends on the field is checked too.
    return shape.read({ node, path }, reading) ?? otherwise?.value
  }
  if (otherwise === undefined) return told({ node: parent.node, path }, reading, shape.wanted)
  return otherwise.value
}

function unknownField(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === null
    ? `there is no such field; there are ${known.join(', ')}`
    : `there is no such field; did you mean ${near}?`
}

/** A map whose names are the user's. */
export function mapOf<T>(
  wanted: string,
  shape: Shape<T>,
  isName: (name: string) => boolean = () => true,
): Shape<ReadonlyMap<string, T>> {
  return {
    wanted,
    schema: { type: 'object', additionalProperties: orNull(shape.schema) },
    read(spot, reading) {
      const { node } = spot
      if (node.type === 'null') return new Map()
      if (node.type !== 'map') return told(spot, reading, wanted)
      const read = node.entries.map(({ name, value, at }) => {
        const path = pathTo(spot.path, name)
        if (!isName(name)) reading.tell({ node: { type: 'null', at }, path }, nameRule)
        return [name, shape.read({ node: value, path }, reading)] as const
      })
      return new Map(read.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
    },
  }
}

const nameRule = 'a name has letters, digits and . - _ only, and begins with a letter or a digit'

export function listOf<T>(wanted: string, shape: Shape<T>): Shape<readonly T[]> {
  return {
    wanted,
    schema: { type: 'array', items: shape.schema },
    read(spot, reading) {
      if (spot.node.type !== 'list') return told(spot, reading, wanted)
      return spot.node.items.flatMap((node, index) => {
        const value = shape.read({ node, path: `${spot.path}[${index}]` }, reading)
        return value === undefined ? [] : [value]
      })
    },
  }
}

/** A list that has one item at least. */
export function someOf<T>(wanted: string, shape: Shape<T>): Shape<readonly T[]> {
  const list = listOf(wanted, shape)
  return {
    ...list,
    schema: { ...list.schema, minItems: 1 },
    read(spot, reading) {
      const isEmpty = spot.node.type === 'list' && spot.node.items.length === 0
      return isEmpty ? told(spot, reading, `${wanted}; one at least`) : list.read(spot, reading)
    },
  }
}

/** A single value, by its text; `parse` gives undefined for what it does not take, or a sentence that says more. */
export function scalar<T>(
  wanted: string,
  schema: JsonObject,
  parse: (text: string, reading: Reading) => T | Wrong | undefined,
): Shape<T> {
  return {
    wanted,
    schema,
    read(spot, reading) {
      if (spot.node.type !== 'scalar') return told(spot, reading, wanted)
      const value = parse(spot.node.text, reading)
      if (value instanceof Wrong) return told(spot, reading, value)
      return value === undefined ? told(spot, reading, wanted) : value
    },
  }
}

/** Why a value is not taken, where "must be …" would not say enough. */
export class Wrong {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** A word of a few. */
export function word<const T extends string>(...words: readonly T[]): Shape<T> {
  return scalar(
    words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`,
    { enum: [...words] },
    (text) => words.find((one) => one === text),
  )
}

/** A single value or a map, which are told apart by what stands there. */
export function either<A, B>(wanted: string, single: Shape<A>, map: Shape<B>): Shape<A | B> {
  return {
    wanted,
    schema: { anyOf: [single.schema, map.schema] },
    read(spot, reading) {
      if (spot.node.type === 'map') return map.read(spot, reading)
      return spot.node.type === 'scalar' ? single.read(spot, reading) : told(spot, reading, wanted)
    },
  }
}

/** A value with its place, for what can only be checked when all is read. */
export interface Located<T> {
  readonly value: T
  readonly spot: Spot
}

export function located<T>(shape: Shape<T>): Shape<Located<T>> {
  return {
    ...shape,
    read(spot, reading) {
      const value = shape.read(spot, reading)
      return value === undefined ? undefined : { value, spot }
    },
  }
}

/** `adminPort` as the file has it: `admin_port`. */
export function snake(name: string): string {
  return name.replaceAll(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`)
}

/** `models.kimi`, and `models["a b"]` for a name that would not be plain. */
export function pathTo(path: string, name: string): string {
  const shown = name.slice(0, 60)
  if (!/^[\w/:-]+$/.test(shown)) return `${path}[${JSON.stringify(shown)}]`
  return path === '' ? shown : `${path}.${shown}`
}

function told(spot: Spot, reading: Reading, wanted: string | Wrong): undefined {
  reading.tell(spot, typeof wanted === 'string' ? `must be ${wanted}` : wanted.message)
}

function recordSchema<T extends object>(fields: Fields<T>): JsonObject {
  const entries = Object.entries<Field<unknown>>(fields)
  const required = entries.filter(([, { otherwise }]) => otherwise === undefined).map(([name]) => snake(name))
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, { shape, says, otherwise }]) => [
        snake(name),
        {
          description: otherwise === undefined ? says : `${says} Default: ${otherwise.shown}.`,
          ...(otherwise === undefined ? shape.schema : orNull(shape.schema)),
        },
      ]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

/** `name:` with nothing behind it is the same as leaving it out. */
function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] }
}
