/** The gateway's way to its upstreams beside undici's two: what one exchange costs the process that asks. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Kind } from './gateways/upstream.ts'
import { cpuTime, isPinned, median, runNode } from './lanes.ts'
import type { Cell, Row } from './table.ts'

/** Asks once, and gives how many bytes came. */
type Ask = (kind: Kind) => Promise<number>

/** `floor` is undici's `dispatch`, the least that it does; the column `undici` its `request`. */
const clients: Readonly<Record<string, (origin: string) => Promise<Ask>>> = {
  floor: async (origin) => {
    const { Pool } = await import('undici')
    const pool = new Pool(origin, { connections })
    return (kind) =>
      new Promise((resolve, reject) => {
        let bytes = 0
        pool.dispatch(
          { path, method: 'POST', headers, body: questionOf(kind) },
          {
            onRequestStart() {},
            onResponseStart: (_controller, status) => assert.equal(status, 200),
            onResponseData: (_controller, chunk) => void (bytes += chunk.length),
            onResponseEnd: () => resolve(bytes),
            onResponseError: (_controller, error) => reject(error),
          },
        )
      })
  },
  undici: async (origin) => {
    const { Pool } = await import('undici')
    const pool = new Pool(origin, { connections })
    return async (kind) => {
      const { statusCode, body } = await pool.request({
        path,
        method: 'POST',
        headers,
        body: questionOf(kind),
      })
      assert.equal(statusCode, 200)
      let bytes = 0
      for await (const chunk of body) bytes += (chunk as Buffer).length
      return bytes
    }
  },
  'playhead-gateway': async (origin) => {
    const { networkTransport } = await import('../packages/gateway/src/transport/network.ts')
    const transport = networkTransport({ allowsPrivate: true })
    const timeouts = { connectTimeout: 5000, headTimeout: 30_000 }
    return (kind) =>
      new Promise((resolve, reject) => {
        let bytes = 0
        transport.send(
          { method: 'POST', url: origin + path, headers, body: questionOf(kind), ...timeouts },
          {
            head: ({ status }) => assert.equal(status, 200),
            data: (chunk) => void (bytes += chunk.length),
            end: () => resolve(bytes),
            fail: reject,
          },
        )
      })
  },
}

const path = '/v1/chat/completions'
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' }
const connections = 64
const questionOf = (kind: Kind): string => JSON.stringify({ text: `${kind}: ${'x'.repeat(1200)}` })

const rows: readonly (readonly [name: string, kind: Kind])[] = [
  ['HTTP client: a JSON answer', 'JSON'],
  ['HTTP client: a burst of 100 events', 'BURST'],
]

export async function measureHttpClients(targets: readonly string[], rounds: number): Promise<Row[]> {
  const upstream = spawn(
    isPinned ? 'taskset' : process.execPath,
    [...(isPinned ? ['-c', '0', process.execPath] : []), join(import.meta.dirname, 'gateways/upstream.ts')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const port = await new Promise<number>((resolve) =>
    upstream.stdout.once('data', (line) => resolve((JSON.parse(String(line)) as { port: number }).port)),
  )
  try {
    return rows.map(([name, kind]) => ({ name, unit: 'µs', cells: measure(targets, rounds, kind, port) }))
  } finally {
    upstream.kill()
  }
}

function measure(
  targets: readonly string[],
  rounds: number,
  kind: Kind,
  port: number,
): ReadonlyMap<string, Cell> {
  const taking = targets.filter((target) => target in clients)
  const times = new Map<string, number[]>(taking.map((target) => [target, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [target, measured] of times)
      measured.push(runNode([import.meta.filename, target, kind, String(port)]) as number)
  }
  const floor = times.get('floor') ?? []
  return new Map(
    [...times].map(([target, measured]) => {
      const ratio = median(measured.map((time, round) => time / (floor[round] ?? Number.NaN)))
      return [target, { value: median(measured), ratio }]
    }),
  )
}

/** So many exchanges, `connections` of them at a time; all of the same length. */
async function exchange(ask: Ask, kind: Kind, times: number): Promise<void> {
  const lengths = new Set<number>()
  let left = times
  const asker = async (): Promise<void> => {
    while (left-- > 0) lengths.add(await ask(kind))
  }
  await Promise.all(Array.from({ length: connections }, asker))
  assert.equal(lengths.size, 1, 'An answer was lost in part')
}

if (import.meta.main) {
  const [target = '', kind = '', port = ''] = process.argv.slice(2)
  const ask = await clients[target]?.(`http://127.0.0.1:${port}`)
  assert(ask, `No client ${target}`)
  const times = 40_000
  await exchange(ask, kind as Kind, times)
  const start = cpuTime()
  await exchange(ask, kind as Kind, times)
  console.log(JSON.stringify((cpuTime() - start) / times))
  process.exit()
}
