/** What a recorder starts from: the cassette that answers, how requests are told, and where new ones are recorded. */
import { existsSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { writeGoVcrFile } from './cassette-file.ts'
import type { Cassette } from './cassette.ts'
import { TapeError } from './error.ts'
import { isOlder, readAge } from './expiry.ts'
import { yamlV4Style } from './go-vcr/format.ts'
import { GoVcrJournal } from './go-vcr/journal.ts'
import { hold } from './hold.ts'
import type { Journal } from './journal.ts'
import { type Comparison, createMatcher, type Matcher } from './match.ts'
import { actions, type Mode } from './mode.ts'
import { writeNativeTape } from './native/copy.ts'
import { nativeJournal } from './native/write.ts'
import { normalisersFor } from './normalise.ts'
import { openCassette } from './open.ts'
import type { RecordOptions } from './options.ts'
import { Playback } from './playback.ts'
import { type Modes, modesOf } from './rules.ts'
import type { Fault } from './faults/fault.ts'
import { faultsFileOf, readFaults } from './faults/read-faults.ts'

export interface Prepared {
  /** Undefined when there is no cassette, or it is too old. */
  readonly playback: Playback | undefined
  readonly modes: Modes
  readonly how: Comparison
  readonly matcher: Matcher
  /** What goes wrong in the replay. */
  readonly faults: readonly Fault[]
  /** Null where nothing is recorded. No other process can record on the same cassette until the journal is closed. */
  readonly openJournal: (() => Promise<Journal>) | null
}

export async function prepare(file: string, options: RecordOptions): Promise<Prepared> {
  const { mode = 'once', rules = [], meaning, normalise = [], cut } = options
  const asked = modesOf(mode, rules)
  if (asked.all.every((one) => one === 'live')) return passingThrough(asked, meaning && { meaning })
  const opened = await openCassette(file)
  const isExpired = opened !== undefined && isTooOld(opened, options, asked)
  const isNew = opened === undefined || isExpired || mode === 'all'
  const parent = cut !== undefined && isNew && canRecord(mode) ? await openParent(cut) : undefined
  const how = {
    ...(meaning && { meaning }),
    normalise: normalisersFor(normalise, (parent ?? opened)?.about.normalise, file),
  }
  const matcher = createMatcher(how)
  if (cut !== undefined && parent !== undefined) await writeChild(file, parent, cut.at, how)
  const cassette = parent === undefined ? opened : await openCassette(file)
  const modes = parent === undefined ? asked : modesOf('new', rules)
  const served = isExpired && parent === undefined ? undefined : cassette
  const found = served === undefined ? 'absent' : 'miss'
  if (served === undefined && modes.all.every((one) => actions[one].absent === 'fail')) throw absent(file)
  const isRecording = modes.all.some((one) => actions[one][found] === 'record')
  const playback = served && new Playback(served, matcher, options.repeat)
  // When somebody records on the tape right now, what is there is not all of it.
  if (modes.all.some(canRecord) && existsSync(`${file}.lock`)) hold(file)?.release()
  if (!isRecording)
    return { playback, modes, how, matcher, faults: await faultsOver(file, options), openJournal: null }
  const target = {
    file,
    how,
    matcher,
    modes,
    cassette: isExpired && parent === undefined ? undefined : cassette,
    isAbsent: cassette === undefined,
  }
  const format = formatOf(file, cassette)
  return { playback, modes, how, matcher, faults: options.faults ?? [], openJournal: opener(format, target) }
}

/** Those that are handed in, else those in the file beside the cassette: nothing that is recorded meets them. */
async function faultsOver(file: string, { faults }: RecordOptions): Promise<readonly Fault[]> {
  return faults ?? (await readFaults(faultsFileOf(file))) ?? []
}

function passingThrough(modes: Modes, how: Comparison = {}): Prepared {
  return {
    playback: undefined,
    modes,
    how,
    matcher: createMatcher(how),
    faults: [],
    openJournal: null,
  }
}

function canRecord(mode: Mode): boolean {
  return actions[mode].absent === 'record'
}

/** A cassette that nothing would record again stays young. */
function isTooOld(cassette: Cassette, { expires, now = Date.now }: RecordOptions, modes: Modes): boolean {
  if (expires === undefined) return false
  const age = readAge(expires)
  return modes.all.some(canRecord) && isOlder(cassette, age, now())
}

export function absent(file: string): TapeError {
  return new TapeError('absent', 'there is no such cassette', { file, recordedBy: 'once' })
}

async function openParent({ of: file, at }: NonNullable<RecordOptions['cut']>): Promise<Cassette> {
  const parent = await openCassette(file)
  if (parent === undefined) throw new TapeError('absent', 'there is no such cassette to cut', { file })
  if (Number.isSafeInteger(at) && at >= 0 && at <= parent.length) return parent
  throw new TapeError('absent', `it cannot be cut at ${at}: it has ${parent.length} interactions`, { file })
}

/** Begins a cassette with the first interactions of another. */
async function writeChild(file: string, parent: Cassette, at: number, how: Comparison): Promise<void> {
  const places = Array.from({ length: at }, (_, place) => place)
  if (formatByName(file) === 'go-vcr') {
    const interactions = places.map((place) => parent.at(place))
    return writeGoVcrFile(file, { style: parent.about.yaml ?? yamlV4Style, interactions })
  }
  const name = relative(dirname(file), parent.file).replaceAll(sep, '/')
  const about = { ...aboutOf(how), parent: { file: name, at } }
  await writeNativeTape(file, parent, { places, matcher: createMatcher(how), about })
}

function aboutOf({ normalise = [] }: Comparison): { recordedAt: number; normalise: readonly string[] } {
  return { recordedAt: Date.now(), normalise: normalise.map(({ name }) => name) }
}

type RecordableFormat = 'tape' | 'go-vcr'

function formatByName(file: string): RecordableFormat {
  if (/\.(har|httprr|gz)$/i.test(file)) {
    const what = 'a recording is a native tape (.tape.jsonl) or go-vcr (.yaml)'
    throw new TapeError('unwritable', `${what}; "playhead tape convert" makes others of it`, { file })
  }
  return /\.ya?ml$/i.test(file) ? 'go-vcr' : 'tape'
}

function formatOf(file: string, cassette: Cassette | undefined): RecordableFormat {
  const format = cassette?.format ?? formatByName(file)
  if (format === 'tape' || format === 'go-vcr') return format
  const what = `nothing can be recorded into a cassette of the format "${format}"`
  throw new TapeError('unwritable', `${what}; "playhead tape convert" makes a tape of it that can`, { file })
}

interface Target {
  readonly file: string
  readonly how: Comparison
  readonly matcher: Matcher
  readonly modes: Modes
  /** What is there; undefined where it is replaced. */
  readonly cassette: Cassette | undefined
  /** Whether there was none: what is there by the time that something is recorded is somebody else's, and stays. */
  readonly isAbsent: boolean
}

function opener(format: RecordableFormat, target: Target): () => Promise<Journal> {
  const { file, how, matcher, cassette, modes, isAbsent } = target
  const kept = cassette === undefined ? [] : keptPlaces(cassette, modes)
  const isWhole = cassette !== undefined && kept.length === cassette.length
  if (format === 'go-vcr') {
    const interactions = kept.map((place) => (cassette as Cassette).at(place))
    const journal = new GoVcrJournal(file, cassette?.about.yaml ?? yamlV4Style, interactions)
    return async () => {
      journal.open()
      return journal
    }
  }
  let isBegun = isWhole || isAbsent
  return async () => {
    const about = aboutOf(how)
    if (!isBegun && cassette !== undefined && kept.length > 0) {
      await writeNativeTape(file, cassette, { places: kept, matcher, about })
      isBegun = true
    }
    const mode = isBegun ? 'append' : 'replace'
    isBegun = true
    return nativeJournal(file, { matcher, about, mode })
  }
}

/** The places of what is not recorded anew. */
function keptPlaces(cassette: Cassette, modes: Modes): readonly number[] {
  const places = Array.from({ length: cassette.length }, (_, place) => place)
  if (!modes.all.includes('all')) return places
  if (modes.all.length === 1) return []
  return places.filter((place) => modes.of(cassette.at(place).request.url) !== 'all')
}
