/** Settings whose value is the same on the wire and in a request, read and written by one table. */
import type { Unread } from './json.ts'
import { without } from './kept-fields.ts'
import type { ModelRequest } from './request.ts'
import { arrayAt, booleanAt, isAbsent, numberAt, stringAt } from './strict.ts'

type Reader = (value: unknown, path: string) => unknown

/** One setting: its name on the wire, its name in a request, and what reads its value where that is not the usual. */
export type Setting = readonly [wire: string, canonical: keyof ModelRequest, read?: Reader]

/** What reads a setting; all others are numbers. */
const readers: Readonly<Partial<Record<keyof ModelRequest, Reader>>> = {
  stop: stringsAt,
  parallelToolCalls: booleanAt,
  user: stringAt,
}

/** Reads the settings of a table and gives the fields that are none of them. A null says nothing. */
export function readSettings(
  table: readonly Setting[],
  wire: Unread,
  prefix = '',
): readonly [settings: Partial<ModelRequest>, rest: Unread] {
  const settings: Record<string, unknown> = {}
  for (const [name, canonical, read = readers[canonical] ?? numberAt] of table) {
    if (!isAbsent(wire[name])) settings[canonical] = read(wire[name], `${prefix}${name}`)
  }
  const names = table.map(([name]) => name)
  return [settings, without(wire, names)]
}

/** Writes the settings of a table; what is not set is undefined. */
export function writeSettings(table: readonly Setting[], request: ModelRequest): Unread {
  return Object.fromEntries(table.map(([name, canonical]) => [name, request[canonical]]))
}

/** The list of strings. Throws a WireError for anything else. */
export function stringsAt(value: unknown, path: string): readonly string[] {
  return arrayAt(value, path).map((element, index) => stringAt(element, `${path}[${index}]`))
}
