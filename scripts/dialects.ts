/** Writes docs/dialects.md: what each dialect carries, found out by asking its code. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  type Answer,
  custom,
  type Dialect,
  type DialectName,
  dialects,
  type ModelRequest,
  type Provider,
  openai,
  openrouter,
  providers,
  type StreamEvent,
  WireError,
} from '../packages/wire/src/index.ts'
import { isObject, objectOr } from '../packages/wire/src/json.ts'
import { eventsOfAnswer } from '../packages/wire/test/laws/fold.ts'
import { normalisations } from '../packages/wire/test/laws/normalisations.ts'
import { refusals } from '../packages/wire/test/laws/refusals.ts'
import { answerSections } from './dialect-answers.ts'
import { isMarked, own } from './dialect-own.ts'
import type { AnswerProbe, RequestProbe, Section } from './dialect-probes.ts'
import { requestSections } from './dialect-requests.ts'

/** What becomes of something in a dialect. `none`: the dialect has nothing of the kind. */
export type Fate = 'carried' | 'approximated' | 'left out' | 'refused' | 'none'

interface Probed {
  readonly fate: Fate
  /** What it became, where it is not what it was. */
  readonly note?: string
}

interface Row {
  readonly name: string
  /** By dialect. */
  readonly probed: ReadonlyMap<string, Probed>
}

interface Table {
  readonly title: string
  readonly rows: readonly Row[]
}

/** Everything that was found out about requests. */
export function requestTables(): readonly Table[] {
  return [
    ...requestSections.map((section) => tableOf(section, probeRequest)),
    {
      title: "A dialect's own",
      rows: Object.entries(own).map(([name, bodies]) => ({
        name,
        probed: new Map(dialects.map((dialect) => [dialect.name, probeOwn(dialect, bodies[dialect.name])])),
      })),
    },
  ]
}

/** Everything that was found out about answers. */
export function answerTables(): readonly Table[] {
  return answerSections.map((section) => tableOf(section, probeAnswer))
}

/** A provider that speaks the dialect: of its extensions, as many as there are. */
export function providerFor({ name }: Dialect): Provider {
  const all = [...providers.values()]
  const speaks = (provider: Provider): boolean => provider.dialects.includes(name as DialectName)
  const provider =
    [openrouter, openai].find(({ dialects }) => dialects[0] === name) ??
    all.find(({ dialects }) => dialects[0] === name) ??
    all.find(speaks) ??
    custom
  // What a provider adds to every body is no part of what was asked.
  return { ...provider, quirks: { ...provider.quirks, body: {} } }
}

/** A request through one dialect and back. */
export function through(dialect: Dialect, request: ModelRequest): ModelRequest {
  const provider = providerFor(dialect)
  const body: unknown = JSON.parse(dialect.client.encodeRequest(request, provider))
  return dialect.server.decodeRequest(body, `${provider.baseUrl}${dialect.client.path(request, provider)}`)
}

/** An answer through one dialect and back, plain. Undefined where it came back as a failure. */
export function throughPlain({ client, server }: Dialect, answer: Answer): Answer | undefined {
  const again = client.decodeResponse(server.encodeResponse(answer, headOf(answer)))
  return again.type === 'answer' ? again : undefined
}

/** An answer through one dialect and back, streamed. Undefined where it came back as a failure. */
export function throughStream(dialect: Dialect, answer: Answer): Answer | undefined {
  const encoder = dialect.server.encodeStream(headOf(answer))
  const decoder = dialect.client.decodeStream(providerFor(dialect))
  const events: StreamEvent[] = []
  for (const event of eventsOfAnswer(answer)) events.push(...decoder.push(encoder.push(event)))
  events.push(...decoder.end())
  const last = events.at(-1)
  return last?.type === 'finish' ? last.answer : undefined
}

function headOf({ id, model }: Answer): { id: string; model: string; created: number } {
  return { id, model, created: 1_700_000_000 }
}

function tableOf<Probe extends { readonly name: string }>(
  { title, probes }: Section<Probe>,
  probe: (dialect: Dialect, probe: Probe) => Probed,
): Table {
  const rows = probes.map((one) => ({
    name: one.name,
    probed: new Map(dialects.map((dialect) => [dialect.name, probe(dialect, one)])),
  }))
  return { title, rows }
}

