/** Every dialect beside its own floor: decoding and encoding one stream, the import, and the client half's size. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import {
  type Answer,
  custom,
  type Dialect,
  dialects,
  noUsage,
  type StreamEvent,
  type ToolCall,
} from '@playhead/wire'
import { cpuTime, median, runNode } from './lanes.ts'
import { atMost, atMostRatio, type Cell, type Row } from './table.ts'

const scenarios = {
  'text-2k': { kind: 'text', events: 2000, name: 'text, 2,000 events' },
  'text-50k': { kind: 'text', events: 50_000, name: 'text, 50,000 events' },
  'tools-50k': { kind: 'tools', events: 50_000, name: '5,000 tool calls' },
} as const

type Scenario = keyof typeof scenarios
type Direction = 'decode' | 'encode'
type Lane = 'floor' | 'playhead-wire'

const lanes: readonly Lane[] = ['floor', 'playhead-wire']
const wire = join(import.meta.dirname, '../packages/wire')

/** Everything that is measured on dialects. */
export async function measureDialects(rounds: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name } of dialects) {
    for (const scenario of Object.keys(scenarios) as Scenario[])
      rows.push(measureRow(name, 'decode', scenario, rounds))
    rows.push(measureRow(name, 'encode', 'text-50k', rounds), measureRow(name, 'encode', 'tools-50k', rounds))
  }
  return [...rows, measureImport(5 * rounds), ...(await measureClients())]
}

/** Each round runs the floor and Playhead, one after the other. */
function measureRow(dialect: string, direction: Direction, scenario: Scenario, rounds: number): Row {
  const times: Record<Lane, number[]> = { floor: [], 'playhead-wire': [] }
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) {
      times[lane].push(runNode([import.meta.filename, dialect, direction, scenario, lane]) as number)
    }
  }
  const ratio = median(times['playhead-wire'].map((time, round) => time / (times.floor[round] ?? Number.NaN)))
  return {
    name: `${dialect}: ${direction}, ${scenarios[scenario].name}`,
    unit: 'µs/event',
    // The floor leaves the inputs of tool calls as they are: no goal there.
    ...(scenarios[scenario].kind === 'text' && { goal: atMostRatio(direction === 'decode' ? 1.3 : 1.5) }),
    cells: new Map<string, Cell>([
      ['floor', { value: median(times.floor) }],
      ['playhead-wire', { value: median(times['playhead-wire']), ratio }],
    ]),
  }
}

/** What is built, where it is; else the sources. */
function measureImport(rounds: number): Row {
  const built = join(wire, 'dist/index.js')
  const isBuilt = existsSync(built)
  const entry = pathToFileURL(isBuilt ? built : join(wire, 'src/index.ts')).href
  const report = 'console.log(JSON.stringify(performance.now()))'
  const start = (source: string): number => runNode(['--input-type=module', '-e', source + report]) as number
  const added = Array.from({ length: rounds }, () => {
    const bare = start('')
    return start(`import ${JSON.stringify(entry)};`) - bare
  })
  return {
    name: `Import of wire, wall above bare Node${isBuilt ? '' : ' (sources)'}`,
    unit: 'ms',
    goal: atMost(10),
    cells: new Map([['playhead-wire', { value: median(added) }]]),
  }
}

/** The half that a program needs to ask, minified and compressed: with Brotli, as pages are sent, and with gzip. */
async function measureClients(): Promise<Row[]> {
  const { build } = await import('esbuild')
  const rows = await Promise.all(
    dialects.map(async ({ name }) => {
      const { outputFiles } = await build({
        entryPoints: [join(wire, 'src', name, 'client.ts')],
        bundle: true,
        minify: true,
        format: 'esm',
        write: false,
        logLevel: 'error',
      })
      const code = outputFiles[0]?.contents ?? ''
      return [
        sizeRow(`${name}: client half, Brotli`, brotliCompressSync(code).length, atMost(8)),
        sizeRow(`${name}: client half, gzip`, gzipSync(code, { level: 9 }).length),
      ]
    }),
  )
  return rows.flat()
}

function sizeRow(name: string, bytes: number, goal?: Row['goal']): Row {
  const cells = new Map([['playhead-wire', { value: bytes / 1000 }]])
  return { name, unit: 'kB', ...(goal !== undefined && { goal }), cells }
}

/** One process: a warm-up, then at least a quarter of a CPU second. µs for each event. */
function measure(dialect: Dialect, direction: Direction, scenario: Scenario, lane: Lane): number {
  const { kind, events: count } = scenarios[scenario]
  const answer = answerOf(kind, count)
  const events = eventsOf(answer, kind)
  const chunks = encode(dialect, events)
  assert.deepEqual(decode(dialect, chunks).message.content.map(inputOf), answer.message.content.map(inputOf))
  const once = directions[direction][lane](dialect, events, chunks)
  repeat(once, 300_000)
  const { cpu, times } = repeat(once, 250_000)
  return cpu / times / count
}

type MakeOnce = (
  dialect: Dialect,
  events: readonly StreamEvent[],
  chunks: readonly Uint8Array[],
) => () => void

