/** Recording a stream: what it adds for each chunk beside passing the stream through, and how long a chunk is held up. */
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openCassette, record } from '@playhead/tape'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMost, type Cell, type Row } from './table.ts'
import { headers, questionOf, responseOf, streamOf, url } from './tapes/exchanges.ts'
import type { Fetch } from './targets/target.ts'
import { textAnswer } from './traffic.ts'

type Lane = 'floor' | 'playhead-tape'

const lanes: readonly Lane[] = ['floor', 'playhead-tape']
const lengths = { '2k': 2000, '50k': 50_000 } as const

type Length = keyof typeof lengths

/** How long chunks are under way, in µs. */
interface Delays {
  readonly p50: number
  readonly p99: number
}

const paced = 1000

export function measureRecording(targets: readonly string[], rounds: number): Row[] {
  const taking = lanes.filter((lane) => targets.includes(lane))
  const costs = (Object.keys(lengths) as Length[]).map((length) => {
    const times = inRounds<number>(taking, length, rounds)
    return {
      name: `Record a stream of ${lengths[length].toLocaleString('en')}, CPU more`,
      unit: 'µs/chunk',
      goal: atMost(5),
      cells: added(times, (time) => time),
    }
  })
  const delays = inRounds<Delays>(taking, 'delay', rounds)
  return [
    ...costs,
    {
      name: 'Record: a chunk comes later by, median',
      unit: 'µs',
      goal: atMost(20),
      cells: added(delays, ({ p50 }) => p50),
    },
    {
      name: 'Record: a chunk comes later by, p99',
      unit: 'µs',
      goal: atMost(200),
      cells: added(delays, ({ p99 }) => p99),
    },
  ]
}

type Results<Measured> = ReadonlyMap<Lane, readonly Measured[]>

function inRounds<Measured>(taking: readonly Lane[], what: string, rounds: number): Results<Measured> {
  const results = new Map<Lane, Measured[]>(taking.map((lane) => [lane, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [lane, measured] of results)
      measured.push(runNode([import.meta.filename, lane, what]) as Measured)
  }
  return results
}

/** The floor as it is; the others, what they take more than the floor in the same round. */
function added<Measured>(
  results: Results<Measured>,
  valueOf: (measured: Measured) => number,
): ReadonlyMap<string, Cell> {
  const floor = results.get('floor') ?? []
  return new Map(
    [...results].map(([lane, measured]) => {
      const values = measured.map((one, round) => {
        const base = floor[round]
        return valueOf(one) - (lane === 'floor' || base === undefined ? 0 : valueOf(base))
      })
      return [lane, { value: median(values) }]
    }),
  )
}

/** A `fetch` that is measured; `close` checks the last stream on the tape. */
interface Recording {
  readonly fetch: Fetch
  close(body: string, chunks: number): Promise<void>
}

async function start(lane: Lane, network: Fetch): Promise<Recording> {
  if (lane === 'floor') return { fetch: network, close: () => Promise.resolve() }
  const folder = join(import.meta.dirname, 'results', 'recorded')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'bench.tape.jsonl')
  const recorder = await record(file, { mode: 'all', fetch: network })
  return {
    fetch: recorder.fetch,
    async close(body, chunks) {
      await recorder.stop()
      const cassette = await openCassette(file)
      const response = cassette?.at(cassette.length - 1).response
      assert.equal(response?.body, body, 'Not what was recorded')
      assert.equal(response?.chunks?.length, chunks, 'Not the chunks that were recorded')
      rmSync(folder, { recursive: true })
    },
  }
}

/** One process: a warm-up on short streams, then at least a quarter of a CPU second. µs for each chunk. */
async function measure(lane: Lane, length: Length): Promise<number> {
  const count = lengths[length]
  const chunks = chunksOf(count)
  const body = Buffer.concat(chunks).toString()
  const few = chunks.slice(0, lengths['2k'])
  let served: readonly Uint8Array[] = few
  const recording = await start(lane, async () => responseOf(streamOf(served)))
  await repeat(recording.fetch, few, 300_000)
  served = chunks
  const cost = await repeat(recording.fetch, chunks, 250_000)
  await recording.close(body, count)
  return cost
}

async function repeat(fetch: Fetch, chunks: readonly Uint8Array[], leastUs: number): Promise<number> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const start = cpuTime()
  let times = 0
  while (cpuTime() - start < leastUs) {
    const [seen, came] = await readAll(fetch, () => {})
    assert.deepEqual([seen, came], [size, chunks.length], 'Not all chunks came')
    times++
  }
  return (cpuTime() - start) / times / chunks.length
}

/** Reads an answer as most clients do. */
async function readAll(
  fetch: Fetch,
  onChunk: (place: number) => void,
): Promise<readonly [size: number, chunks: number]> {
  const response = await fetch(url, { method: 'POST', headers, body: questionOf(0) })
  const reader = response.body?.getReader()
  let [size, came] = [0, 0]
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (value === undefined || done) return [size, came]
    onChunk(came++)
    size += value.length
  }
}

/** One process: chunks that come at a pace of one each millisecond, and when their reader has them. */
async function measureDelay(lane: Lane): Promise<Delays> {
  const chunks = chunksOf(paced)
  const sent: number[] = []
  const recording = await start(lane, async () => responseOf(pacedStream(chunks, sent)))
  const delays: number[] = []
  for (const isWarm of [false, true]) {
    sent.length = 0
    const [, came] = await readAll(recording.fetch, (place) => {
      if (isWarm) delays.push((performance.now() - (sent[place] ?? Number.NaN)) * 1000)
    })
    assert.equal(came, chunks.length, 'Not all chunks came')
  }
  await recording.close(Buffer.concat(chunks).toString(), chunks.length)
  const sorted = delays.toSorted((a, b) => a - b)
  return { p50: median(sorted), p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN }
}

function pacedStream(chunks: readonly Uint8Array[], sent: number[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      await setTimeout(5)
      for (const chunk of chunks) {
        await setTimeout(1)
        sent.push(performance.now())
        controller.enqueue(chunk)
      }
      controller.close()
    },
  })
}

function chunksOf(count: number): Uint8Array[] {
  const { table, order } = textAnswer(count - 1).answer
  return Array.from(order, (place) => table[place] ?? new Uint8Array())
}

if (import.meta.main) {
  const [lane, what] = process.argv.slice(2)
  const result =
    what === 'delay' ? await measureDelay(lane as Lane) : await measure(lane as Lane, what as Length)
  console.log(JSON.stringify(result))
}