function probeRequest(dialect: Dialect, probe: RequestProbe): Probed {
  // What a dialect says may depend on the model, as it does with reasoning.
  const model = models[dialect.name] ?? 'model'
  const request = { ...probe.request, model }
  const without = { ...probe.without, model }
  const provider = providerFor(dialect)
  try {
    const again = through(dialect, request)
    if (isDeepStrictEqual(ownless(dialect, probe.look(again)), probe.look(request)))
      return { fate: 'carried' }
    const isSaid = dialect.client.encodeRequest(request, provider) !== encodeOr(dialect, without, provider)
    if (!isSaid) return { fate: 'left out' }
    const show = (one: ModelRequest): unknown => ownless(dialect, probe.show?.(one) ?? probe.look(one))
    return isDeepStrictEqual(show(again), show(through(dialect, without)))
      ? { fate: 'left out' }
      : { fate: 'approximated', note: shown(show(again)) }
  } catch (error) {
    if (error instanceof WireError) return { fate: 'refused' }
    throw error
  }
}

/** A model for each dialect that can do what the dialect can say. */
const models: Readonly<Record<string, string>> = {
  'openai-chat': 'openai/gpt-5-mini',
  'openai-responses': 'gpt-5-mini',
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  cohere: 'command-a-reasoning-08-2025',
  ollama: 'qwen3',
} satisfies Record<DialectName, string>

function encodeOr({ client }: Dialect, request: ModelRequest, provider: Provider): string {
  try {
    return client.encodeRequest(request, provider)
  } catch (error) {
    if (error instanceof WireError) return ''
    throw error
  }
}

function probeOwn(dialect: Dialect, body: unknown): Probed {
  if (body === undefined) return { fate: 'none' }
  try {
    const provider = providerFor(dialect)
    const asked = { model: models[dialect.name] ?? 'model', messages: [], stream: false }
    const url = `${provider.baseUrl}${dialect.client.path(asked, provider)}`
    const request = dialect.server.decodeRequest(body, url)
    const again = through(dialect, request)
    if (!isMarked(again)) return { fate: 'left out' }
    return isDeepStrictEqual(again, request)
      ? { fate: 'carried' }
      : { fate: 'approximated', note: shown(again) }
  } catch (error) {
    if (error instanceof WireError) return { fate: 'refused' }
    throw error
  }
}

/** Plain and streamed; where they differ, the lesser of the two, and a note. */
function probeAnswer(dialect: Dialect, probe: AnswerProbe): Probed {
  const plain = judge(throughPlain, dialect, probe)
  const streamed = judge(throughStream, dialect, probe)
  if (plain.fate === streamed.fate) return plain
  const order: readonly Fate[] = ['left out', 'approximated', 'carried']
  const isPlainLess = order.indexOf(plain.fate) < order.indexOf(streamed.fate)
  const [lesser, better] = isPlainLess ? [plain, streamed] : [streamed, plain]
  const note = `${better.fate} ${isPlainLess ? 'streamed' : 'plain'}`
  return { fate: lesser.fate, note: lesser.note === undefined ? note : `${note}, else ${lesser.note}` }
}

function judge(
  pass: (dialect: Dialect, answer: Answer) => Answer | undefined,
  dialect: Dialect,
  probe: AnswerProbe,
): Probed {
  const again = pass(dialect, probe.answer)
  if (again === undefined) return { fate: 'approximated', note: 'a failure' }
  const seen = ownless(dialect, probe.look(again))
  if (isDeepStrictEqual(seen, probe.look(probe.answer))) return { fate: 'carried' }
  const other = pass(dialect, probe.without)
  return other !== undefined && isDeepStrictEqual(seen, ownless(dialect, probe.look(other)))
    ? { fate: 'left out' }
    : { fate: 'approximated', note: shown(seen) }
}

