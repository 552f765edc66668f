/** Decoding one streamed answer: CPU per event, the first and cold stream, and peak memory. */
import assert from 'node:assert/strict'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMost, atMostRatio, type Cell, type Row } from './table.ts'
import type { MakeTarget } from './targets/target.ts'
import {
  closing,
  closingAnswer,
  type Expected,
  mixedAnswer,
  rechunk,
  repeated,
  Server,
  textAnswer,
} from './traffic.ts'

const scenarios = {
  'text-2k': { kind: 'text', events: 2000, chunk: 'event' },
  'text-50k': { kind: 'text', events: 50_000, chunk: 'event' },
  'text-50k-16KiB': { kind: 'text', events: 50_000, chunk: '16KiB' },
  'mixed-2k': { kind: 'mixed', events: 2000, chunk: 'event' },
  'mixed-50k': { kind: 'mixed', events: 50_000, chunk: 'event' },
} as const

type Scenario = keyof typeof scenarios

/** What one process says. Times are CPU time. */
interface Measured {
  readonly coldMs: number
  readonly eventUs: number
}

/** Beyond the answer's own text, this much more for ten times the events is flat. */
const flatMb = 8

/** Everything that is measured on streams. */
export function measureStreams(targets: readonly string[], rounds: number): Row[] {
  const results = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round++) {
    for (const scenario of Object.keys(scenarios)) {
      for (const target of targets) {
        const measured = runNode([import.meta.filename, target, scenario]) as Measured
        const key = `${target} ${scenario}`
        results.set(key, [...(results.get(key) ?? []), measured])
      }
    }
  }
  const of = (target: string, scenario: Scenario) => results.get(`${target} ${scenario}`) ?? []

  const perEvent = (scenario: Scenario): ReadonlyMap<string, Cell> =>
    cellsOf(targets, (target) => ({
      value: median(of(target, scenario).map(({ eventUs }) => eventUs)),
      ratio: ratioOf(of(target, scenario), of('floor', scenario)),
    }))
  const growth = (long: Scenario, short: Scenario): ReadonlyMap<string, Cell> =>
    cellsOf(targets, (target) => ({ value: ratioOf(of(target, long), of(target, short)) }))
  const cold = cellsOf(targets, (target) => ({
    value: median(of(target, 'text-2k').map(({ coldMs }) => coldMs)),
  }))

  const goal = atMostRatio(1.3)
  return [
    { name: 'Stream, text, 2,000 events', unit: 'µs/event', goal, cells: perEvent('text-2k') },
    { name: 'Stream, text, 50,000 events', unit: 'µs/event', goal, cells: perEvent('text-50k') },
    { name: 'Stream, text, 50,000, 16 KiB chunks', unit: 'µs/event', cells: perEvent('text-50k-16KiB') },
    { name: 'Stream, mixed, 2,000 events', unit: 'µs/event', goal, cells: perEvent('mixed-2k') },
    { name: 'Stream, mixed, 50,000 events', unit: 'µs/event', goal, cells: perEvent('mixed-50k') },
    {
      name: 'Text: cost at 50,000 over 2,000',
      unit: '×',
      goal: atMost(1.1),
      cells: growth('text-50k', 'text-2k'),
    },
    {
      name: 'Mixed: cost at 50,000 over 2,000',
      unit: '×',
      goal: atMost(1.1),
      cells: growth('mixed-50k', 'mixed-2k'),
    },
    { name: 'First stream of a process, 2,000', unit: 'ms', cells: cold },
    ...measureMemory(targets.filter((target) => !target.startsWith('ai-'))),
  ]
}

