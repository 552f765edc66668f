/** Reading and writing go-vcr's YAML, beside JSON of the same data. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GoVcrFile, readGoVcr, writeGoVcr } from '@playhead/tape'
import { binaryTag, CORE_SCHEMA, dump, load } from 'js-yaml'
import { parse, stringify } from 'yaml'
import { corporaFiles } from '../test/corpora.ts'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMostRatio, type Row } from './table.ts'

type Direction = 'read' | 'write'

/** What one process says: milliseconds for each megabyte of YAML. */
type Measured = number

const targets = ['floor', 'playhead-tape', 'js-yaml', 'yaml'] as const

type Target = (typeof targets)[number]

const goals = { read: 1.5, write: 3 } as const

export function measureYaml(taking: readonly string[], rounds: number): Row[] {
  const lanes = targets.filter((target) => taking.includes(target))
  const what = corporaFiles('go-vcr/fantasy', 'yaml').skip === false ? 'recorded cassettes' : 'the seeds'
  return (['read', 'write'] as const).map((direction) => {
    const times = new Map<string, Measured[]>(lanes.map((target) => [target, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [target, measured] of times)
        measured.push(runNode([import.meta.filename, target, direction]) as Measured)
    }
    const floor = times.get('floor') ?? []
    const cells = [...times].map(([target, measured]) => {
      const ratio = median(measured.map((time, round) => time / (floor[round] ?? Number.NaN)))
      return [target, { value: median(measured), ratio }] as const
    })
    const goal = atMostRatio(goals[direction])
    return { name: `go-vcr YAML, ${direction}, ${what}`, unit: 'ms/MB', goal, cells: new Map(cells) }
  })
}

/** One process: a warm-up, then at least half a CPU second, of whole passes over all files. */
function measure(target: Target, direction: Direction): Measured {
  const texts = textsOf()
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6
  const once = passes[target][direction](texts)
  repeat(once, 500_000)
  return repeat(once, 500_000) / 1000 / size
}

/** The cassettes that other people recorded, or the seeds, so often that they are as large. */
function textsOf(): string[] {
  const { files } = corporaFiles('go-vcr/fantasy', 'yaml')
  if (files.length > 0) return files.map((file) => readFileSync(file, 'utf8'))
  const folder = join(import.meta.dirname, '../examples/calculator')
  const seeds = ['baseten.yaml', 'retry.yaml'].map((name) => readFileSync(join(folder, name), 'utf8'))
  return Array.from({ length: 100 }, () => seeds).flat()
}

/** What is timed, made after its result has been checked. */
type MakePass = (texts: readonly string[]) => () => void

const passes: Readonly<Record<Target, Readonly<Record<Direction, MakePass>>>> = {
  floor: {
    read(texts) {
      const all = texts.map((text) => JSON.stringify(dataOf(text)))
      return each(all, (json) => JSON.parse(json))
    },
    write(texts) {
      const all = texts.map(dataOf)
      return each(all, (data) => JSON.stringify(data))
    },
  },
  'playhead-tape': {
    read(texts) {
      for (const [index, text] of texts.entries())
        assert.equal(writeGoVcr(cassetteOf(text)), text, `File ${index}`)
      return each(texts, cassetteOf)
    },
    write(texts) {
      const all = texts.map(cassetteOf)
      for (const [index, cassette] of all.entries()) assert.equal(writeGoVcr(cassette), texts[index])
      return each(all, writeGoVcr)
    },
  },
  'js-yaml': {
    read: (texts) => each(texts, loaded),
    write(texts) {
      const all = texts.map(loaded)
      for (const data of all) assert.deepEqual(loaded(dumped(data)), data)
      return each(all, dumped)
    },
  },
  yaml: {
    read(texts) {
      for (const text of texts) assert.deepEqual(plain(parsed(text)), plain(loaded(text)))
      return each(texts, parsed)
    },
    write(texts) {
      const all = texts.map(parsed)
      for (const data of all.slice(0, 20)) assert.deepEqual(parsed(stringify(data, yamlOptions)), data)
      return each(all, (data) => stringify(data, yamlOptions))
    },
  },
}

function each<Item>(items: readonly Item[], pass: (item: Item) => unknown): () => void {
  return () => {
    for (const item of items) pass(item)
  }
}

const cassetteOf = (text: string): GoVcrFile => readGoVcr(text, 'bench.yaml')

const schema = CORE_SCHEMA.withTags(binaryTag)
const loaded = (text: string): unknown => load(text, { schema })
const dumped = (data: unknown): string => dump(data, { schema, lineWidth: -1 })

const yamlOptions = { customTags: ['binary' as const], lineWidth: 0 }
const parsed = (text: string): unknown => parse(text, yamlOptions)

/** As JSON has it: bytes as base64. */
const dataOf = (text: string): unknown => plain(loaded(text))

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, asText))
}

/** A Buffer makes JSON of itself before it can be seen as a value. */
function asText(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const own = this[name]
  return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value
}

function repeat(once: () => void, leastUs: number): number {
  const start = cpuTime()
  let times = 0
  while (cpuTime() - start < leastUs) {
    once()
    times++
  }
  return (cpuTime() - start) / times
}

if (import.meta.main) {
  const [target, direction] = process.argv.slice(2)
  console.log(JSON.stringify(measure(target as Target, direction as Direction)))
}
