/** What tests read from cassettes and put on them. */
import assert from 'node:assert/strict'
import { writeGoVcrFile } from '../src/cassette-file.ts'
import { yamlV4Style } from '../src/go-vcr/format.ts'
import { MemoryCassette } from '../src/memory-cassette.ts'
import { writeNativeTape } from '../src/native/copy.ts'
import {
  type Cassette,
  type Interaction,
  type Matcher,
  openCassette,
  type RecordedRequest,
  type RecordedResponse,
} from '../src/index.ts'

/** An interaction with a response. */
export interface Answered extends Interaction {
  readonly response: RecordedResponse
}

/** Everything on a cassette; nothing when there is no such file. Each must have a response. */
export async function answeredIn(file: string): Promise<readonly Answered[]> {
  return (await interactionsIn(file)).map((interaction) => answered(interaction))
}

/** Everything on a cassette; nothing when there is no such file. */
export async function interactionsIn(file: string): Promise<readonly Interaction[]> {
  using cassette = await openCassette(file)
  return Array.from(cassette ?? [], inMemory)
}

/** What a native tape gives is read when it is looked at. */
function inMemory({ id, request, response, ending, startedAt }: Interaction): Interaction {
  return { id, request, response: response && { ...response }, ending, startedAt }
}

/** The digest of each interaction's key, in order. */
export function digestsOf(cassette: Cassette, matcher: Matcher): readonly string[] {
  return Array.from({ length: cassette.length }, (_, place) => cassette.digestAt(place, matcher))
}

export function answered(interaction: Interaction): Answered {
  const { response } = interaction
  if (response === null) assert.fail(`interaction ${interaction.id} has no response`)
  return { ...interaction, response }
}

/** Writes a cassette in the format that its name says. */
export async function writeCassette(file: string, interactions: readonly Interaction[]): Promise<void> {
  if (file.endsWith('.yaml')) return writeGoVcrFile(file, { style: yamlV4Style, interactions })
  await writeNativeTape(file, new MemoryCassette(file, 'go-vcr', interactions))
}

/** An interaction as other formats give it: whole, without pieces. */
export function exchange(
  id: number,
  request: Partial<RecordedRequest>,
  response: Partial<RecordedResponse> = {},
): Answered {
  const { duration = 0 } = response
  return {
    id,
    request: { method: 'POST', url: 'http://localhost/', headers: [], body: '', ...request },
    response: { status: 200, statusText: 'OK', headers: [], body: '', chunks: null, ...response, duration },
    ending: { type: 'end', at: duration },
    startedAt: null,
  }
}
