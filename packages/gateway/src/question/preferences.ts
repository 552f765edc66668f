/** Reads where a client wants its question to go: OpenRouter's `provider` object, strictly. */
import { decodeCost, isObject, type Unread } from '@playhead/wire'
import type { Preferences, Quantile } from '../question.ts'
import { booleanOr, isAbsent, objectOrNull, refusal, stringsOrNull, wordOrNull } from './fields.ts'

/** What is said beside the object: by a model's suffix, and by the older field `route`. */
export interface Shortcuts {
  readonly sort: 'price' | 'throughput' | null
  readonly sortsAcrossModels: boolean
}

/** Of a request that says nothing. */
const nothing: Unread = {}

const sorts = ['price', 'throughput', 'latency', 'exacto'] as const

/**
 * Throws an HttpError for a wrong type, and for each field that is not known: a preference that was passed over, `zdr`
 * above all, would be a promise that was broken.
 */
export function readPreferences(value: unknown, shortcuts: Shortcuts): Preferences {
  const wire = objectOrNull(value, 'provider') ?? nothing
  for (const name of Object.keys(wire)) {
    if (!known.has(name)) throw refusal(`provider.${name.slice(0, 80)}`, 'this preference is not known')
  }
  if (booleanOr(wire['enforce_distillable_text'], false, 'provider.enforce_distillable_text'))
    throw refusal(
      'provider.enforce_distillable_text',
      'it is not known which models allow it; leave the field out and choose the model by its licence',
    )
  const { sort, sortsAcrossModels } = readSort(wire['sort'], shortcuts)
  return {
    order: someOrNull(stringsOrNull(wire['order'], 'provider.order')),
    only: stringsOrNull(wire['only'], 'provider.only'),
    ignore: stringsOrNull(wire['ignore'], 'provider.ignore') ?? [],
    allowsFallbacks: booleanOr(wire['allow_fallbacks'], true, 'provider.allow_fallbacks'),
    requiresParameters: booleanOr(wire['require_parameters'], false, 'provider.require_parameters'),
    dataCollection:
      wordOrNull(wire['data_collection'], ['allow', 'deny'], 'provider.data_collection') ?? 'allow',
    zdr: booleanOr(wire['zdr'], false, 'provider.zdr'),
    quantizations: stringsOrNull(wire['quantizations'], 'provider.quantizations'),
    sort,
    sortsAcrossModels,
    maxPrice: readMaxPrice(wire['max_price']),
    minThroughput: readQuantiles(wire['preferred_min_throughput'], 'provider.preferred_min_throughput'),
    maxLatency: readQuantiles(wire['preferred_max_latency'], 'provider.preferred_max_latency'),
  }
}

const known: ReadonlySet<string> = new Set([
  'order',
  'only',
  'ignore',
  'allow_fallbacks',
  'require_parameters',
  'data_collection',
  'zdr',
  'enforce_distillable_text',
  'quantizations',
  'sort',
  'max_price',
  'preferred_min_throughput',
  'preferred_max_latency',
])

/** An empty list is no order. */
function someOrNull(list: readonly string[] | null): readonly string[] | null {
  return list?.length === 0 ? null : list
}

type Sort = Pick<Preferences, 'sort' | 'sortsAcrossModels'>

/** A word, or `{by, partition}`; what the object says goes before the shortcuts. */
function readSort(wire: unknown, shortcuts: Shortcuts): Sort {
  if (!isObject(wire)) return { ...shortcuts, sort: sortOf(wire, 'provider.sort') ?? shortcuts.sort }
  onlyFields(wire, ['by', 'partition'], 'provider.sort')
  const partition = wordOrNull(wire['partition'], ['model', 'none'], 'provider.sort.partition')
  return {
    sort: sortOf(wire['by'], 'provider.sort.by') ?? shortcuts.sort,
    sortsAcrossModels: partition === null ? shortcuts.sortsAcrossModels : partition === 'none',
  }
}

/** `exacto`, OpenRouter's order for calls of tools, is by throughput above all. */
function sortOf(wire: unknown, path: string): Preferences['sort'] {
  const word = wordOrNull(wire, sorts, path)
  return word === 'exacto' ? 'throughput' : word
}

function readMaxPrice(value: unknown): Preferences['maxPrice'] {
  const wire = objectOrNull(value, 'provider.max_price')
  if (wire === null) return {}
  for (const name of ['image', 'audio']) {
    if (!isAbsent(wire[name]))
      throw refusal(`provider.max_price.${name}`, 'what an image or a sound costs is not known here')
  }
  onlyFields(wire, [...prices, 'image', 'audio'], 'provider.max_price')
  const most: Partial<Record<(typeof prices)[number], string>> = {}
  for (const name of prices) {
    if (!isAbsent(wire[name])) most[name] = priceAt(wire[name], `provider.max_price.${name}`)
  }
  return most
}

const prices = ['prompt', 'completion', 'request'] as const

/** As a decimal string, so that it is compared exactly: a number by its shortest decimal text. */
function priceAt(value: unknown, path: string): string {
  const price = decodeCost(value)
  if (price === null || price.startsWith('-')) throw refusal(path, 'a price in dollars is needed')
  return price
}

const quantiles = ['p50', 'p75', 'p90', 'p99'] as const satisfies readonly Quantile[]

/** A number is the median's. */
function readQuantiles(value: unknown, path: string): Readonly<Partial<Record<Quantile, number>>> {
  if (typeof value === 'number') return { p50: amountAt(value, path) }
  const wire = objectOrNull(value, path)
  if (wire === null) return {}
  onlyFields(wire, quantiles, path)
  const read: Partial<Record<Quantile, number>> = {}
  for (const name of quantiles) {
    if (!isAbsent(wire[name])) read[name] = amountAt(wire[name], `${path}.${name}`)
  }
  return read
}

function amountAt(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw refusal(path, 'a number of 0 or more is needed')
  return value
}

function onlyFields(wire: Unread, names: readonly string[], path: string): void {
  const other = Object.keys(wire).find((name) => !names.includes(name))
  if (other !== undefined) throw refusal(`${path}.${other.slice(0, 80)}`, 'this field is not known')
}
