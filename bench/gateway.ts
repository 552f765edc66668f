/** Gateways: what a request costs the process that passes it on, and how much later its answer comes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Load, LoadOptions } from './gateways/load.ts'
import { eventsOfAnswer, type Kind } from './gateways/upstream.ts'
import { isPinned, median } from './lanes.ts'
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
  readonly key?: string
}

const chat = '/v1/chat/completions'

/** How each is started before an upstream. */
const starters: Readonly<Record<string, (upstream: number) => Promise<Running>>> = {
  floor: (upstream) => startNode(['floor.ts', urlOf(upstream)], () => ({ authorization: 'Bearer sk-bench' })),
  'playhead-gateway': (upstream) =>
    startNode(['playhead-gateway.ts', urlOf(upstream)], ({ key = '' }) => ({
      authorization: `Bearer ${key}`,
    })),
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

/** One gateway, one round. */
async function measure(target: string): Promise<Measured> {
  const upstream = await startNode(['upstream.ts'], () => ({}), crowd)
  try {
    const gateway = await (starters[target]?.(upstream.port) ??
      Promise.reject(new Error(`No gateway ${target}`)))
    return await measureOne(gateway, upstream).finally(() => gateway.process.kill())
  } finally {
    upstream.process.kill()
    await wait(200)
  }
}

async function measureOne(gateway: Running, upstream: Running): Promise<Measured> {
  await load(gateway, 'JSON', 16, 1500)
  await load(gateway, 'BURST', 16, 1000)
  const json = await costOf(gateway, 'JSON', 64, 3000)
  const burst = await costOf(gateway, 'BURST', 32, 3000)
  const direct = await load(upstream, 'BURST', 1, 1000)
  const through = await load(gateway, 'BURST', 1, 1500)
  const paced = await costOf(gateway, 'PACED', 200, 3000)
  const pacedMemory = peakMemory(gateway)
  await load(gateway, 'SLOW', 1000, 4000)
  return {
    json: json.cpu / json.load.answers,
    burst: burst.cpu / burst.load.answers,
    added: through.first.p50 - direct.first.p50,
    paced: paced.cpu / paced.load.events,
    pacedRate: paced.load.events / paced.load.seconds,
    pacedMemory,
    slowMemory: peakMemory(gateway),
    ready: gateway.ready,
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

function spawnPinned(core: string, command: string, args: readonly string[]): ChildProcess {
  const all = isPinned ? ['taskset', '-c', core, command, ...args] : [command, ...args]
  const [first = '', ...rest] = all
  return spawn(first, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Starts one of this folder's programs, which says its port when it listens. */
async function startNode(
  [file = '', ...args]: readonly string[],
  headersOf: (report: Report) => Readonly<Record<string, string>>,
  core = own,
): Promise<Running> {
  const start = performance.now()
  const child = spawnPinned(core ?? '1', process.execPath, [join(folder, file), ...args])
  const report = await new Promise<Report>((resolve, reject) => {
    child.stdout?.once('data', (line) => resolve(JSON.parse(String(line)) as Report))
    child.once('close', () => reject(new Error(`${file} did not start`)))
  })
  return {
    process: child,
    port: report.port,
    path: chat,
    headers: headersOf(report),
    ready: performance.now() - start,
  }
}

/** With the buffering off, or streams would come in lumps. */
async function startNginx(upstream: number): Promise<Running> {
  const port = upstream + 1
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

function startPortkey(upstream: number): Promise<Running> {
  const port = upstream + 1
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

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
