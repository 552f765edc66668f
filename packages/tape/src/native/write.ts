/** Records on a native tape: each fact is a line, and is in the file when the caller goes on. */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { behindLinks, codeOf, reasonOf } from '../cassette-file.ts'
import type { About } from '../cassette.ts'
import { TapeError } from '../error.ts'
import type { Ending, RecordedHead, RecordedRequest } from '../interaction.ts'
import type { Journal } from '../journal.ts'
import { keysOf, type Matcher } from '../match.ts'
import { readContents } from './contents.ts'
import { LineError } from './decode.ts'
import { encodeChunk, encodeEnding, encodeHead, encodeHeader, encodeNote, encodeRequest } from './encode.ts'
import { noKeys } from './format.ts'
import { LineFile } from './line-file.ts'
import { type Lock, takeLock } from './lock.ts'
import { SharedBodies } from './shared-bodies.ts'

export interface NativeJournalOptions {
  /** Its keys are stored with the requests. */
  readonly matcher: Matcher
  /** What a new tape says of itself; one that goes on keeps what it says. */
  readonly about?: Partial<About>
  /** Whether a tape that is there goes on or makes room for a new one. */
  readonly mode: 'append' | 'replace'
}

/** Opens a tape for recording, a new one where there is none. Throws a TapeError where that cannot be. */
export async function nativeJournal(file: string, options: NativeJournalOptions): Promise<Journal> {
  const { mode, matcher, about } = options
  try {
    const path = await pathOf(file)
    const lock = takeLock(path, file)
    try {
      const tape = (mode === 'append' ? goOn(path) : undefined) ?? create(path, matcher, about)
      return new NativeJournal(new LineFile(file, tape.handle, tape.size), lock, tape, matcher)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    throw unwritable(file, error)
  }
}

/** The path of a tape behind links, in a folder that is there. It may not be there yet. */
export async function pathOf(file: string): Promise<string> {
  const path = await behindLinks(file)
  modeOf(path)
  mkdirSync(dirname(path), { recursive: true })
  return path
}

export function unwritable(file: string, error: unknown): TapeError {
  if (error instanceof TapeError) return error
  const isForeign = error instanceof LineError
  const why = isForeign ? error.message : reasonOf(error)
  const code = isForeign ? 'unreadable' : 'unwritable'
  return new TapeError(code, `the tape cannot be recorded: ${why}`, { file, cause: error })
}

/** A tape that is open for writing at its end. */
interface OpenTape {
  readonly handle: number
  readonly size: number
  readonly nextId: number
  /** The matcher whose keys it holds. */
  readonly matcher: string
}

/** Opens a tape that is there, and cuts a torn last line off; undefined where there is none. */
function goOn(path: string): OpenTape | undefined {
  let handle: number
  try {
    handle = openSync(path, constants.O_RDWR | constants.O_APPEND)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { header, nextId, size, isUnended } = readContents(handle)
    ftruncateSync(handle, size)
    if (isUnended) writeSync(handle, '\n')
    return { handle, nextId, matcher: header.matcher, size: size + Number(isUnended) }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}

/** Begins a tape. It comes into its place when it has its first line: no tape is ever without. */
function create(path: string, matcher: Matcher, about: Partial<About> = {}): OpenTape {
  const draft = draftOf(path)
  const handle = openSync(draft, 'ax', modeOf(path))
  try {
    const header = encodeHeader(
      { recordedAt: Date.now(), normalise: [], parent: null, ...about },
      matcher.name,
    )
    writeFileSync(handle, header)
    renameSync(draft, path)
    return { handle, nextId: 0, matcher: matcher.name, size: Buffer.byteLength(header) }
  } catch (error) {
    closeSync(handle)
    rmSync(draft, { force: true })
    throw error
  }
}

export function draftOf(path: string): string {
  return join(dirname(path), `.${randomUUID()}.draft`)
}

/** The permissions that a new file takes over from the one in whose place it comes. */
export function modeOf(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats !== undefined && !stats.isFile()) throw new Error('it is not a file')
  return stats && stats.mode & 0o777
}

/** Journals that are open: they are closed in order when the process ends in order. */
const open = new Set<NativeJournal>()

function closeAll(): void {
  for (const journal of open) journal.closeNow()
}

class NativeJournal implements Journal {
  readonly #lines: LineFile
  readonly #lock: Lock
  readonly #matcher: Matcher
  readonly #hasOurKeys: boolean
  readonly #bodies = new SharedBodies()
  /** Bytes of the bodies that are still arriving. */
  readonly #sizes = new Map<number, number>()
  #nextId: number

  constructor(lines: LineFile, lock: Lock, tape: OpenTape, matcher: Matcher) {
    this.#lines = lines
    this.#lock = lock
    this.#matcher = matcher
    this.#hasOurKeys = tape.matcher === matcher.name
    this.#nextId = tape.nextId
    if (open.size === 0) process.on('exit', closeAll)
    open.add(this)
  }

  get problem(): TapeError | null {
    return this.#lines.problem
  }

  begin(request: RecordedRequest, startedAt: number): number {
    const id = this.#nextId++
    const keys = this.#hasOurKeys ? keysOf(request, this.#matcher) : noKeys
    this.#write(() => encodeRequest(id, keys, startedAt, request, this.#bodies.store(id, request.body)))
    this.#sizes.set(id, 0)
    return id
  }

  head(id: number, head: RecordedHead): void {
    this.#write(() => encodeHead(id, { ...head, duration: microseconds(head.duration) }))
  }

  chunk(id: number, bytes: Uint8Array, at: number): void {
    this.#write(() => encodeChunk(id, bytes, microseconds(at)))
    this.#sizes.set(id, (this.#sizes.get(id) ?? 0) + bytes.length)
  }

  end(id: number, ending: Ending): void {
    const size = this.#sizes.get(id) ?? 0
    this.#sizes.delete(id)
    this.#write(() => encodeEnding(id, { ...ending, at: microseconds(ending.at) }, size))
    this.#lines.flush()
    this.#lines.checkPresence()
  }

  note(value: unknown): void {
    this.#write(() => encodeNote(value, Date.now()))
  }

  async close(): Promise<void> {
    this.closeNow()
    if (this.problem !== null) throw this.problem
  }

  closeNow(): void {
    this.#lines.close()
    this.#lock.release()
    open.delete(this)
    if (open.size === 0) process.off('exit', closeAll)
  }

  /** What cannot be written down (a body that is too large for a text) must not disturb the call. */
  #write(encode: () => string): void {
    if (this.problem !== null) return
    try {
      this.#lines.add(encode())
    } catch (error) {
      this.#lines.fail(error)
    }
  }
}

function microseconds(at: number): number {
  return Math.round(at * 1000) / 1000
}
