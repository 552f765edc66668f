/** Writes interactions of any cassette as a native tape: what converting, cutting and merging do. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import type { About, Cassette } from '../cassette.ts'
import { bytesOf } from '../http.ts'
import type { Interaction, RecordedResponse } from '../interaction.ts'
import { keysOf, type Matcher, strictMatcher } from '../match.ts'
import { encodeBody, encodeChunk, encodeEnding, encodeHead, encodeHeader, encodeRequest } from './encode.ts'
import { noKeys, type StoredKeys } from './format.ts'
import { LineFile } from './line-file.ts'
import { takeLock } from './lock.ts'
import { NativeCassette, type OtherText } from './read.ts'
import { SharedBodies } from './shared-bodies.ts'
import { draftOf, modeOf, pathOf, unwritable } from './write.ts'

export interface WriteOptions {
  /** What the tape says of itself, where it is not what the cassette says. */
  readonly about?: Partial<About>
  /** Its keys are stored. Without one, those of a native tape are kept, and all others are the strict matcher's. */
  readonly matcher?: Matcher
  /** What is written in place of an interaction; the same one leaves it byte for byte. */
  readonly rewrite?: (interaction: Interaction) => Interaction
  /** The same for the text of a line that means nothing here. */
  readonly rewriteLine?: (text: string) => string
}

/** One interaction of a cassette. */
export interface Take {
  readonly cassette: Cassette
  readonly place: number
}

/** Copies a cassette into a native tape, or only its interactions at `places`. The file changes when all is there. */
export async function writeNativeTape(
  file: string,
  cassette: Cassette,
  options: WriteOptions & { readonly places?: Iterable<number> } = {},
): Promise<void> {
  const places = options.places ?? Array.from({ length: cassette.length }).keys()
  const takes = Array.from(places, (place) => ({ cassette, place }))
  await writeTakes(file, takes, { ...options, about: { ...cassette.about, ...options.about } })
}

/** Copies interactions of several cassettes into one native tape, in this order. */
export async function writeTakes(
  file: string,
  takes: readonly Take[],
  options: WriteOptions = {},
): Promise<void> {
  try {
    const path = await pathOf(file)
    const lock = takeLock(path, file)
    try {
      replaceBy(path, new TapeCopy(takes, options).lines(options.about))
    } finally {
      lock.release()
    }
  } catch (error) {
    throw unwritable(file, error)
  }
}

/** Writes a file beside it, which then takes its place: a crash leaves the old one whole. */
function replaceBy(path: string, lines: Iterable<string>): void {
  const draft = draftOf(path)
  const handle = openSync(draft, 'wx', modeOf(path))
  try {
    const file = new LineFile(path, handle, 0)
    for (const line of lines) {
      file.add(line)
      if (file.problem !== null) break
    }
    file.flush()
    if (file.problem !== null) throw file.problem
    fsyncSync(handle)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}

/** One tape in the making. */
class TapeCopy {
  readonly #takes: readonly Take[]
  readonly #matcher: Matcher | undefined
  readonly #bodies = new SharedBodies()
  readonly #others = new Map<Cassette, ReadonlyMap<number, readonly OtherText[]>>()
  readonly #rewrite: (interaction: Interaction) => Interaction
  readonly #rewriteLine: (text: string) => string

  constructor(takes: readonly Take[], { matcher, rewrite, rewriteLine }: WriteOptions) {
    this.#takes = takes
    this.#rewrite = rewrite ?? ((same) => same)
    this.#rewriteLine = rewriteLine ?? ((same) => same)
    this.#matcher = matcher ?? (commonMatcher(takes) === undefined ? strictMatcher : undefined)
  }

  *lines(about: Partial<About> = {}): Iterable<string> {
    const known = { recordedAt: null, normalise: [], parent: null, ...about }
    yield encodeHeader(known, this.#matcher?.name ?? commonMatcher(this.#takes) ?? '')
    for (const [id, take] of this.#takes.entries()) {
      if (!this.#others.has(take.cassette)) yield* this.#othersOf(take.cassette, -1, id)
      yield* this.#interaction(take, id)
      yield* this.#othersOf(take.cassette, take.place, id)
    }
  }

  *#interaction({ cassette, place }: Take, id: number): Iterable<string> {
    const found = cassette.at(place)
    const interaction = this.#rewrite(found)
    const isSame = interaction === found
    const { request, response, ending, startedAt } = interaction
    const known = isSame ? keysAt(cassette, place) : noKeys
    const keys = this.#matcher === undefined ? known : keysOf(request, this.#matcher)
    yield encodeRequest(id, keys, startedAt, request, this.#bodies.store(id, request.body))
    if (response !== null) {
      yield encodeHead(id, response, response.extra)
      yield* isSame ? bodyLines(cassette, place, id, response) : wholeBodyLines(id, response)
    }
    yield encodeEnding(id, ending, isSame ? cassette.sizeAt(place) : Buffer.byteLength(response?.body ?? ''))
  }

  *#othersOf(cassette: Cassette, place: number, id: number): Iterable<string> {
    const known = this.#others.get(cassette)
    const others = known ?? (cassette instanceof NativeCassette ? cassette.otherLines() : new Map())
    if (known === undefined) this.#others.set(cassette, others)
    for (const { text, namesRequest } of others.get(place) ?? [])
      yield `${this.#rewriteLine(namesRequest ? withId(text, id) : text)}\n`
  }
}

/** The matcher of all the tapes that the interactions are from. */
function commonMatcher(takes: readonly Take[]): string | undefined {
  const names = new Set(
    takes.map(({ cassette }) => (cassette instanceof NativeCassette ? cassette.matcher : undefined)),
  )
  return names.size === 1 ? [...names][0] : undefined
}

function keysAt(cassette: Cassette, place: number): StoredKeys {
  return cassette instanceof NativeCassette ? cassette.keysAt(place) : noKeys
}

function* bodyLines(
  cassette: Cassette,
  place: number,
  id: number,
  response: RecordedResponse,
): Iterable<string> {
  if (cassette instanceof NativeCassette) {
    for (const { at, data } of cassette.storedPiecesAt(place))
      if (at === null) yield* encodeBody(id, data)
      else yield encodeChunk(id, typeof data === 'string' ? Buffer.from(data) : data, at)
  } else if (response.chunks === null) yield* encodeBody(id, response.body)
  else for (const { bytes, at } of cassette.piecesAt(place)) yield encodeChunk(id, bytes, at)
}

function* wholeBodyLines(id: number, { body, chunks }: RecordedResponse): Iterable<string> {
  if (chunks === null) {
    yield* encodeBody(id, body)
    return
  }
  const bytes = bytesOf(body)
  let start = 0
  for (const { length, at } of chunks) {
    yield encodeChunk(id, bytes.subarray(start, start + length), at)
    start += length
  }
}

/** A line of any type, naming another request. */
function withId(text: string, id: number): string {
  const start = /^\{"type":"[^"\\]*","id":\d+/.exec(text)?.[0]
  if (start !== undefined) return start.replace(/\d+$/, String(id)) + text.slice(start.length)
  return JSON.stringify({ ...(JSON.parse(text) as object), id })
}
