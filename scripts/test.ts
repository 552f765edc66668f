/** Runs all tests, shared out among as many processes as there are processors. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'

const files = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts']
const count = Math.min(availableParallelism(), 4)

interface Shard {
  readonly said: string
  readonly exitCode: number
}

/** The first is shown while it runs, the others when they are done: their lines would mix. */
async function run(shard: number): Promise<Shard> {
  const options = ['--test', '--test-isolation=none', `--test-shard=${shard}/${count}`]
  const child = spawn(process.execPath, [...options, ...files], {
    stdio: ['ignore', shard === 1 ? 'inherit' : 'pipe', 'inherit'],
  })
  const closed = new Promise<number>((resolve) => {
    child.once('close', (exitCode) => resolve(exitCode ?? 1))
  })
  const said = child.stdout === null ? '' : await text(child.stdout)
  return { said, exitCode: await closed }
}

const running = Array.from({ length: count }, (_, index) => run(index + 1))
for (const shard of running) {
  const { said, exitCode } = await shard
  process.stdout.write(said)
  if (exitCode !== 0) process.exitCode = exitCode
}
