/** The recordings that tests run over: the two seeds, and the corpora where they are at hand. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { corporaFiles } from '../../../test/corpora.ts'
import { type Dialect, dialectOf, isStreamType, type ResponseBody } from '../src/index.ts'
import { parseJson } from '../src/json.ts'
import { type Exchange, readExchanges } from './cassettes.ts'

/** One request to a model and its response. */
export interface Recording {
  /** File and place in it: `simple.yaml#0`. */
  readonly name: string
  readonly dialect: Dialect
  readonly requestBody: string
  /** The request's body, parsed. */
  readonly request: unknown
  readonly isStream: boolean
  readonly response: ResponseBody
}

/** What an independent decoder read from one response. */
export interface Expected {
  readonly recording: Recording
  readonly dialect: string
  readonly text: string
  readonly hasReasoning: boolean
  readonly toolCalls: readonly {
    readonly id: string | null
    readonly name: string
    readonly input: unknown
  }[]
  /** Canonical; `a|b` when either is right. */
  readonly finishReason: string
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** The decimal as it stands in the file; null when the provider reported none. */
  readonly cost: string | null
  readonly responseModel: string
  /** The status is 4xx or 5xx; then nothing else is known. */
  readonly error?: true
}

/** An exchange of a corpus, in a dialect or in none. */
export interface NamedExchange extends Exchange {
  readonly name: string
}

/** Files that are not the format that their name says, and why. */
export const unreadable: ReadonlyMap<string, string> = new Map([
  ['test_writer_chat_tool_calls_legacy.yaml', 'a quoted text goes on to the left of where it may'],
])

const root = join(import.meta.dirname, '../../..')
const expectedFiles = corporaFiles('.', 'jsonl')
const expectedFile = expectedFiles.files.find((file) => file.endsWith('/expected.jsonl'))

/** For the option `skip` of a test over the corpora. */
export const skip: string | false = expectedFiles.skip

/** Every exchange of the corpora, also those with no model. */
export const exchanges: readonly NamedExchange[] = ['yaml', 'yml', 'har', 'json'].flatMap((extension) =>
  corporaFiles('.', extension).files.flatMap((file) =>
    [...unreadable.keys()].some((name) => file.endsWith(`/${name}`))
      ? []
      : namedExchanges(file, corporaRoot()),
  ),
)

/** All interactions of the two seeds, in order. */
export const allSeeds: readonly Recording[] = ['baseten', 'retry'].flatMap((name) =>
  namedExchanges(join(root, `examples/calculator/${name}.yaml`), join(root, 'examples/calculator')).flatMap(
    recordingOf,
  ),
)

/** Every exchange with a model, in whatever dialect: the seeds, then the corpora. */
export const recordings: readonly Recording[] = [...allSeeds, ...exchanges.flatMap(recordingOf)]

/** What is expected of the corpora; empty without them. */
export const allExpected: readonly Expected[] = readExpected()

/** Whether the answer is read as a stream: it was asked for as one, or says that it is one. */
export function isStreamed({ response, isStream }: Recording): boolean {
  return response.status < 400 && (isStream || isStreamType(response.headers.get('content-type') ?? ''))
}

/** Those of chat completions. */
export const seeds = allSeeds
export const expected = allExpected.filter(({ dialect }) => dialect === 'openai-chat')
export const corpora: readonly Recording[] = expected.map(({ recording }) => recording)
export const seedStreams = seeds.filter(isEventStream)
export const corpusStreams = corpora.filter(isEventStream)

function corporaRoot(): string {
  return join(expectedFile ?? '', '..')
}

function namedExchanges(file: string, folder: string): NamedExchange[] {
  return readExchanges(file).map((exchange) => ({
    ...exchange,
    name: `${relative(folder, file)}#${exchange.id}`,
  }))
}

function recordingOf(exchange: NamedExchange): Recording[] {
  const { name, url, requestBody, status, headers, body } = exchange
  const request = parseJson(requestBody)
  const dialect = exchange.method === 'POST' ? dialectOf(url, request) : null
  if (dialect === null) return []
  const isStream = dialect.asksForStream(url, request)
  return [{ name, dialect, requestBody, request, isStream, response: { url, status, headers, body } }]
}

/** A line whose dialect is not there is left out: `laws/agreement.test.ts` counts. */
function readExpected(): Expected[] {
  if (expectedFile === undefined) return []
  const byName = new Map(recordings.map((recording) => [recording.name, recording]))
  return readFileSync(expectedFile, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const parsed = JSON.parse(line) as Expected & { readonly file: string; readonly id: number }
      const recording = byName.get(`${parsed.file}#${parsed.id}`)
      const cost = /"cost": ([-+.\deE]+)/.exec(line)?.[1] ?? null
      return recording === undefined ? [] : [{ ...parsed, recording, cost }]
    })
}

function isEventStream({ response }: Recording): boolean {
  return response.status < 400 && response.headers.get('content-type')?.includes('event-stream') === true
}
