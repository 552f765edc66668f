/** One writer for each tape: a file beside it says who. It is taken over when that process is gone. */
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from '../cassette-file.ts'
import { TapeError } from '../error.ts'

export interface Lock {
  release(): void
}

/** Takes the lock of a file, which errors call `named`. Throws a TapeError, `locked`, when somebody else has it. */
export function takeLock(file: string, named = file): Lock {
  const path = `${file}.lock`
  const text = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    at: new Date().toISOString(),
    token: randomUUID(),
  })
  if (!isCreated(path, text)) takeOver(named, path, text)
  return {
    release: () => {
      if (contentOf(path) === text) rmSync(path, { force: true })
    },
  }
}

/** Takes the place of a lock whose process is gone. Only one can: it holds the lock of the lock meanwhile. */
function takeOver(named: string, path: string, text: string): void {
  const found = contentOf(path)
  const owner = ownerOf(found)
  if (owner === undefined || isAlive(owner)) throw lockedError(named, path, owner)
  const lock = takeLock(path, named)
  try {
    if (contentOf(path) === found) rmSync(path, { force: true })
    if (!isCreated(path, text)) throw lockedError(named, path, ownerOf(contentOf(path)))
  } finally {
    lock.release()
  }
}

/** Creates a file with all of its content at once; false when it is there already. */
function isCreated(path: string, text: string): boolean {
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    linkSync(draft, path)
    return true
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (code === 'EEXIST') return false
    if (!withoutLinks.has(code)) throw error
    return isWritten(path, text)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** What file systems say that have no links. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

function isWritten(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    rmSync(path, { force: true })
    throw error
  }
}

/** Undefined when it is gone. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

interface Owner {
  readonly pid: number
  readonly host: string
  readonly started: string | null
  readonly at: string
}

/** Undefined for what no lock of ours says. */
function ownerOf(content: string | undefined): Owner | undefined {
  try {
    const { pid, host, started, at } = JSON.parse(content ?? '') as Partial<Record<keyof Owner, unknown>>
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof at !== 'string') return undefined
    return { pid, host, started: typeof started === 'string' ? started : null, at }
  } catch {
    return undefined
  }
}

/** Of a process on another host, nobody knows. */
function isAlive({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
  // Numbers of processes are used again: in a container, the same ones every time.
  return started === null || started === startOf(pid)
}

/** When a process started, as Linux counts it; null where that is not known. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[startField] ?? null
  } catch {
    return null
  }
}

/** `starttime` is the 22nd field; those from `state`, the third, follow the name in brackets. See proc_pid_stat(5). */
const startField = 19

function lockedError(file: string, path: string, owner: Owner | undefined): TapeError {
  const who =
    owner === undefined
      ? 'somebody else'
      : owner.pid === process.pid && owner.host === hostname()
        ? 'this process'
        : `process ${owner.pid} on ${owner.host}, since ${owner.at},`
  return new TapeError(
    'locked',
    `${who} records on this tape: wait until it is done, or record on another; if it is gone, delete ${path}`,
    { file },
  )
}