const directions: Readonly<Record<Direction, Readonly<Record<Lane, MakeOnce>>>> = {
  decode: {
    floor: (_dialect, _events, chunks) => () => void parseAll(chunks),
    'playhead-wire': (dialect, _events, chunks) => () => void decode(dialect, chunks),
  },
  encode: {
    floor: (_dialect, _events, chunks) => {
      const wire = parseAll(chunks)
      const utf8 = new TextEncoder()
      return () => {
        for (const one of wire) utf8.encode(JSON.stringify(one))
      }
    },
    'playhead-wire': (dialect, events) => () => void encode(dialect, events),
  },
}

function repeat(once: () => void, leastUs: number): { readonly cpu: number; readonly times: number } {
  const start = cpuTime()
  let times = 0
  while (cpuTime() - start < leastUs) {
    once()
    times++
  }
  return { cpu: cpuTime() - start, times }
}

function encode(dialect: Dialect, events: readonly StreamEvent[]): Uint8Array[] {
  const encoder = dialect.server.encodeStream({
    id: 'id-1',
    model: 'model',
    created: 1_700_000_000,
    url: '?alt=sse',
  })
  const chunks: Uint8Array[] = []
  for (const event of events) {
    const chunk = encoder.push(event)
    if (chunk.length > 0) chunks.push(chunk)
  }
  return chunks
}

function decode(dialect: Dialect, chunks: readonly Uint8Array[]): Answer {
  const decoder = dialect.client.decodeStream(custom)
  let last: StreamEvent | undefined
  for (const chunk of chunks) for (const event of decoder.push(chunk)) last = event
  for (const event of decoder.end()) last = event
  assert(last?.type === 'finish', 'The stream did not end well')
  return last.answer
}

/** The floor: bytes to JSON by hand, with no check of anything. */
function parseAll(chunks: readonly Uint8Array[]): unknown[] {
  return chunks[0]?.[0] === 0 ? parseFrames(chunks) : parseLines(chunks)
}

/** Server-sent events and NDJSON: every line that holds an object. */
function parseLines(chunks: readonly Uint8Array[]): unknown[] {
  const utf8 = new TextDecoder()
  const parsed: unknown[] = []
  let rest = ''
  for (const chunk of chunks) {
    rest += utf8.decode(chunk, { stream: true })
    let start = 0
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      const brace = rest.indexOf('{', start)
      if (brace !== -1 && brace < end) parsed.push(JSON.parse(rest.slice(brace, end)))
      start = end + 1
    }
    rest = rest.slice(start)
  }
  return parsed
}

/** AWS's frames, one or more whole ones in each chunk. */
function parseFrames(chunks: readonly Uint8Array[]): unknown[] {
  const utf8 = new TextDecoder()
  const parsed: unknown[] = []
  for (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let place = 0; place < chunk.length;) {
      const length = view.getUint32(place)
      const from = place + 12 + view.getUint32(place + 4)
      parsed.push(JSON.parse(utf8.decode(chunk.subarray(from, place + length - 4))))
      place += length
    }
  }
  return parsed
}

/** The events of one tool call: nine deltas of its input, and the whole. */
const eventsOfCall = 10

/** Words, or short tool calls: their ids come with the whole, so nobody can write their input before. */
function answerOf(kind: 'text' | 'tools', events: number): Answer {
  const input = { text: 'abcdefghijklmnopqrs' }
  const call = { type: 'tool-call', name: 'write', input, inputText: JSON.stringify(input) } as const
  const calls: readonly ToolCall[] = Array.from({ length: events / eventsOfCall }, (_, index) => ({
    ...call,
    id: `call_${index}`,
  }))
  return {
    type: 'answer',
    id: 'id-1',
    model: 'model',
    provider: null,
    message: {
      role: 'assistant',
      content: kind === 'text' ? [{ type: 'text', text: pieces(events).join('') }] : calls,
    },
    finishReason: kind === 'text' ? 'stop' : 'tool-calls',
    rawFinishReason: null,
    usage: { ...noUsage, inputTokens: 10, outputTokens: events },
    cost: null,
  }
}

function pieces(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => ['The', ' quick', ' bröwn', ' fox', '.\n'][index % 5] ?? '',
  )
}

function eventsOf(answer: Answer, kind: 'text' | 'tools'): StreamEvent[] {
  const { content } = answer.message
  const calls = content.filter((part) => part.type === 'tool-call')
  const deltas: StreamEvent[] =
    kind === 'text'
      ? pieces(answer.usage?.outputTokens ?? 0).map((text) => ({ type: 'text', text }))
      : calls.flatMap(({ name, inputText }, index) => [
          { type: 'tool-input', index, id: `call_${index}`, name, text: '' } as const,
          ...(inputText.match(/.{1,4}/gs) ?? []).map(
            (text) => ({ type: 'tool-input', index, id: `call_${index}`, name, text }) as const,
          ),
        ])
  return [
    ...deltas,
    ...calls.map((call) => ({ type: 'tool-call', call }) as const),
    { type: 'finish', answer },
  ]
}

function inputOf(part: Answer['message']['content'][number]): unknown {
  return part.type === 'tool-call' ? part.input : part.type === 'text' && part.text
}

if (import.meta.main) {
  const [name, direction, scenario, lane] = process.argv.slice(2)
  const dialect = dialects.find((one) => one.name === name)
  assert(dialect, 'No such dialect')
  console.log(JSON.stringify(measure(dialect, direction as Direction, scenario as Scenario, lane as Lane)))
}
