/** `npm run bench`: installs the peers where they are missing, measures everything in one run, prints one table. */
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

const help = `Usage: npm run bench -- [options]
  --rounds N    rounds of each measurement (default 3)
  --quick       one round
  --only NAME   one measurement (stream, agent-run, dialects, startup, bundle, packages) or one target
                (${columns.join(', ')}); may be repeated
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
const targets = chosen(columns)

/** Every measurement: its rows, for the targets that can take part in it. */
const measurements: Readonly<Record<string, () => Promise<Row[]>>> = {
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

if (options.help) console.log(help)
else if (!Number.isInteger(rounds) || rounds < 1 || options.only.some((name) => !isKnown(name))) {
  console.error(help)
  process.exitCode = 2
} else await run()

async function run(): Promise<void> {
  installPeers()
  console.log(heading())
  const rows: Row[] = []
  for (const name of chosen(Object.keys(measurements))) {
    const start = performance.now()
    rows.push(...((await measurements[name]?.()) ?? []))
    console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
  const { met, goals } = score(rows)
  console.log(`\n${format(rows, targets)}\n\n${met} of ${goals} goals met. How to read it: bench/README.md`)
}

/** Those that `--only` names; all where it names none of them. The floor always takes part. */
function chosen(names: readonly string[]): string[] {
  const named = names.filter((name) => options.only.includes(name))
  return named.length === 0 ? [...names] : names.filter((name) => named.includes(name) || name === 'floor')
}

function isKnown(name: string): boolean {
  return columns.includes(name) || Object.hasOwn(measurements, name)
}

function installPeers(): void {
  const lock = join(import.meta.dirname, 'package-lock.json')
  const installed = join(import.meta.dirname, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('Installing the peers into bench/node_modules (once, about 220 MB)')
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
