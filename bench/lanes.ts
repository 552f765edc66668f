/** Fresh processes: one for each target and round, one after the other, each on the same core. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const core = String(availableParallelism() - 1)
export const isPinned = spawnSync('taskset', ['-c', core, 'true']).status === 0

/** Runs Node with the arguments and gives the JSON that it prints. */
export function runNode(args: readonly string[]): unknown {
  const node = [process.execPath, ...args]
  const [command = '', ...rest] = isPinned ? ['taskset', '-c', core, ...node] : node
  const { status, stdout } = spawnSync(command, rest, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`Failed: node ${args.join(' ')}`)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1))
}

/** CPU time of this process so far, all threads, user and system, in µs. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
