/** What the tests of the native tape share: exchanges, and ways to put them on a tape. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOrBytes } from '../src/http.ts'
import type { Ending, HeaderList, Interaction, Piece, RecordedRequest } from '../src/interaction.ts'
import type { Journal } from '../src/journal.ts'
import type { Matcher } from '../src/match.ts'
import { openNativeTape } from '../src/native/read.ts'
import { nativeJournal } from '../src/native/write.ts'
import type { Scope } from './servers.ts'

/** A new folder, and a path of a tape in it that is not there yet. */
export function newTape(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-native-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'calls.tape.jsonl')
}

export const matcher: Matcher = {
  name: 'test',
  key: ({ method, url, body }) => `${method} ${url} ${Buffer.from(body).toString('base64')}`,
}

export function openJournal(file: string, mode: 'append' | 'replace' = 'append'): Promise<Journal> {
  return nativeJournal(file, { matcher, mode })
}

/** An exchange with its body in pieces. */
export interface Exchange {
  readonly request: RecordedRequest
  readonly startedAt: number
  readonly head: {
    readonly status: number
    readonly statusText: string
    readonly headers: HeaderList
    readonly duration: number
  } | null
  readonly pieces: readonly Piece[]
  readonly ending: Ending
}

export function ask(text: string): RecordedRequest {
  return { method: 'POST', url: 'http://127.0.0.1/v1', headers: [['Content-Type', 'text/plain']], body: text }
}

/** A question whose answer comes in these pieces. */
export function exchange(text: string, ...pieces: readonly string[]): Exchange {
  return {
    request: ask(text),
    startedAt: Date.UTC(2026, 0, 1),
    head: { status: 200, statusText: 'OK', headers: [['Content-Type', 'text/event-stream']], duration: 1 },
    pieces: pieces.map((piece, place) => ({ bytes: new TextEncoder().encode(piece), at: 2 + place })),
    ending: { type: 'end', at: 9 },
  }
}

/** The facts of an exchange in order, each to be written when it is called. */
export function factsOf(journal: Journal, exchange: Exchange): readonly (() => void)[] {
  const { request, startedAt, head, pieces, ending } = exchange
  let id = -1
  return [
    () => void (id = journal.begin(request, startedAt)),
    ...(head === null ? [] : [() => journal.head(id, head)]),
    ...pieces.map(
      ({ bytes, at }) =>
        () =>
          journal.chunk(id, bytes, at),
    ),
    ...(ending.type === 'unfinished' ? [] : [() => journal.end(id, ending)]),
  ]
}

export function recordAll(journal: Journal, exchanges: readonly Exchange[]): void {
  for (const exchange of exchanges) for (const write of factsOf(journal, exchange)) write()
}

/** What a tape has to say of an exchange. */
export function interactionOf(
  { request, startedAt, head, pieces, ending }: Exchange,
  id: number,
): Interaction {
  const chunks = pieces.map(({ bytes, at }) => ({ length: bytes.length, at }))
  const body = textOrBytes(Uint8Array.from(Buffer.concat(pieces.map(({ bytes }) => bytes))))
  return { id, request, response: head && { ...head, body, chunks }, ending, startedAt }
}

/** Everything on a tape. */
export function readAll(file: string): readonly Interaction[] {
  using tape = openNativeTape(file)
  return Array.from(tape, ({ id, request, response, ending, startedAt }) => ({
    id,
    request,
    response: response && { ...response },
    ending,
    startedAt,
  }))
}

/** Lines as somebody else may write them. */
export const header =
  '{"type":"tape","version":1,"recordedAt":null,"matcher":"test","normalise":[],"parent":null}'
export const requestLine = (id: number, body: string) =>
  `{"type":"request","id":${id},"key":null,"at":null,"method":"POST","url":"http://x/","headers":[],"body":${body}}`
export const responseLine = (id: number) => `{"type":"response","id":${id},"at":1,"status":200}`
export const chunkLine = (id: number, text: string) => `{"type":"chunk","id":${id},"at":2,"text":"${text}"}`
export const endLine = (id: number) => `{"type":"end","id":${id},"at":3}`
export const wholeLines = (id: number, text: string) => [
  requestLine(id, `"${text}?"`),
  responseLine(id),
  chunkLine(id, text),
  endLine(id),
]

/** A tape of these lines. */
export function tapeOf(t: Scope, ...lines: readonly (string | Uint8Array)[]): string {
  const file = newTape(t)
  writeFileSync(file, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])))
  return file
}

/** Several queues as one, the turns taken as these numbers say. */
export function interleaved<Item>(
  queues: readonly (readonly Item[])[],
  turns: readonly number[],
): readonly Item[] {
  const left = queues.map((queue) => [...queue]).filter((queue) => queue.length > 0)
  const order: Item[] = []
  for (let turn = 0; left.length > 0; turn++) {
    const place = (turns[turn % Math.max(turns.length, 1)] ?? 0) % left.length
    const item = left[place]?.shift()
    if (item !== undefined) order.push(item)
    if (left[place]?.length === 0) left.splice(place, 1)
  }
  return order
}
