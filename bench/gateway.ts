/** Gateways: what a request costs the process that passes it on, and how much later its answer comes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Load, LoadOptions } from './gateways/load.ts'
import { eventsOfAnswer, type Kind } from './gateways/upstream.ts'
import { isPinned, median } from './lanes.ts'
import { freePort, isListening } from './ports.ts'
import { stageBuilt } from './startup.ts'
import { atMost, type Cell, type Goal, type Row } from './table.ts'

const folder = join(import.meta.dirname, 'gateways')
/** The one that is measured has a core for itself. */
const [crowd, own] = ['0', '1']

/** A gateway that is up. */
interface Running {
  readonly process: ChildProcess
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds from its start until it answers. */
  readonly ready: number
}

interface Report {
  readonly port: number
}

const chat = '/v1/chat/completions'

/** How each is started before an upstream. */
const starters: Readonly<Record<string, (upstream: number) => Promise<Running>>> = {
  floor: (upstream) => startNode(['floor.ts', urlOf(upstream)], () => ({ authorization: 'Bearer sk-bench' })),
  'playhead-gateway': startPlayhead,
  nginx: startNginx,
  portkey: startPortkey,
}

export const gateways: readonly string[] = Object.keys(starters)

const urlOf = (port: number): string => `http://127.0.0.1:${port}`

/** What each round measures. */
interface Measured {
  readonly json: number
  readonly burst: number
  readonly added: number
  readonly paced: number
  readonly pacedRate: number
  readonly pacedMemory: number
  readonly slowMemory: number
  readonly ready: number
}

const rows: readonly (readonly [name: string, unit: string, goal: Goal, of: keyof Measured])[] = [
  ['Gateway: a JSON request, CPU', 'µs', atMost(75), 'json'],
  [`Gateway: a stream of ${eventsOfAnswer} events in one burst, CPU`, 'µs', atMost(150), 'burst'],
  ['Gateway: the first event comes later by, median', 'ms', atMost(0.3), 'added'],
  ['Gateway: 200 streams, an event each 5 ms, CPU', 'µs/event', atMost(22), 'paced'],
  ['Gateway: 200 streams, an event each 5 ms, passed on', 'events/s', atLeast(37_000), 'pacedRate'],
  ['Gateway: 200 streams, peak memory', 'MB', atMost(150), 'pacedMemory'],
  ['Gateway: 1,000 slow streams, peak memory', 'MB', atMost(200), 'slowMemory'],
  ['Gateway: from start to ready, wall', 'ms', atMost(150), 'ready'],
]

function atLeast(limit: number): Goal {
  return { text: `≥ ${limit.toLocaleString('en')}`, isMet: ({ value }) => value >= limit }
}

export async function measureGateways(targets: readonly string[], rounds: number): Promise<Row[]> {
  const taking = targets.filter((target) => target in starters && isInstalled(target))
  const results = new Map<string, Measured[]>(taking.map((target) => [target, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [target, measured] of results) measured.push(await measure(target))
  }
  const floor = results.get('floor')
  return rows.map(([name, unit, goal, of]) => ({ name, unit, goal, cells: cellsOf(results, floor, of) }))
}

function cellsOf(
  results: ReadonlyMap<string, readonly Measured[]>,
  floor: readonly Measured[] | undefined,
  of: keyof Measured,
): ReadonlyMap<string, Cell> {
  return new Map(
    [...results].map(([target, measured]) => {
      const value = median(measured.map((one) => one[of]))
      const ratios = measured.flatMap((one, round) => {
        const base = floor?.[round]?.[of]
        return base === undefined ? [] : [one[of] / base]
      })
      return [target, ratios.length === 0 ? { value } : { value, ratio: median(ratios) }]
    }),
  )
}

function isInstalled(target: string): boolean {
  if (target === 'nginx') return spawnSync('nginx', ['-v']).status === 0
  if (target === 'portkey') return existsSync(portkey)
  return true
}

/** One gateway, one round: once for what requests cost, and once anew for what streams hold. */
async function measure(target: string): Promise<Measured> {
  const costs = await measureFresh(target, async (gateway, upstream) => {
    // Until the compiler has seen all of it.
    await load(gateway, 'JSON', 64, 12_000)
    await load(gateway, 'BURST', 32, 6000)
    const json = await costOf(gateway, 'JSON', 64, 4000)
    const burst = await costOf(gateway, 'BURST', 32, 3000)
    const direct = await load(upstream, 'BURST', 1, 1000)
    const through = await load(gateway, 'BURST', 1, 1500)
    return {
      json: json.cpu / json.load.answers,
      burst: burst.cpu / burst.load.answers,
      added: through.first.p50 - direct.first.p50,
      ready: gateway.ready,
    }
  })
  const streams = await measureFresh(target, async (gateway) => {
    await load(gateway, 'PACED', 200, 3000)
    const paced = await costOf(gateway, 'PACED', 200, 4000)
    const pacedMemory = peakMemory(gateway)
    await load(gateway, 'SLOW', 1000, 4000)
    return {
      paced: paced.cpu / paced.load.events,
      pacedRate: paced.load.events / paced.load.seconds,
      pacedMemory,
      slowMemory: peakMemory(gateway),
    }
  })
  return { ...costs, ...streams }
}

async function measureFresh<Found>(
  target: string,
  work: (gateway: Running, upstream: Running) => Promise<Found>,
): Promise<Found> {
  const upstream = await startNode(['upstream.ts'], () => ({}), crowd)
  try {
    const gateway = await (starters[target]?.(upstream.port) ??
      Promise.reject(new Error(`No gateway ${target}`)))
    return await work(gateway, upstream).finally(() => gateway.process.kill())
  } finally {
    upstream.process.kill()
    await wait(200)
  }
}

interface Cost {
  readonly load: Load
  /** µs. */
  readonly cpu: number
}

async function costOf(gateway: Running, kind: Kind, clients: number, time: number): Promise<Cost> {
  const before = cpuOf(gateway)
  const measured = await load(gateway, kind, clients, time)
  return { load: measured, cpu: cpuOf(gateway) - before }
}

function load(
  gateway: Pick<Running, 'port' | 'path' | 'headers'>,
  kind: Kind,
  clients: number,
  time: number,
): Promise<Load> {
  const { port, path, headers } = gateway
  const options: LoadOptions = { kind, clients, time, port, path, headers, model: 'moonshotai/kimi-k2-0905' }
  const client = spawnPinned(crowd, process.execPath, [join(folder, 'load.ts'), JSON.stringify(options)])
  return new Promise((resolve, reject) => {
    let said = ''
    client.stdout?.on('data', (text) => (said += String(text)))
    client.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(said) as Load) : reject(new Error(`The load failed: ${said}`)),
    )
  })
}