/** Once, without rounds: peak memory hardly varies. */
function measureMemory(targets: readonly string[]): Row[] {
  const peak = (events: number) =>
    cellsOf(targets, (target) => ({
      value: runNode([import.meta.filename, target, 'memory', String(events)]) as number,
    }))
  const short = peak(50_000)
  const long = peak(500_000)
  const textMb = textAnswer(450_000).texts.join('').length / 1e6
  const growth = cellsOf(targets, (target) => ({
    value: (long.get(target)?.value ?? Number.NaN) - (short.get(target)?.value ?? Number.NaN),
  }))
  return [
    { name: 'Peak memory, 50,000 events', unit: 'MB', goal: atMost(125), cells: short },
    {
      name: 'Peak memory, 500,000: so much more',
      unit: 'MB',
      goal: atMost(Math.ceil(textMb + flatMb)),
      cells: growth,
    },
  ]
}

function cellsOf(targets: readonly string[], cell: (target: string) => Cell): ReadonlyMap<string, Cell> {
  return new Map(targets.map((target) => [target, cell(target)]))
}

/** The median of the rounds' ratios. */
function ratioOf(measured: readonly Measured[], base: readonly Measured[]): number {
  return median(measured.map(({ eventUs }, round) => eventUs / (base[round]?.eventUs ?? Number.NaN)))
}

/** One process: a cold stream, a warm-up on short ones, then at least a quarter of a CPU second. */
async function measure(makeTarget: MakeTarget, scenario: Scenario): Promise<Measured> {
  const { kind, events, chunk } = scenarios[scenario]
  const make = kind === 'text' ? textAnswer : mixedAnswer
  const short = streamer(makeTarget, make(2000))
  const expected = make(events)
  const whole = chunk === 'event' ? expected : { ...expected, answer: rechunk(expected.answer, 16 * 1024) }
  const long = streamer(makeTarget, whole)

  const cold = cpuTime()
  await short()
  const coldMs = (cpuTime() - cold) / 1000

  await repeat(chunk === 'event' ? short : long, 300_000)
  const { cpu, times } = await repeat(long, 250_000)
  return { coldMs, eventUs: cpu / times / events }
}

/** Streams the answer through a new target and checks what it understood; the check is not timed. */
function streamer(makeTarget: MakeTarget, expected: Expected): () => Promise<number> {
  const server = new Server([expected.answer, closingAnswer()])
  const target = makeTarget(server.fetch)
  const wanted = expected.texts.join('')
  return async () => {
    server.restart()
    let text = ''
    const start = cpuTime()
    const inputs = await target.stream((delta) => {
      text += delta
    })
    const cpu = cpuTime() - start
    const isWhole = text === wanted || (text === wanted + closing && server.bodies.length === 2)
    assert(isWhole, `The text is not what was sent: ${text.length} characters for ${wanted.length}`)
    assert.deepEqual(inputs, expected.inputs, 'The inputs of the tool calls are not what was sent')
    return cpu
  }
}

async function repeat(once: () => Promise<number>, leastUs: number): Promise<{ cpu: number; times: number }> {
  let cpu = 0
  let times = 0
  while (cpu < leastUs) {
    cpu += await once()
    times++
  }
  return { cpu, times }
}

/** Streams one long answer whose text nobody keeps, and gives the peak of the process's memory in MB. */
async function measurePeak(makeTarget: MakeTarget, events: number): Promise<number> {
  const { answer, texts } = textAnswer(1000)
  const times = events / 1000
  const target = makeTarget(new Server([repeated(answer, times)]).fetch)
  let seen = 0
  await target.stream((text) => {
    seen += text.length
  })
  assert.equal(seen, texts.join('').length * times, 'Some of the text is missing')
  return process.resourceUsage().maxRSS / 1000
}

if (import.meta.main) {
  const [name = '', scenario = '', events = ''] = process.argv.slice(2)
  const { target } = (await import(`./targets/${name}.ts`)) as { readonly target: MakeTarget }
  const result =
    scenario === 'memory'
      ? await measurePeak(target, Number(events))
      : await measure(target, scenario as Scenario)
  console.log(JSON.stringify(result))
}
