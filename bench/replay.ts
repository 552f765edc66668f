/** Replaying answers of 10 kB from a tape of 1,000, and opening one of 10,000. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMost, atMostRatio, type Cell, type Row } from './table.ts'
import { answerOf, chunksOfAnswer, questionOf } from './tapes/exchanges.ts'
import type { Tape, Tool } from './tapes/tool.ts'

const replayed = 1000
const opened = 10_000

/** msw has no tapes to open, aimock's hold a third of the bytes; the files of fetch-vcr are not opened before they are asked for. */
const openers = new Set(['floor', 'floor-lazy', 'playhead-tape', 'undici', 'fetch-vcr', 'polly', 'nock'])

/** `shuffled` takes them in another order than they were recorded in. */
type Order = 'recorded' | 'shuffled' | 'streamed' | 'cold'

const orders: readonly (readonly [Order, string])[] = [
  ['recorded', 'Replay, 10 kB, in recorded order'],
  ['shuffled', 'Replay, 10 kB, in another order'],
  ['cold', 'Replay, 10 kB, first 1,000 of a process'],
  ['streamed', `Replay, 10 kB, as a stream of ${chunksOfAnswer}`],
]

const folders = join(import.meta.dirname, 'results', 'tapes')

export function measureReplays(targets: readonly string[], rounds: number): Row[] {
  for (const target of targets) write(target, replayed)
  const rows = orders.map(([order, name]) => {
    const taking = order === 'streamed' ? targets.filter(isStreaming) : targets
    const times = new Map<string, number[]>(taking.map((target) => [target, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [target, measured] of times) measured.push(start(target, replayed, order) as number)
    }
    const floor = times.get('floor') ?? []
    const cells = [...times].map(([target, measured]): [string, Cell] => {
      const ratio = median(measured.map((time, round) => time / (floor[round] ?? Number.NaN)))
      return [target, { value: median(measured), ratio }]
    })
    const goal = order === 'streamed' ? {} : { goal: atMostRatio(1.3) }
    return { name, unit: 'µs', ...goal, cells: new Map(cells) }
  })
  rmSync(folders, { recursive: true, force: true })
  return rows
}

/** What one process says of opening. */
interface Opened {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMb: number
}

export function measureOpening(targets: readonly string[], rounds: number): Row[] {
  const taking = targets.filter((target) => openers.has(target))
  const sizes = new Map(taking.map((target) => [target, write(target, opened)]))
  const results = new Map<string, Opened[]>(taking.map((target) => [target, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [target, measured] of results) measured.push(start(target, opened, 'open') as Opened)
  }
  rmSync(folders, { recursive: true, force: true })
  const cellsOf = (valueOf: (measured: readonly Opened[], target: string) => number) =>
    new Map([...results].map(([target, measured]) => [target, { value: valueOf(measured, target) }]))
  const medianOf = (field: keyof Opened) => (measured: readonly Opened[]) =>
    median(measured.map((one) => one[field]))
  return [
    { name: 'Tape of 10,000: size', unit: 'MB', cells: cellsOf((_, target) => sizes.get(target) ?? 0) },
    { name: 'Opened, first answer, wall', unit: 'ms', goal: atMost(150), cells: cellsOf(medianOf('wallMs')) },
    { name: 'Opened, first answer, CPU', unit: 'ms', cells: cellsOf(medianOf('cpuMs')) },
    {
      name: 'Peak memory above the size',
      unit: 'MB',
      goal: atMost(100),
      cells: cellsOf((measured, target) => medianOf('peakMb')(measured) - (sizes.get(target) ?? 0)),
    },
  ]
}

const isStreaming = (target: string): boolean => target === 'floor' || target === 'playhead-tape'

function folderOf(target: string, count: number): string {
  return join(folders, `${target}-${count}`)
}

function start(target: string, count: number, what: Order | 'open'): unknown {
  return runNode(['--expose-gc', import.meta.filename, target, String(count), what])
}

/** Puts the exchanges on a new tape, in a process of its own. Gives its size in MB. */
function write(target: string, count: number): number {
  const folder = folderOf(target, count)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  runNode([import.meta.filename, target, String(count), 'write'])
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.reduce((size, file) => size + statSync(join(folder, file)).size, 0) / 1e6
}

/** One process: a warm-up, then at least a quarter of a CPU second on a tape just opened. µs for each answer. */
async function measure(tool: Tool, folder: string, order: Order): Promise<number> {
  if (order === 'cold') return repeat(tool, folder, order, 1, replayed)
  await repeat(tool, folder, order, 300_000)
  return repeat(tool, folder, order, 250_000)
}

const batch = 20

/** Opening and the checks take no part in the time. A tape that has given all its answers is opened anew. */
async function repeat(
  tool: Tool,
  folder: string,
  order: Order,
  leastUs: number,
  leastTimes = 0,
): Promise<number> {
  let [cpu, times] = [0, 0]
  while (cpu < leastUs) {
    const tape = await tool.open(folder)
    globalThis.gc?.()
    for (let from = 0; from < replayed && (cpu < leastUs || times < leastTimes); from += batch) {
      const places = Array.from({ length: batch }, (_, index) => placeOf(from + index, order))
      cpu += await askAll(tool, tape, places, order)
      times += batch
    }
    await tape.close()
  }
  return cpu / times
}

function placeOf(index: number, order: Order): number {
  return order === 'shuffled' ? (index * 7919 + 500) % replayed : index
}

async function askAll(tool: Tool, tape: Tape, places: readonly number[], order: Order): Promise<number> {
  const questions = places.map(questionOf)
  const answers: string[] = []
  const start = cpuTime()
  for (const question of questions) {
    if (order === 'streamed') answers.push(await wholeStream(tape, question))
    else answers.push(await tape.ask(question))
  }
  const cpu = cpuTime() - start
  for (const [index, place] of places.entries()) check(tool, answers[index] ?? '', place)
  return cpu
}

async function wholeStream(tape: Tape, question: string): Promise<string> {
  const [chunks, text] = (await tape.stream?.(question)) ?? [0, '']
  assert.equal(chunks, chunksOfAnswer, 'Not the chunks that were recorded')
  return text
}

/** One process: from opening to the first answer, the one in the middle; then some more, for the peak of memory. */
async function measureOpen(tool: Tool, folder: string, count: number): Promise<Opened> {
  const middle = count / 2
  const question = questionOf(middle)
  const [wall, cpu] = [performance.now(), cpuTime()]
  const tape = await tool.open(folder)
  const answer = await tape.ask(question)
  const [wallMs, cpuMs] = [performance.now() - wall, (cpuTime() - cpu) / 1000]
  check(tool, answer, middle)
  for (let place = 0; place < 500 && cpuTime() - cpu < 3_000_000; place++)
    check(tool, await tape.ask(questionOf(place)), place)
  return { wallMs, cpuMs, peakMb: process.resourceUsage().maxRSS / 1000 }
}

function check({ kept = (answer) => answer }: Tool, answer: string, place: number): void {
  assert.equal(kept(answer), kept(answerOf(place)), `Not the answer ${place}`)
}

if (import.meta.main) {
  const [target = '', count = '', what = ''] = process.argv.slice(2)
  const { tool } = (await import(`./tapes/${target}.ts`)) as { readonly tool: Tool }
  const folder = folderOf(target, Number(count))
  if (what === 'write') await tool.write(folder, Number(count))
  const result =
    what === 'write'
      ? null
      : what === 'open'
        ? await measureOpen(tool, folder, Number(count))
        : await measure(tool, folder, what as Order)
  console.log(JSON.stringify(result))
  process.exit()
}
