/** Answers that real models once gave, to be given again by the upstreams of tests. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openCassette } from '@playhead/tape'
import { type Answer, dialectOf, type Dialect, isStreamType, providerOf } from '@playhead/wire'

/** One recorded answer of a model, in both forms: one as it was recorded, the other derived from it. */
export interface Recorded {
  readonly dialect: Dialect
  /** What a stream is made of, each with the empty line behind it, `[DONE]` too. */
  readonly frames: readonly string[]
  /** The same answer, not streamed. */
  readonly plain: string
  readonly contentType: string
  /** What it says. */
  readonly answer: Answer
  /** The text that it says. */
  readonly text: string
}

const seedFolder = join(import.meta.dirname, '../../../examples/calculator')

/** The files of the two seeds. */
export const seedFiles = {
  baseten: join(seedFolder, 'baseten.yaml'),
  retry: join(seedFolder, 'retry.yaml'),
} as const

/** The answer at a place in a cassette. Fails where there is none, or no whole one. */
export async function recordedAt(file: string, index: number): Promise<Recorded> {
  const cassette = (await openCassette(file)) ?? assert.fail(`no cassette ${file}`)
  const { request, response } = cassette.at(index)
  const asked: unknown = JSON.parse(textOf(request.body))
  const dialect = dialectOf(request.url, asked) ?? assert.fail(`${file}#${index} speaks to no model`)
  assert.ok(response !== null && response.status === 200, `${file}#${index} is no answer`)
  const body = textOf(response.body)
  const contentType = response.headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? ''
  const isStream = isStreamType(contentType) || dialect.asksForStream(request.url, asked)
  const answer = isStream ? streamed(dialect, request.url, body) : dialect.client.decodeResponse(body)
  assert.ok(answer.type === 'answer', `${file}#${index}: ${JSON.stringify(answer)}`)
  const head = { id: answer.id, model: answer.model, created: 1_758_711_091 }
  return {
    dialect,
    frames: isStream ? framesOf(body) : [],
    plain: isStream ? dialect.server.encodeResponse(answer, head) : body,
    contentType: isStream ? contentType : 'text/event-stream',
    answer,
    text: answer.message.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  }
}

/** The four answers of the seeds: `add` and `multiply` called at once, then the text; BaseTen's, and Chutes'. */
export async function readSeeds(): Promise<Readonly<Record<'calls' | 'text', Record<Seed, Recorded>>>> {
  const { baseten, retry } = seedFiles
  const [called, said, calledToo, saidToo] = await Promise.all([
    recordedAt(baseten, 0),
    recordedAt(baseten, 1),
    recordedAt(retry, 0),
    recordedAt(retry, 2),
  ])
  return { calls: { baseten: called, chutes: calledToo }, text: { baseten: said, chutes: saidToo } }
}

export type Seed = 'baseten' | 'chutes'

function streamed(dialect: Dialect, url: string, body: string): ReturnType<typeof outcome> {
  const decoder = dialect.client.decodeStream(providerOf(url))
  return outcome([...decoder.push(Buffer.from(body)), ...decoder.end()].at(-1))
}

type Last = ReturnType<ReturnType<Dialect['client']['decodeStream']>['end']>[number]

function outcome(last: Last | undefined) {
  if (last?.type === 'finish') return last.answer
  return last?.type === 'error' ? last.failure : assert.fail('the stream has no end')
}

function framesOf(body: string): string[] {
  return body
    .split(/\r?\n\r?\n/)
    .filter((frame) => frame.trim() !== '')
    .map((frame) => `${frame}\n\n`)
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body)
}
