/** Reads recorded chat completions: the seeds, and the corpora where they are at hand. */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { load } from 'js-yaml'
import { corporaFiles } from '../../../test/corpora.ts'
import { asksForStream, dialectOf, openaiChat, type ResponseBody } from '../src/index.ts'

/** One request for a chat completion and its response. */
export interface Recording {
  /** File and place in it: `simple.yaml#0`. */
  readonly name: string
  readonly requestBody: string
  readonly isStream: boolean
  readonly response: ResponseBody
}

/** What an independent decoder read from one response. */
export interface Expected {
  readonly recording: Recording
  readonly text: string
  readonly hasReasoning: boolean
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
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

interface Cassette {
  readonly interactions: readonly {
    readonly id: number
    readonly request: { readonly url: string; readonly body: string }
    readonly response: {
      readonly code?: number
      readonly status: string
      readonly headers: Readonly<Record<string, readonly string[]>>
      readonly body: string
    }
  }[]
}

const root = new URL('../../../', import.meta.url)
const corpus = corporaFiles('.', 'jsonl')
const expectedFile = corpus.files.find((file) => file.endsWith('/expected.jsonl'))

/** For the option `skip` of a test over the corpora. */
export const skip: string | false = corpus.skip

/** All interactions of the two seeds, in order. */
export const seeds: readonly Recording[] = ['baseten', 'retry'].flatMap((name) =>
  readCassette(`${name}.yaml`, new URL(`examples/calculator/${name}.yaml`, root)),
)

/** What is expected of every chat completion of the corpora; empty without them. */
export const expected: readonly Expected[] =
  expectedFile === undefined ? [] : readExpected(pathToFileURL(expectedFile))

export const corpora: readonly Recording[] = expected.map(({ recording }) => recording)

/** Every recorded stream that a server really sent as one. */
export const seedStreams = seeds.filter(isEventStream)
export const corpusStreams = corpora.filter(isEventStream)

function readExpected(expectedFile: URL): Expected[] {
  const cassettes = new Map<string, readonly Recording[]>()
  const lines = readFileSync(expectedFile, 'utf8').split('\n')
  return lines.flatMap((line) => {
    if (!line.includes('"openai-chat"')) return []
    const parsed = JSON.parse(line) as Expected & { readonly file: string; readonly id: number }
    const { file, id } = parsed
    const recordings = cassettes.get(file) ?? readCassette(file, new URL(file, expectedFile))
    cassettes.set(file, recordings)
    const recording = recordings.find(({ name }) => name === `${file}#${id}`)
    if (recording === undefined) throw new Error(`${file} has no chat completion ${id}`)
    const cost = /"cost": ([-+.\deE]+)/.exec(line)?.[1] ?? null
    return [{ ...parsed, recording, cost }]
  })
}

function readCassette(file: string, url: URL): readonly Recording[] {
  const { interactions } = load(readFileSync(url, 'utf8')) as Cassette
  return interactions.flatMap(({ id, request, response }) => {
    const body: unknown = JSON.parse(request.body)
    if (dialectOf(request.url, body)?.client !== openaiChat) return []
    return {
      name: `${file}#${id}`,
      requestBody: request.body,
      isStream: asksForStream(body),
      response: {
        url: request.url,
        status: response.code ?? Number.parseInt(response.status, 10),
        headers: new Headers(
          Object.entries(response.headers).flatMap(([key, all]) =>
            all.map((one) => [key, one] as [string, string]),
          ),
        ),
        body: new TextEncoder().encode(response.body),
      },
    }
  })
}

function isEventStream({ response }: Recording): boolean {
  return response.status < 400 && response.headers.get('content-type')?.includes('event-stream') === true
}
