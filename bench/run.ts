/** `npm run bench`: installs the peers where they are missing, measures everything in one run, prints its tables. */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isPinned } from './lanes.ts'
import { versions } from './libraries.ts'
import { format, type Row, score } from './table.ts'

const columns = [
  'floor',
  'playhead-wire',
  'playhead-agent',
  'openai',
  'ai-compatible',
  'ai-openrouter',
  'openai-agents',
  'pi',
]

/** What replays, records, or reads what was recorded. */
const tapeColumns = [
  'floor',
  'floor-lazy',
  'playhead-tape',
  'undici',
  'fetch-vcr',
  'polly',
  'nock',
  'msw',
  'aimock',
  'js-yaml',
  'yaml',
]

/** What stands between clients and providers. */
const gatewayColumns = ['floor', 'playhead-gateway', 'undici', 'nginx', 'portkey']
const yamlReaders = new Set(['js-yaml', 'yaml'])

const allColumns: ReadonlySet<string> = new Set([...columns, ...tapeColumns, ...gatewayColumns])

const help = `Usage: npm run bench -- [options]
  --rounds N    rounds of each measurement (default 3)
  --quick       one round
  --only NAME   one measurement (stream, agent-run, dialects, startup, bundle, packages, replay, open, record, go-vcr,
                gateway, http-client)
                or one target (${[...allColumns].join(', ')}); may be repeated
  --help`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})
const rounds = options.quick ? 1 : Number(options.rounds)
const targets = taking(columns)
const tapes = taking(tapeColumns)
const gateways = taking(gatewayColumns)

type Measurements = Readonly<Record<string, () => Promise<Row[]>>>

/** What programs that talk to models are measured by: rows for the targets that can take part. */
const programs: Measurements = {
  stream: async () => (await import('./stream.ts')).measureStreams(targets, rounds),
  'agent-run': async () =>
    (await import('./agent-run.ts')).measureRuns(
      targets.filter((target) => target !== 'playhead-wire'),
      rounds,
    ),
  dialects: async () => (await import('./dialects.ts')).measureDialects(rounds),
  startup: async () => (await import('./startup.ts')).measureStartup(targets, 5 * rounds),
  bundle: async () => (await import('./bundle.ts')).measureBundles(targets),
  packages: async () => (await import('./bundle.ts')).countPackages(targets),
}

/** What tapes are measured by. */
const recorders: Measurements = {
  replay: async () => (await import('./replay.ts')).measureReplays(replaying(), rounds),
  open: async () => (await import('./replay.ts')).measureOpening(replaying(), rounds),
  record: async () => (await import('./record.ts')).measureRecording(tapes, rounds),
  'go-vcr': async () => (await import('./go-vcr.ts')).measureYaml(tapes, rounds),
}

const between: Measurements = {
  gateway: async () => (await import('./gateway.ts')).measureGateways(gateways, rounds),
  'http-client': async () => (await import('./http-client.ts')).measureHttpClients(gateways, rounds),
}

const measurements: Measurements = {
  ...(targets.length > 0 && programs),
  ...(tapes.length > 0 && recorders),
  ...(gateways.length > 0 && between),
}

if (options.help) console.log(help)
else if (!Number.isInteger(rounds) || rounds < 1 || options.only.some((name) => !isKnown(name))) {
  console.error(help)
  process.exitCode = 2
} else await run()

async function run(): Promise<void> {
  installPeers()
  console.log(heading())
  const rows = new Map<string, readonly Row[]>()
  for (const name of chosen(Object.keys(measurements))) {
    const start = performance.now()
    rows.set(name, (await measurements[name]?.()) ?? [])
    console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
  const rowsOf = (of: Measurements): Row[] => Object.keys(of).flatMap((name) => rows.get(name) ?? [])
  const tables = [
    format(rowsOf(programs), targets),
    format(rowsOf(recorders), tapes),
    format(rowsOf(between), gateways),
  ]
  const { met, goals } = score([...rows.values()].flat())
  console.log(
    tables
      .filter((table) => table !== '')
      .map((table) => `\n${table}`)
      .join('\n'),
  )
  console.log(`\n${met} of ${goals} goals met. How to read it: bench/README.md`)
}

function replaying(): string[] {
  return tapes.filter((name) => !yamlReaders.has(name))
}

/** Those that `--only` names; all where it names none of them. */
function chosen(names: readonly string[]): readonly string[] {
  const named = names.filter((name) => options.only.includes(name))
  return named.length === 0 ? names : named
}

/** The targets of one table, none of them where only those of the other are named. The floor always takes part. */
function taking(names: readonly string[]): readonly string[] {
  const named = options.only.filter((name) => allColumns.has(name))
  if (named.length === 0) return names
  return names.some((name) => named.includes(name))
    ? names.filter((name) => named.includes(name) || name === 'floor')
    : []
}

function isKnown(name: string): boolean {
  return allColumns.has(name) || [programs, recorders, between].some((group) => name in group)
}

function installPeers(): void {
  const lock = join(import.meta.dirname, 'package-lock.json')
  const installed = join(import.meta.dirname, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('Installing the peers into bench/node_modules (once, about 270 MB)')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', ['ci', '--prefix', import.meta.dirname, ...quiet], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The peers could not be installed')
}

function heading(): string {
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`
  return [
    `Node ${process.version}, ${process.platform} ${process.arch}, ${machine}`,
    isPinned
      ? 'Each measured process is pinned to the last core'
      : 'Not pinned to a core: no taskset here, so expect noise',
    `Peers: ${versions().join(', ')}`,
    `CPU time, user and system, all threads; medians of ${rounds} rounds; × is the ratio to the floor in its round`,
  ].join('\n')
}