/** Without what a dialect notes down to write the same again: it is not what was looked at. */
function ownless(dialect: Dialect, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => ownless(dialect, one))
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key !== 'data' || !isObject(inner)) return [[key, ownless(dialect, inner)]]
    const { [dialect.name]: _own, ...rest } = inner
    return Object.keys(rest).length > 0 ? [[key, rest]] : []
  })
  return Object.fromEntries(entries)
}

/** What it became, short. */
function shown(value: unknown): string {
  const [only, ...rest] = Array.isArray(value) ? (value as unknown[]) : [value]
  const words = sketch(rest.length === 0 ? only : value)
  return `\`${words.length > 120 ? `${words.slice(0, 120)}…` : words}\``
}

/** Messages and parts in few words; anything else as JSON. */
function sketch(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sketch).join(', ')}]`
  const { role, content, type, text, output, source, mediaType, ...rest } = objectOr(value)
  if (typeof role === 'string') return `${role}: ${sketch(content)}`
  if (type === 'text') return JSON.stringify(text)
  if (type === 'reasoning') return `reasoning ${JSON.stringify(text)}`
  if (type === 'tool-result') return `result ${sketch(output)}`
  if (type === 'tool-call') return `call ${String(rest['inputText'])}`
  if (type === 'media')
    return `${mediaType === '' ? 'a file' : String(mediaType)} as ${String(objectOr(source)['type'])}`
  return JSON.stringify(value) ?? 'nothing'
}

/** The document as it must be. */
export function currentDocument(): string {
  return [
    opening,
    '## What a request says\n',
    ...requestTables().map(written),
    '## What an answer says\n',
    answering,
    ...answerTables().map(written),
    '## What reads the same and is written otherwise\n',
    ...listNormalisations(),
  ].join('\n')
}

const opening = `# What each dialect carries

<!-- \`npm run dialects\` writes this file, by asking the code. -->

Each row was put through each dialect: a request or an answer that says just this was encoded, decoded again, and compared.

- **carried**: it came back as it was.
- **approximated**: the dialect says something near it; what, stands below the table.
- **left out**: a hint that the dialect lacks. The question is the same without it.
- **refused**: the question would be another without it. Encoding throws a \`WireError\` that names the place.

From one dialect to another, a thing is carried where both columns say so: what the first cannot say never comes in, what the second cannot say never goes out. What a dialect gives only to be sent back (signatures, encrypted reasoning, fields without a canonical form) goes back to the same dialect and to no other.
`

const answering =
  'Plain and streamed answers were both tried. What an answer cannot say is left out, never an error: it is paid for.\n'

function written({ title, rows }: Table): string {
  const names = dialects.map(({ name }) => name)
  const cells = [
    ['', ...names],
    ...rows.map(({ name, probed }) => [name, ...names.map((dialect) => wordOf(probed.get(dialect)))]),
  ]
  const notes = rows.flatMap(({ name, probed }) =>
    [...probed].flatMap(([dialect, { note }]) =>
      note === undefined ? [] : [`- ${name}, ${dialect}: ${note}`],
    ),
  )
  return [
    `### ${title}\n`,
    `${markdown(cells)}\n`,
    ...(notes.length > 0 ? [`${notes.join('\n')}\n`] : []),
  ].join('\n')
}

function wordOf(probed: Probed | undefined): string {
  return probed === undefined || probed.fate === 'none' ? '' : probed.fate
}

/** A table whose columns are as wide as their widest cell, as the formatter wants it. */
function markdown(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(3, ...lines.map((line) => (line[column] ?? '').length)),
  )
  const row = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = lines
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...body.map(row)].join('\n')
}

/** What the law "encode(decode(request)) is the request" allows, and what is refused of what was recorded. */
function listNormalisations(): string[] {
  return dialects.map(({ name }) => {
    const lines = [
      ...(normalisations[name] ?? []).map((one) => `- ${one.name}: ${one.why}.`),
      ...refusals
        .filter(({ dialect }) => dialect === name)
        .map(({ what, why }) => `- Refused: ${what}: ${why}.`),
    ]
    return `### ${name}\n\n${lines.length > 0 ? lines.join('\n') : 'Nothing.'}\n`
  })
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/dialects.md'), currentDocument())
