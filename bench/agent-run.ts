/** The seeds' agent: two requests, two tools at once, the final text. CPU per run. */
import assert from 'node:assert/strict'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMostRatio, type Cell, type Row } from './table.ts'
import type { MakeTarget } from './targets/target.ts'
import { seedAnswers, Server } from './traffic.ts'

const asked = "I'll perform both addition and multiplication on the numbers 2 and 3."
const answered = 'Here are the results:\n- Addition: 2 + 3 = 5\n- Multiplication: 2 × 3 = 6'

/** What one process says. Times are CPU time. */
interface Measured {
  readonly coldMs: number
  readonly runMs: number
}

export function measureRuns(targets: readonly string[], rounds: number): Row[] {
  const results = new Map<string, Measured[]>(targets.map((target) => [target, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [target, measured] of results)
      measured.push(runNode([import.meta.filename, target]) as Measured)
  }
  const floor = results.get('floor') ?? []
  const cellsOf = (field: keyof Measured): ReadonlyMap<string, Cell> =>
    new Map(
      [...results].map(([target, measured]) => {
        const ratios = measured.map((one, round) => one[field] / (floor[round]?.[field] ?? Number.NaN))
        return [target, { value: median(measured.map((one) => one[field])), ratio: median(ratios) }]
      }),
    )
  return [
    { name: 'Agent run, 2 requests, 2 tools', unit: 'ms', goal: atMostRatio(2), cells: cellsOf('runMs') },
    { name: 'First agent run of a process', unit: 'ms', cells: cellsOf('coldMs') },
  ]
}

/** One process: a cold run, a warm-up, then at least half a CPU second. Checks take no part in the times. */
async function measure(makeTarget: MakeTarget): Promise<Measured> {
  const server = new Server(seedAnswers())
  const run = makeTarget(server.fetch).run
  if (run === undefined) throw new Error('This target runs no agents')
  const once = async (): Promise<void> => {
    server.restart()
    let streamed = ''
    const text = await run((delta) => {
      streamed += delta
    })
    assert.equal(server.bodies.length, 2, 'A run is two requests')
    assert(text === answered && streamed === asked + answered, `Not what was sent: ${streamed} / ${text}`)
  }
  const start = cpuTime()
  await once()
  const coldMs = (cpuTime() - start) / 1000
  checkResults(server.bodies[1] ?? '')
  await repeat(once, 400_000)
  return { coldMs, runMs: (await repeat(once, 500_000)) / 1000 }
}

/** CPU time of one, in batches until there is enough of it. */
async function repeat(once: () => Promise<void>, leastUs: number): Promise<number> {
  const start = cpuTime()
  let times = 0
  while (cpuTime() - start < leastUs) {
    for (let index = 0; index < 20; index++) await once()
    times += 20
  }
  return (cpuTime() - start) / times
}

interface Body {
  readonly messages: readonly {
    readonly role: string
    readonly content: unknown
    readonly tool_call_id?: string
  }[]
}

/** The second request brings both results, in call order, under the calls' ids. */
function checkResults(body: string): void {
  const { messages } = JSON.parse(body) as Body
  const results = messages.filter(({ role }) => role === 'tool')
  const ids = results.map((result) => result.tool_call_id)
  const outputs = results.map(({ content }) => JSON.stringify(content).match(/\d+/)?.[0])
  assert.deepEqual(ids, ['functions.add:0', 'functions.multiply:1'])
  assert.deepEqual(outputs, ['5', '6'])
}

if (import.meta.main) {
  const { target } = (await import(`./targets/${process.argv[2]}.ts`)) as { readonly target: MakeTarget }
  console.log(JSON.stringify(await measure(target)))
}
