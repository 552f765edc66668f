/** Start-up: what importing a library costs a fresh process above bare Node. */
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median, runNode } from './lanes.ts'
import { closure, isOwn, libraries } from './libraries.ts'
import { atMost, type Cell, type Row } from './table.ts'

/** Milliseconds of one process: CPU time, and wall time since it began. */
type Times = readonly [cpu: number, wall: number]

const stages = join(import.meta.dirname, 'results', 'installed')

/** Each round runs bare Node and every import one after the other. */
export function measureStartup(targets: readonly string[], rounds: number): Row[] {
  const entry = installBuilt()
  const imports = new Map(
    targets.flatMap((target) => {
      const paths = libraries[target]
      if (paths === undefined) return []
      return [[target, target === 'playhead-agent' && entry !== undefined ? [entry] : paths] as const]
    }),
  )
  const added = new Map<string, Times[]>([...imports.keys()].map((target) => [target, []]))
  for (let round = 0; round < rounds; round++) {
    const [bareCpu, bareWall] = start([])
    for (const [target, paths] of imports) {
      const [cpu, wall] = start(paths)
      added.get(target)?.push([cpu - bareCpu, wall - bareWall])
    }
  }
  const cellsOf = (pick: (times: Times) => number): ReadonlyMap<string, Cell> =>
    new Map([...added].map(([target, times]) => [target, { value: median(times.map(pick)) }]))
  const from = entry === undefined ? ' (sources)' : isStale() ? ' (old build)' : ''
  return [
    {
      name: `Import, CPU above bare Node${from}`,
      unit: 'ms',
      goal: atMost(15),
      cells: cellsOf(([cpu]) => cpu),
    },
    {
      name: `Import, wall above bare Node${from}`,
      unit: 'ms',
      goal: atMost(15),
      cells: cellsOf(([, wall]) => wall),
    },
  ]
}

function start(paths: readonly string[]): Times {
  const imports = paths.map((path) => `import ${JSON.stringify(path)};`).join('')
  const report =
    'const c=process.cpuUsage();console.log(JSON.stringify([(c.user+c.system)/1000,performance.now()]))'
  return runNode(['--input-type=module', '-e', imports + report]) as Times
}

/**
 * Lays the built packages out as `npm install` would: in the workspaces they import each other's sources.
 * Gives the URL to import; undefined, and the sources are measured, while they are not built.
 */
function installBuilt(): string | undefined {
  const stage = stageBuilt('agent', libraries['playhead-agent'] ?? [])
  return stage === undefined ? undefined : pathToFileURL(join(stage, '@playhead/agent/index.js')).href
}

/** Lays packages out with all that comes with them, as built. Gives their `node_modules`; undefined while they are not built. */
export function stageBuilt(name: string, imports: readonly string[]): string | undefined {
  const packages = closure(imports)
  const isBuilt = packages
    .filter(isOwn)
    .every(({ directory }) => existsSync(join(directory, 'dist', 'package.json')))
  if (!isBuilt) return undefined
  const folder = join(stages, name)
  rmSync(folder, { recursive: true, force: true })
  for (const installed of packages) {
    const from = isOwn(installed) ? join(installed.directory, 'dist') : installed.directory
    cpSync(from, join(folder, 'node_modules', installed.name), { recursive: true, dereference: true })
  }
  return join(folder, 'node_modules')
}

/** Whether a source is younger than what was built from it. */
function isStale(): boolean {
  const own = closure(libraries['playhead-agent'] ?? []).filter(isOwn)
  return own.some(({ directory }) => lastChange(join(directory, 'src')) > lastChange(join(directory, 'dist')))
}

function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs))
}