/** µs of CPU so far, user and system, all threads: the kernel counts in hundredths of a second. */
function cpuOf({ process: { pid } }: Running): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** MB, the most that was resident. */
function peakMemory({ process: { pid } }: Running): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

function spawnPinned(
  core: string,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const all = isPinned ? ['taskset', '-c', core, command, ...args] : [command, ...args]
  const [first = '', ...rest] = all
  return spawn(first, rest, {
    stdio: ['ignore', 'pipe', environment['BENCH_KEY'] === undefined ? 'inherit' : 'ignore'],
    env: { ...process.env, ...environment },
  })
}

/** Starts one of this folder's programs, which says its port when it listens. */
async function startNode(
  [file = '', ...args]: readonly string[],
  headersOf: (report: Report) => Readonly<Record<string, string>>,
  core = own,
): Promise<Running> {
  const start = performance.now()
  const child = spawnPinned(core ?? '1', process.execPath, [join(folder, file), ...args])
  const report = await reportOf<Report>(child, file)
  return {
    process: child,
    port: report.port,
    path: chat,
    headers: headersOf(report),
    ready: performance.now() - start,
  }
}

/** The line of JSON that a program prints when it listens. */
function reportOf<Said>(child: ChildProcess, name: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line) => resolve(JSON.parse(String(line)) as Said))
    child.once('close', () => reject(new Error(`${name} did not start`)))
  })
}

const home = join(import.meta.dirname, 'results', 'gateway')

/** With all on: a key, a budget, a route, prices, and the ledger on disk. As it is published where it is built. */
async function startPlayhead(upstream: number): Promise<Running> {
  const stage = stageBuilt('gateway', ['playhead'])
  const command =
    stage === undefined
      ? join(import.meta.dirname, '../packages/playhead/bin/playhead.js')
      : join(stage, 'playhead/bin/playhead.js')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const file = join(home, 'playhead.yaml')
  writeFileSync(
    file,
    `port: 0
limits: [{ money: 1000000, per: month }]
providers:
  bench: { kind: custom, base_url: ${urlOf(upstream)}/v1, api_key: env:BENCH_KEY, allow_private: true, dialects: [openai-chat] }
models:
  moonshotai/kimi-k2-0905:
    endpoints:
      - { provider: bench, price: { input: 0.38, output: 1.52 }, max_output_tokens: 16384, context_length: 262144 }
`,
  )
  // As deploy/ starts it: V8 would let what lives short grow to twice the memory.
  const args = ['--max-semi-space-size=8', command, 'serve', '--config', file, '--home', home, '--json']
  const start = performance.now()
  const child = spawnPinned(own ?? '1', process.execPath, args, { BENCH_KEY: 'sk-upstream' })
  const { url, key = '' } = await reportOf<{ readonly url: string; readonly key?: string }>(
    child,
    'playhead serve',
  )
  const ready = performance.now() - start
  return {
    process: child,
    port: Number(new URL(url).port),
    path: chat,
    headers: { authorization: `Bearer ${key}` },
    ready,
  }
}

/** With the buffering off, or streams would come in lumps. */
async function startNginx(upstream: number): Promise<Running> {
  const port = await freePort()
  const file = join(import.meta.dirname, 'results', 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path /tmp/nginx-bench-${name};`)
    .join(' ')
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid /tmp/nginx-bench.pid; error_log stderr crit;
events { worker_connections 8192; }
http { access_log off; ${temporary} upstream up { server 127.0.0.1:${upstream}; keepalive 512; }
server { listen 127.0.0.1:${port} backlog=4096; keepalive_requests 1000000000; location / {
proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`,
  )
  return untilAnswers(port, spawnPinned(own ?? '1', 'nginx', ['-c', file]), {})
}

const portkey = join(import.meta.dirname, 'node_modules/@portkey-ai/gateway/build/start-server.js')

async function startPortkey(upstream: number): Promise<Running> {
  const port = await freePort()
  return untilAnswers(
    port,
    spawnPinned(own ?? '1', process.execPath, [portkey, `--port=${port}`, '--headless']),
    {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${urlOf(upstream)}/v1`,
      authorization: 'Bearer sk-upstream',
    },
  )
}

/** Until somebody takes connections there. */
async function untilAnswers(
  port: number,
  child: ChildProcess,
  headers: Readonly<Record<string, string>>,
): Promise<Running> {
  const start = performance.now()
  child.stdout?.resume()
  while (!(await isListening(port))) {
    if (performance.now() - start > 20_000 || child.exitCode !== null)
      throw new Error(`Nothing answers on port ${port}`)
    await wait(2)
  }
  return { process: child, port, path: chat, headers, ready: performance.now() - start }
}
