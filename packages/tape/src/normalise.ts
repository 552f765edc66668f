/** What may vary from run to run and is the same request all the same, by name. */
import { withoutDates } from './dates.ts'
import { TapeError } from './error.ts'
import type { Normaliser } from './match.ts'
import { rewrite } from './rewrite.ts'

/**
 * Those that need no code, in the order in which they are applied.
 * - `tool-call-ids`: ids of tool calls, and where results name them, count by their first appearance. For programs and
 *   SDKs that make up ids where a provider gives none.
 * - `uuids`: count by their first appearance: two that are the same stay the same. In URLs and names of fields, too;
 *   where several fields of one object are named so, their order counts.
 * - `dates`: dates and times in texts, and seconds or milliseconds since 1970 in fields named after a time, are all one:
 *   whether two clocks agree is chance. Not within words, and not in fields named after a model or a version.
 * - `whitespace`: any run of it is one space, and none stands at the ends: prompts that were indented anew, or checked
 *   out with other line ends.
 */
export const normalisers: readonly Normaliser[] = [
  { name: 'tool-call-ids', apply: withCountedCalls },
  { name: 'uuids', apply: withCountedUuids, url: (url) => String(withCountedUuids(url)) },
  { name: 'dates', apply: (value) => rewrite(value, withoutDate), url: withoutDatesInUrl },
  {
    name: 'whitespace',
    apply: (value) => rewrite(value, (text) => (typeof text === 'string' ? unspaced(text) : text)),
  },
]

/**
 * Those that a recorder was given, by name or whole, and those that a tape declares, each once, in the order in which they
 * are applied. Throws a TapeError for a name that nobody knows.
 */
export function normalisersFor(
  given: readonly (string | Normaliser)[],
  declared: readonly string[] = [],
  file = 'normalise',
): readonly Normaliser[] {
  const own = given.filter((one) => typeof one !== 'string')
  for (const { name } of own) checkName(name, own, file)
  const names = new Set([...declared, ...given.filter((one) => typeof one === 'string')])
  for (const name of names) {
    if ([...normalisers, ...own].some((one) => one.name === name)) continue
    throw new TapeError('normaliser', unknown(name, declared.includes(name)), { file })
  }
  return [...normalisers.filter(({ name }) => names.has(name)), ...own]
}

function checkName(name: string, own: readonly Normaliser[], file: string): void {
  const isTaken =
    normalisers.some((one) => one.name === name) || own.filter((one) => one.name === name).length > 1
  if (isTaken) throw new TapeError('normaliser', `there is another normaliser "${name}" already`, { file })
  if (!/^[\w./@-]{1,60}$/.test(name))
    throw new TapeError('normaliser', `"${name}" is no name of a normaliser: letters, digits and -_./@`, {
      file,
    })
}

function unknown(name: string, isDeclared: boolean): string {
  const known = normalisers.map((one) => one.name).join(', ')
  return isDeclared
    ? `its requests are matched with the normaliser "${name}", which is not known here (known: ${known}); hand it in as normalise: [{ name: "${name}", apply }]`
    : `there is no normaliser "${name}"; there are ${known}, and your own as { name, apply }`
}

/** Gives the same names for the same things, counted from 1. */
function counter(kind: string): (thing: string) => string {
  const names = new Map<string, string>()
  return (thing) => {
    const name = names.get(thing) ?? `<${kind} ${names.size + 1}>`
    names.set(thing, name)
    return name
  }
}

const uuid = /(?<![\da-f])[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-f])/gi

function withCountedUuids(value: unknown): unknown {
  const name = counter('uuid')
  return rewrite(
    value,
    (text) => (typeof text === 'string' ? text.replaceAll(uuid, (found) => name(found.toLowerCase())) : text),
    (key) => key.replaceAll(uuid, ''),
  )
}

/** Fields that name a call, in the words of all who write them. */
const callField = /^(tool_?(call|use)|call|function_?call)_?id$/i
/** Fields that hold a call, or calls. */
const callsField = /^(tool_?calls?|function_?(call|response)s?|tool_?(use|result))$/i
/** What an object says that is a call or its result. */
const callType = /^(function|.*tool.*|.*call.*|.*provider-result)$/i

/** First the calls are found, then their ids are replaced in every field that is called an id. */
function withCountedCalls(value: unknown): unknown {
  const ids = new Map<string, string>()
  findCalls(value, '', (id) => {
    if (!ids.has(id)) ids.set(id, `<call ${ids.size + 1}>`)
  })
  if (ids.size === 0) return value
  return rewrite(value, (text, name) =>
    typeof text === 'string' && /id$/i.test(name) ? (ids.get(text) ?? text) : text,
  )
}

function findCalls(value: unknown, field: string, found: (id: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const child of value as readonly unknown[]) findCalls(child, field, found)
    return
  }
  const object = value as Readonly<Record<string, unknown>>
  const { type } = object
  const isCall = callsField.test(field) || (typeof type === 'string' && callType.test(type))
  for (const key of Object.keys(object).toSorted()) {
    const child = object[key]
    if (typeof child !== 'string') findCalls(child, key, found)
    else if (callField.test(key) || (isCall && key === 'id')) found(child)
  }
}

const timeField =
  /(^|[_-])(at|date|time|timestamp|ts|now|created|updated|modified|expires|expiry)$|[a-z](At|Date|Time|Timestamp)$/
const versionField = /model|version/i

function withoutDate(value: string | number, name: string): string | number {
  if (versionField.test(name)) return value
  if (timeField.test(name) && /^\d{10}(\d{3}|\.\d+)?$/.test(String(value))) return '<date>'
  return typeof value === 'string' ? withoutDates(value) : value
}

/** Values of parameters only: a path with a date in it names a version as often as a day. */
function withoutDatesInUrl(url: string): string {
  return url.replaceAll(/([?&])([^=&#]*)=([^&#]*)/g, (whole, mark: string, name: string, value: string) => {
    const read = decoded(value)
    const clean = withoutDate(read, decoded(name))
    return clean === read ? whole : `${mark}${name}=${clean}`
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function unspaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
