/** Single values of a configuration: texts, numbers with their units, paths. */
import { resolve } from 'node:path'
import { scalar } from './shape.ts'

export const text = scalar('text', { type: 'string', minLength: 1 }, (said) =>
  said === '' ? undefined : said,
)

export const flag = scalar('true or false', { type: 'boolean' }, (said) => flags.get(said))
const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

export const port = scalar(
  'a port: 0 to 65535, 0 for one that is free',
  { type: 'integer', minimum: 0, maximum: 65_535 },
  (said) => (/^\d{1,5}$/.test(said) && Number(said) < 65_536 ? Number(said) : undefined),
)

/** A whole number above 0; `1_000_000` is one too. */
export const count = scalar(
  'a whole number above 0',
  {
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: String.raw`^[1-9]\d{0,2}(_\d{3})*$` },
    ],
  },
  (said) =>
    /^[1-9]\d{0,2}(_\d{3}){0,4}$|^[1-9]\d{0,14}$/.test(said) ? Number(said.replaceAll('_', '')) : undefined,
)

/** Milliseconds. */
export const time = scalar(
  'a time with its unit: 500ms, 30s, 2m, 1h',
  { type: 'string', pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h)$`, examples: ['500ms', '30s', '2m'] },
  (said) => amountOf(said, times),
)
const times: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Bytes. */
export const size = scalar(
  'a size with its unit: 500kB, 32MB, 1GiB',
  { type: 'string', pattern: String.raw`^\d+(\.\d+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)$`, examples: ['32MB'] },
  (said) => amountOf(said, sizes),
)
const sizes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** Above 0: a limit of nothing would stop everything. Thirty years or a terabyte are a slip. */
function amountOf(said: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(said) ?? []
  const amount = Math.round(Number(number) * (units.get(unit) ?? Number.NaN))
  return amount > 0 && amount <= 1e12 ? amount : undefined
}

/** 0 to 1. */
export const share = scalar(
  'a share: 10%, or 0.1',
  {
    anyOf: [
      { type: 'string', pattern: String.raw`^\d+(\.\d+)?%$` },
      { type: 'number', minimum: 0, maximum: 1 },
    ],
  },
  (said) => {
    const [, number, percent] = /^(\d{1,3}(?:\.\d{1,10})?)(%)?$/.exec(said) ?? []
    if (number === undefined) return undefined
    const value = percent === undefined ? Number(number) : Number(number) / 100
    return value <= 1 ? value : undefined
  },
)

/** A path, made absolute: relative ones start at the configuration's folder. */
export const path = scalar('a path', { type: 'string', minLength: 1 }, (said, { folder }) =>
  said === '' ? undefined : resolve(folder, said),
)
