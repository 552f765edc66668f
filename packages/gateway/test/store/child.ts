/** Another process on the same store; as a program, that process itself. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { StoreConfiguration } from '../../src/config/configuration.ts'
import { openStore } from '../../src/store/open.ts'
import { aGeneration, aLimit, settlementOf } from './records.ts'

export interface Child {
  readonly process: ChildProcess
  /** Fulfilled when it has opened the store. */
  readonly ready: Promise<string>
  readonly lines: readonly string[]
  say(line: string): void
  /** What it says behind this word, when it says it. */
  answer(word: string): Promise<string>
}

export function startChild(
  t: Pick<TestContext, 'after'>,
  configuration: StoreConfiguration,
  name: string,
  /** A shell's words before the program starts. */
  before = ':',
): Child {
  const file = fileURLToPath(import.meta.url)
  const program = [process.execPath, file, JSON.stringify(configuration), name]
  const child = spawn('/bin/sh', ['-c', `${before}; exec "$@"`, 'sh', ...program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  // A pipe to a process that was killed.
  child.stdin.on('error', () => undefined)
  const lines: string[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(line))
  const answer = async (word: string): Promise<string> => {
    for (;;) {
      const found = lines.find((line) => line.startsWith(`${word} `))
      if (found !== undefined) return found.slice(word.length + 1)
      await once(reader, 'line')
    }
  }
  return {
    process: child,
    ready: answer('ready'),
    lines,
    say: (line) => void child.stdin.write(`${line}\n`),
    answer,
  }
}

async function run(configuration: StoreConfiguration, name: string): Promise<void> {
  const store = await openStore(configuration)
  await store.beat(name, Date.now())
  console.log(`ready ${name}`)
  const commands: Readonly<Record<string, (...words: string[]) => Promise<void>>> = {
    // Opens so many at once and says how many fitted.
    async open(count = '', cap = '', bound = '') {
      const limits = [aLimit('money', 'month', BigInt(cap)), aLimit('requests', 'day', 1000, 'all')]
      const opened = await Promise.all(
        Array.from({ length: Number(count) }, (_, index) =>
          store.open(
            aGeneration({ id: `${name}-${index}`, replica: name, boundMoney: BigInt(bound) }),
            limits,
          ),
        ),
      )
      console.log(`opened ${opened.filter(({ type }) => type === 'opened').length}`)
    },
    // Opens until the store refuses, says why, and whether it can still be read.
    async fill() {
      try {
        for (;;) await store.open(aGeneration({ user: 'x'.repeat(10_000) }), [])
      } catch (error) {
        console.log(`failed ${error instanceof Error ? `${error.name} ${error.message}` : ''}`)
      }
      const found = await store.listGenerations({}, 1, null)
      console.log(`read ${found.length}`)
    },
    // Opens and settles for ever, and says each when the store has said so.
    async work(most = '') {
      const limits = [aLimit('money', 'ever', BigInt(most)), aLimit('requests', 'ever', BigInt(most), 'all')]
      let count = 0
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (;;) {
            const generation = aGeneration({ id: `${name}-${count++}`, replica: name, model: name })
            const cost = BigInt(count % 90)
            await store.open(generation, limits)
            console.log(`opened ${generation.id}`)
            await store.settle(settlementOf(generation, { cost }))
            console.log(`settled ${generation.id} ${cost}`)
          }
        }),
      )
    },
  }
  for await (const line of createInterface(process.stdin)) {
    const [command = '', ...words] = line.split(' ')
    await commands[command]?.(...words)
  }
  await store.close()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [configuration = '', name = ''] = process.argv.slice(2)
  await run(JSON.parse(configuration) as StoreConfiguration, name)
}
