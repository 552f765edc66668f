/** A soak of `playhead serve`: mixed load with faults; memory stays flat, sockets are let go, the ledger is what was told. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { settledLedger, questionTo, sumOf } from '../packages/gateway/test/load/told.ts'
import { readSeeds, type Recorded } from '../packages/gateway/test/recorded.ts'
import { createPlace, type Serving } from '../packages/gateway/test/serving.ts'
import { type Act, refusal, startUpstream } from '../packages/gateway/test/upstream.ts'
import { ask, type Seen } from '../packages/gateway/test/wall/ask.ts'
import { dollars, moneyOf } from '../packages/gateway/src/money.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: String(1 / 3) },
    clients: { type: 'string', default: '32' },
  },
})
const duration = Number(values.minutes) * 60_000
const rows = 10

const { text } = await readSeeds()

/** What an upstream does with a request, by chance: most are answered. */
function byChance(recorded: Recorded): Act {
  const faults: readonly Act[] = [
    refusal(429, 'Slow down'),
    refusal(500, 'Internal error'),
    refusal(503, 'Overloaded'),
    { type: 'reset' },
    { type: 'silence' },
    { type: 'late-token', recorded },
    { type: 'cut', recorded, events: 5 },
    { type: 'stall', recorded, events: 5 },
    { type: 'malformed', recorded, events: 5 },
    { type: 'no-end', recorded, events: 5 },
  ]
  const answers: readonly Act[] = [
    { type: 'answer', recorded },
    { type: 'slow', recorded, pace: 3 },
  ]
  return { type: 'choose', choose: () => pick(Math.random() < 0.1 ? faults : answers) }
}

function pick(acts: readonly Act[]): Act {
  return acts[Math.floor(Math.random() * acts.length)] ?? refusal(500, 'Nothing to pick')
}

const tally = { whole: 0, errors: 0, left: 0, odd: 0 }
const told = new Map<string, string>()
const over = new AbortController()

/** One that asks, again and again; now and then it leaves in the middle, or sends what is no request. */
async function client(baseUrl: string, key: string): Promise<void> {
  while (!over.signal.aborted) {
    const chance = Math.random()
    const patience = chance < 0.05 ? 20 : 30_000
    const form = Math.random() < 0.5 ? 'json' : 'stream'
    const body = chance > 0.98 ? { model: 'm/m' } : questionTo('m/m', 100)
    const seen = await ask({ baseUrl, key, patience }, form, body)
    count(seen)
    if (seen.ending === 'whole') told.set(seen.id, seen.usage?.cost ?? '0')
  }
}

function count({ ending }: Seen): void {
  if (ending === 'whole') tally.whole += 1
  else if (ending === 'error') tally.errors += 1
  else if (ending === 'hung') tally.left += 1
  else tally.odd += 1
}

interface Sample {
  readonly megabytes: number
  readonly sockets: number
}

/** Linux tells of a process by files; elsewhere there is nothing to show. */
function sample({ child }: Serving): Sample {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
    const folder = `/proc/${child.pid}/fd`
    const sockets = readdirSync(folder).filter((fd) => linkOf(`${folder}/${fd}`).startsWith('socket:'))
    return { megabytes: Math.round(kilobytes / 1024), sockets: sockets.length }
  } catch {
    return { megabytes: 0, sockets: 0 }
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

await using primary = await startUpstream()
await using fallback = await startUpstream()
await using place = await createPlace({
  upstreams: { chutes: primary.baseUrl, baseten: fallback.baseUrl },
  models: ['m/m'],
  limits: [{ of: 'money', per: 'ever', most: moneyOf('1000000') }],
  more: 'timeouts: { connect: 1s, head: 1s, first_token: 1s, idle: 1s }\n',
})
const serving = await place.serve()
const idle = sample(serving)
primary.play(byChance(text.chutes))
fallback.play(byChance(text.baseten))
const clients = Array.from({ length: Number(values.clients) }, () => client(serving.baseUrl, place.key))
console.log(
  `${'seconds'.padStart(8)} ${'whole'.padStart(8)} ${'errors'.padStart(8)} ${'left'.padStart(8)} ${'MB'.padStart(8)} ${'sockets'.padStart(8)}`,
)
const samples: Sample[] = []
for (let row = 1; row <= rows; row += 1) {
  await after(duration / rows)
  // An upstream keeps its requests until it is told again.
  primary.play(byChance(text.chutes))
  fallback.play(byChance(text.baseten))
  const now = sample(serving)
  samples.push(now)
  const seconds = ((duration / rows) * row) / 1000
  const cells = [seconds.toFixed(0), tally.whole, tally.errors, tally.left, now.megabytes, now.sockets]
  console.log(cells.map((cell) => String(cell).padStart(8)).join(' '))
}
over.abort()
await Promise.all(clients)
// Idle connections are kept for a while on both sides: for 75 seconds at most.
console.log('\nwaiting for idle connections to be closed')
let last = sample(serving)
for (let waited = 0; waited < 100 && last.sockets > idle.sockets + 4; waited += 1) {
  await after(1000)
  last = sample(serving)
}

const problems: string[] = []
await place.withStore(async (store) => {
  const ledger = await settledLedger(store, place.keyId)
  const byId = new Map(ledger.map((line) => [line.id, line]))
  for (const [id, cost] of told) {
    const line = byId.get(id)
    if (line === undefined || line.cost !== moneyOf(cost))
      problems.push(`${id}: told $${cost}, in the ledger ${line?.cost}`)
  }
  const answered = ledger.filter(({ outcome }) => outcome === 'answered')
  const rest = ledger.filter(({ outcome }) => outcome !== 'answered')
  const sum = [...told.values()].map(moneyOf).reduce((a, b) => a + b, 0n)
  const more = answered.filter(({ id }) => !told.has(id))
  console.log(
    `told $${dollars(sum)} for ${told.size} answers; ledger $${dollars(sumOf(answered))} for ${answered.length}`,
  )
  console.log(`clients left, or the answer broke off: $${dollars(sumOf(rest))} for ${rest.length}`)
  // Who leaves at the last moment was answered and never knew.
  if (more.length > tally.left) problems.push(`${more.length} answers in the ledger that nobody was given`)
})
const highest = (part: readonly Sample[]): number => Math.max(...part.map(({ megabytes }) => megabytes))
const [early, late] = [highest(samples.slice(3, 6)), highest(samples.slice(6))]
// For the first minute and a half a heap grows to its size: a shorter run shows nothing.
if (duration >= 300_000 && late > early * 1.15 + 10) problems.push(`memory grew from ${early} to ${late} MB`)
if (last.sockets > idle.sockets + 4) problems.push(`${last.sockets} sockets are open, ${idle.sockets} before`)
if (tally.odd > 0) problems.push(`${tally.odd} answers ended as if they were whole, or broke without a word`)
await serving.stop()
console.log(
  problems.length === 0
    ? `sockets let go, ledger as told, memory ${early} MB, then ${late} MB`
    : problems.slice(0, 20).join('\n'),
)
process.exitCode = problems.length === 0 ? 0 : 1
