/** A tape as an upstream: whoever asks a recorded question gets the recorded answer. */
import { type Meaning, TapeError } from '@playhead/tape'
import { replayingShelves } from '@playhead/tape/serve'
import { conversation, type Message, type ModelRequest, type ToolDefinition } from '@playhead/wire'
import { fetchTransport } from './fetch-transport.ts'
import { otherForm } from './other-form.ts'
import { type PriceOfModel, type RecordedModel, recordedModels } from './recorded-models.ts'
import type { Transport } from './transport.ts'

export interface TapeTransport extends Transport {
  /** What was asked on the tape, in the order of the first requests. */
  readonly models: readonly RecordedModel[]
}

/**
 * Opens a cassette of any format. A request is answered by what was recorded for the same question: the model, the
 * messages and the tools. Other settings do not count, nor do the host and the query. Where it was only ever asked for a
 * stream, or only ever for none, the other form is made of that. Equal questions get their answers in recorded order, and
 * then from the start again. `priceOf`: what answers cost for which nothing was reported. Throws a TapeError for a file that
 * is no cassette.
 */
export async function tapeTransport(file: string, priceOf?: PriceOfModel): Promise<TapeTransport> {
  const models = await recordedModels(file, priceOf)
  const shelves = replayingShelves(file, {
    meaning: question,
    // Clients of other dialects come back with ids of their own.
    normalise: ['tool-call-ids', bareUrl],
    repeat: true,
  })
  await shelves.open()
  const replay: Replay = (url, init) => {
    const { pathname, search } = new URL(url)
    return shelves.fetch({ path: pathname + search, tape: undefined, init })
  }
  const transport = fetchTransport((input, init = {}) =>
    inEitherForm(replay, input instanceof Request ? input.url : String(input), init),
  )
  return {
    models,
    send: (request, receiver) => transport.send(request, receiver),
    close: () => shelves.close(),
  }
}

/** `?beta=true` and `?api-version=…` ask nothing. Gemini's `alt` says what a stream is written as. */
const bareUrl = {
  name: 'bare-url',
  apply: (value: unknown) => value,
  url: (url: string) => url.replace(/[?#].*$/s, '') + (/[?&]alt=sse\b/.test(url) ? '?alt=sse' : ''),
}

type Replay = (url: string, init: RequestInit) => Promise<Response>

/** Asks for the other form where the tape has none of the one that was asked for. */
async function inEitherForm(replay: Replay, url: string, init: RequestInit): Promise<Response> {
  const found = await unlessMissed(replay(url, init))
  if (found instanceof Response) return found
  const other = otherForm(url, init.body)
  if (other === null) throw found
  const foundOther = await unlessMissed(replay(other.url, { ...init, body: other.body }))
  // The first miss is about the question as it was asked.
  if (!(foundOther instanceof Response)) throw found
  return other.answer(foundOther)
}

/** A miss as a value. */
async function unlessMissed(replayed: Promise<Response>): Promise<Response | TapeError> {
  try {
    return await replayed
  } catch (error) {
    if (error instanceof TapeError && error.code === 'miss') return error
    throw error
  }
}

/** A conversation as far as an answer depends on it, so that clients with settings of their own get the recorded one. */
const question: Meaning = {
  ...conversation,
  name: 'question-1',
  of(request) {
    const asked = conversation.of(request) as ModelRequest | undefined
    if (asked === undefined) return undefined
    const { model, messages, tools = [], stream } = asked
    return { model, messages: messages.map(bareMessage), tools: tools.map(bareTool), stream }
  },
  // Either form is answered, so a miss is never for that.
  explain: (recorded, asked) => conversation.explain(withoutForm(recorded), withoutForm(asked)),
}

function withoutForm(question: unknown): object {
  return { ...(question as object), stream: undefined }
}

/** Without what only one dialect can say, and what only concerns caches. */
function bareMessage({ role, content }: Message): object {
  return { role, content: content.map(({ data: _data, ...part }) => ({ ...part, cache: undefined })) }
}

function bareTool(tool: ToolDefinition): object {
  if (tool.type !== 'function') return tool
  const { type, name, description, inputSchema } = tool
  return { type, name, description, inputSchema }
}
