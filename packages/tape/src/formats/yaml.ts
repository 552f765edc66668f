/** Reads the YAML of other tools: builds no objects, runs nothing, and does not grow by its aliases. */
import { TapeError } from '../error.ts'
import { jsYaml, yamlFault } from '../go-vcr/read-any-yaml.ts'
import { isFields, PlainScalar } from './values.ts'

/** Levels. Bodies that are kept as YAML are as deep as their JSON. */
const deepest = 100

/** What a file may grow to when each alias is written out, in its own size. */
const mostGrowth = 10

/**
 * The value of one YAML document: maps as objects, numbers and flags as `PlainScalar`, `!!binary` and Ruby's
 * `!binary` as bytes. Throws a `TapeError` with the line at fault.
 */
export function readForeignYaml(text: string, file: string): unknown {
  const root = load(text, file)
  if (text.includes('*')) checkGrowth(root, text.length, file)
  return root
}

/** How many lines of quoted texts may stand too far to the left. */
const mostIndented = 16

function load(text: string, file: string, repairs = 0): unknown {
  try {
    // A repeated key counts as Python and Ruby count it: the last one holds.
    return jsYaml().load(text, { schema: schema(), maxDepth: deepest, json: true })
  } catch (cause) {
    const repaired = repairs < mostIndented ? indented(text, cause) : undefined
    if (repaired === undefined) throw yamlFault(cause, file)
    return load(repaired, file, repairs + 1)
  }
}

/**
 * Python takes a quoted text whose next line stands further to the left than YAML allows. How far a line is
 * indented means nothing within quotes, so the line at fault is moved to the right.
 */
function indented(text: string, cause: unknown): string | undefined {
  const { YAMLException } = jsYaml()
  if (!(cause instanceof YAMLException) || cause.reason !== 'deficient indentation') return undefined
  const start = text.lastIndexOf('\n', (cause.mark?.position ?? 0) - 1) + 1
  return `${text.slice(0, start)}${' '.repeat(deepest)}${text.slice(start)}`
}

let made: import('js-yaml').Schema | undefined

/**
 * The few tags that recorders write of themselves are read for what they hold. Any other names an object
 * of some program, and none is ever built.
 */
function schema(): import('js-yaml').Schema {
  if (made !== undefined) return made
  const { FAILSAFE_SCHEMA, nullCoreTag, binaryTag, defineScalarTag, defineSequenceTag, defineMappingTag } =
    jsYaml()
  const plain = defineScalarTag<unknown>('tag:playhead,2026:plain', {
    implicit: true,
    implicitFirstChars: Array.from('-0123456789tTfFyYnNoO'),
    resolve: (source) => plainScalar(source) ?? jsYaml().NOT_RESOLVED,
    identify,
  })
  const rubyBinary = defineScalarTag('!binary', { resolve: binaryTag.resolve, identify })
  const python = 'tag:yaml.org,2002:python/'
  const texts = ['str', 'unicode', 'bytes'].map((name) =>
    defineScalarTag(`${python}${name}`, {
      resolve: (source) => (name === 'bytes' ? Buffer.from(source, 'base64') : source),
      identify,
    }),
  )
  const list = {
    create: (): unknown[] => [],
    addItem: (items: unknown[], item: unknown) => void items.push(item),
    identify,
  }
  const tuple = defineSequenceTag<unknown[]>(`${python}tuple`, list)
  // aiohttp's names of headers, which are keys.
  const istr = defineSequenceTag(`${python}object/apply:multidict._multidict.istr`, {
    ...list,
    finalize: firstOf,
  })
  const held = [
    ['object/new:_io.BytesIO', 'state'],
    ['object/apply:builtins.iter', 'args'],
  ] as const
  const holders = held.map(([name, key]) =>
    defineMappingTag<Map<unknown, unknown>, unknown>(`${python}${name}`, {
      create: () => new Map(),
      addPair: (map, pairKey, value) => {
        map.set(pairKey, value)
        return ''
      },
      has: (map, pairKey) => map.has(pairKey),
      keys: () => [],
      get: () => undefined,
      finalize: (map) => firstOf(map.get(key)),
      identify,
    }),
  )
  made = FAILSAFE_SCHEMA.withTags(nullCoreTag, plain, binaryTag, rubyBinary, texts, tuple, istr, holders)
  return made
}

/** These tags are for reading only. */
function identify(): boolean {
  return false
}

/** The bytes of Python's `BytesIO`, the pieces of its iterator, a text: the first of what they were made from. */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

/** Numbers that are also JSON's. Without a point, `1e5` is text to YAML 1.1, which Python and Ruby write. */
const plainNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]\d+)?)?$/
const plainTrue = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/
const plainFalse = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/

function plainScalar(source: string): PlainScalar | undefined {
  if (plainNumber.test(source)) return new PlainScalar(source, source)
  if (plainTrue.test(source)) return new PlainScalar(source, 'true')
  return plainFalse.test(source) ? new PlainScalar(source, 'false') : undefined
}

/** Refuses a document whose aliases would make it many times larger, or hold themselves. */
function checkGrowth(root: unknown, length: number, file: string): void {
  const sizes = new Map<unknown, number>()
  const measure = (value: unknown): number => {
    if (typeof value === 'string') return value.length + 1
    if (value instanceof Uint8Array) return value.length + 1
    if (!Array.isArray(value) && !isFields(value)) return 1
    const known = sizes.get(value)
    if (known !== undefined) return known
    // Until it is measured, what holds itself is endless.
    sizes.set(value, Number.POSITIVE_INFINITY)
    let size = 1
    for (const child of Object.values(value)) size += measure(child)
    sizes.set(value, size)
    return size
  }
  if (measure(root) <= length * mostGrowth + 1000) return
  const sentence = 'its aliases (*name) make it many times larger than it is; write the values out.'
  throw new TapeError('unreadable', sentence, { file })
}
