/** What the interactions of a tape cost, took and gave. */
import { type Cassette, type Interaction, openCassette, type Recorder } from '@playhead/tape'
import { type Cost, type Dialect, providerOf, understand, type Usage } from '@playhead/wire'

/** What has a tape: a recorder, a cassette, or the path of one. */
export type Taped = string | Pick<Recorder, 'file'> | Cassette

/** One call of a model. */
export interface MeasuredCall {
  /** `#0 POST https://openrouter.ai/api/v1/chat/completions 200`. */
  readonly name: string
  /** Whether an answer came; a failed attempt is none. */
  readonly isAnswer: boolean
  readonly usage: Usage | null
  /** Null where nothing says so. */
  readonly cost: Cost | null
  /** Milliseconds from sending the request to the first event, of a plain answer to its end; null where none came. */
  readonly firstEventAt: number | null
}

export interface Measured {
  readonly file: string
  readonly calls: readonly MeasuredCall[]
}

/** Reads what is on tape now. Throws where there is none, and where it holds no call of a model. */
export async function measure(taped: Taped): Promise<Measured> {
  if (typeof taped !== 'string' && Symbol.iterator in taped) return measureCassette(taped)
  const file = typeof taped === 'string' ? taped : taped.file
  using cassette = await openCassette(file)
  if (cassette === undefined)
    throw new Error(`${file}: there is no such tape; one of go-vcr is there after recorder.stop()`)
  return measureCassette(cassette)
}

function measureCassette(cassette: Cassette): Measured {
  const calls: MeasuredCall[] = []
  for (let index = 0; index < cassette.length; index += 1) calls.push(...measureCall(cassette, index))
  if (calls.length === 0) throw new Error(`${cassette.file}: no call of a model is on this tape`)
  return { file: cassette.file, calls }
}

/** Nothing for what is no call of a model. */
function measureCall(cassette: Cassette, index: number): readonly MeasuredCall[] {
  const interaction = cassette.at(index)
  const { dialect, isStream, outcome } = understand(interaction)
  if (dialect === null) return []
  const { id, request, response } = interaction
  return [
    {
      name: `#${id} ${request.method} ${request.url} ${response?.status ?? 'without an answer'}`,
      isAnswer: outcome?.type === 'answer',
      usage: outcome?.usage ?? null,
      cost: outcome?.cost ?? null,
      firstEventAt: isStream ? firstEventAt(cassette, index, interaction, dialect) : endOf(interaction),
    },
  ]
}

function endOf({ response, ending }: Interaction): number | null {
  return response === null || ending.type !== 'end' ? null : ending.at
}

/** The first piece of a stream may hold comments only. */
function firstEventAt(
  cassette: Cassette,
  index: number,
  { request }: Interaction,
  dialect: Dialect,
): number | null {
  const decoder = dialect.client.decodeStream(providerOf(request.url))
  for (const { bytes, at } of cassette.piecesAt(index)) {
    for (const _ of decoder.push(bytes)) return at
  }
  return null
}
