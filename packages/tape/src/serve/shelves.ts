/** Which tape answers a request that came to a server. */
import { hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { TapeError } from '../error.ts'
import { openCassette } from '../open.ts'
import { record, type Recorder, type RecordOptions } from '../recorder.ts'
import { cassetteFilesIn, isCassetteName, isFolder, isNobodys } from '../cassette-files.ts'

/** A request as it came: `path` begins with a slash and has the query. */
export interface ServedRequest {
  readonly path: string
  /** What the client named in its header. */
  readonly tape: string | undefined
  readonly init: RequestInit
}

/** Answers requests from tapes. */
export interface Shelves {
  /** Opens the tape that every request belongs to, where there is one. Throws a TapeError where that cannot be. */
  open(): Promise<void>
  fetch(request: ServedRequest): Promise<Response>
  /** Saves what was recorded. Throws a TapeError, or an AggregateError of several, after all were tried. */
  close(): Promise<void>
}

/** Where requests go whose path begins so. */
export interface Upstream {
  /** `/`, `/openai`: taken off the path. */
  readonly prefix: string
  /** `https://openrouter.ai`, with a path of its own or without. */
  readonly url: string
}

/** `https://openrouter.ai`, or `/openai=https://api.openai.com`. Throws a RangeError for what is neither. */
export function parseUpstream(text: string): Upstream {
  const [, prefix = '/', url = ''] = /^(?:(\/[^=]*)=)?(https?:\/\/[^?#]+)$/.exec(text) ?? []
  const parsed = URL.parse(url)
  if (parsed === null) {
    throw new RangeError('an upstream is like https://openrouter.ai, or /openai=https://api.openai.com')
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new RangeError('an upstream has no user and password in it: clients send their keys in a header')
  }
  return { prefix, url }
}

/**
 * Records what goes to the upstreams: into `to`, or, where that is a folder, into the tape in it that the client names
 * (`default` where it names none).
 */
export function recordingShelves(
  upstreams: readonly Upstream[],
  to: string,
  options: RecordOptions = {},
): Shelves {
  const recorders = new Recorders(options)
  const isManyTapes = async (): Promise<boolean> =>
    to.endsWith('/') || to.endsWith(sep) || (await isFolder(to))
  return {
    async open() {
      if (!(await isManyTapes())) await recorders.of(to)
    },
    async fetch({ path, tape, init }) {
      const file = (await isManyTapes()) ? tapeIn(to, tape ?? 'default') : to
      const recorder = await recorders.of(file)
      return recorder.fetch(upstreamUrl(upstreams, path), init)
    },
    close: () => recorders.close(),
  }
}

/** The longest prefix counts. */
function upstreamUrl(upstreams: readonly Upstream[], path: string): string {
  const fitting = upstreams.filter(({ prefix }) => isBelow(prefix, path))
  const [longest] = fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)
  if (longest === undefined) {
    const known = upstreams.map(({ prefix }) => prefix).join(', ')
    throw new TapeError('miss', `no upstream is given for this path; there are ${known}`, { file: path })
  }
  const rest = path.slice(longest.prefix.replace(/\/$/, '').length)
  return longest.url.replace(/\/$/, '') + (rest.startsWith('/') || rest === '' ? rest : `/${rest}`)
}

function isBelow(prefix: string, path: string): boolean {
  const start = prefix.replace(/\/$/, '')
  return path === start || path.startsWith(`${start}/`) || path.startsWith(`${start}?`)
}

/**
 * Replays a cassette, or those of a folder and its folders: the one that the client names, else each in the order of
 * their names until one has the answer. Which host was recorded does not matter, nor what stands before the path that
 * the client and the recording have in common.
 */
export function replayingShelves(from: string, options: RecordOptions = {}): Shelves {
  const recorders = new Recorders({ ...options, mode: 'replay' })
  const urls = new Map<string, readonly URL[]>()
  /** Which host answered a request last, where several were asked the same. */
  const answered = new Map<string, string>()
  return {
    async open() {
      if (!(await isFolder(from))) await recorders.of(from)
    },
    async fetch({ path, tape, init }) {
      let miss: unknown
      for await (const file of cassettesFor(from, tape)) {
        const known = urls.get(file) ?? (await urlsIn(file, file !== from && tape === undefined))
        urls.set(file, known)
        const likely = likelyUrls(known, path)
        if (likely.length === 0) continue
        const recorder = await recorders.of(file)
        const question = `${file} ${path} ${digestOf(init.body)}`
        for (const { url } of inRecordedOrder(likely, recorder, answered.get(question))) {
          try {
            const response = await recorder.fetch(url, init)
            if (likely.length > 1) answered.set(question, url)
            return response
          } catch (error) {
            if (!(error instanceof TapeError && error.code === 'miss')) throw error
            miss ??= withoutMode(error)
          }
        }
      }
      throw miss ?? nothingFor(path, urls, from)
    },
    close: () => recorders.close(),
  }
}

/** Nothing has a path like this one. */
function nothingFor(path: string, urls: ReadonlyMap<string, readonly URL[]>, file: string): TapeError {
  const [asked = ''] = path.split('?', 1)
  const recorded = new Set([...urls.values()].flat().map(({ pathname }) => pathname))
  const some = [...recorded].slice(0, 3).join(', ')
  const there = some === '' ? '' : `; there is ${some}${recorded.size > 3 ? ', …' : ''}`
  return new TapeError('miss', `nothing was recorded for ${asked}${there}`, { file })
}

/**
 * Where several hosts were asked the same, as in a failover, those come first that have something left to say, in
 * recorded order; when nothing is left, the next one after that which answered last.
 */
function inRecordedOrder(likely: readonly Likely[], recorder: Recorder, last?: string): readonly Likely[] {
  if (likely.length < 2) return likely
  const { unused } = recorder
  const placeOf = ({ url }: Likely): number => {
    const [start = ''] = url.split('?', 1)
    const place = unused.findIndex(({ request }) => request.url.replace(/[?#].*$/, '') === start)
    return place === -1 ? unused.length : place
  }
  const turnOf = ({ url }: Likely): number => (url === last ? 1 : 0)
  return likely.toSorted((a, b) => b.common - a.common || placeOf(a) - placeOf(b) || turnOf(a) - turnOf(b))
}

function digestOf(body: unknown): string {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : ''
  return hash('sha1', bytes)
}

/** A replay has no other mode. */
function withoutMode({ file, detail }: TapeError): TapeError {
  return new TapeError('miss', detail, { file })
}

async function* cassettesFor(from: string, tape: string | undefined): AsyncGenerator<string> {
  if (!(await isFolder(from))) yield from
  else if (tape === undefined) yield* cassetteFilesIn(from)
  else yield await namedCassette(from, tape)
}

const endings = ['.tape.jsonl', '.yaml', '.yml', '.json', '.har', ''].flatMap((end) => [end, `${end}.gz`])

/** By its whole name, or by its name without what says the format. */
async function namedCassette(folder: string, name: string): Promise<string> {
  for (const end of endings) {
    const file = inside(folder, name + end)
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() === true) return file
  }
  throw new TapeError('absent', `there is no cassette named "${name}"`, { file: folder })
}

function tapeIn(folder: string, name: string): string {
  return inside(folder, isCassetteName(name) ? name : `${name}.tape.jsonl`)
}

/** A name from outside does not lead out of its folder. */
function inside(folder: string, name: string): string {
  const file = resolve(folder, name)
  const way = relative(resolve(folder), file)
  if (way === '' || way.startsWith('..') || resolve(folder, way) !== file || name.includes('\0')) {
    throw new TapeError('absent', `"${name}" is no name of a tape in this folder`, { file: folder })
  }
  return file
}

/** None where a folder holds a file that is nobody's cassette. */
async function urlsIn(file: string, isOfFolder: boolean): Promise<readonly URL[]> {
  try {
    return await recordedUrls(file)
  } catch (error) {
    if (isOfFolder && (await isNobodys(file, error))) return []
    throw error
  }
}

async function recordedUrls(file: string): Promise<readonly URL[]> {
  using cassette = await openCassette(file)
  if (cassette === undefined) throw new TapeError('absent', 'there is no such cassette', { file })
  const texts = new Set<string>()
  for (const { request } of cassette) texts.add(request.url.replace(/[?#].*$/, ''))
  return [...texts].filter((text) => URL.canParse(text)).map((text) => new URL(text))
}

/** A place that may be meant, and how many steps of its path are those that were asked for. */
interface Likely {
  readonly url: string
  readonly common: number
}

/** Recorded places whose path ends like the one that is asked for, the most alike first, with the query asked for. */
function likelyUrls(recorded: readonly URL[], path: string): readonly Likely[] {
  const { pathname, search } = new URL(`http://replay${path}`)
  const asked = pathname.split('/').filter(Boolean)
  const likely = recorded.flatMap((url) => {
    const known = url.pathname.split('/').filter(Boolean)
    const common = commonEnd(asked, known)
    const isAlike = common > 0 && (common === asked.length || common === known.length)
    return isAlike || (asked.length === 0 && known.length === 0) ? [{ url, common }] : []
  })
  const closest = likely.toSorted((a, b) => b.common - a.common)
  return closest.map(({ url, common }) => ({ url: url.origin + url.pathname + search, common }))
}

function commonEnd(left: readonly string[], right: readonly string[]): number {
  let count = 0
  while (count < left.length && count < right.length && left.at(-1 - count) === right.at(-1 - count))
    count += 1
  return count
}

/** The recorders of a server, each opened when it is first asked for. */
class Recorders {
  readonly #options: RecordOptions
  readonly #open = new Map<string, Promise<Recorder>>()

  constructor(options: RecordOptions) {
    this.#options = options
  }

  of(file: string): Promise<Recorder> {
    const known = this.#open.get(file)
    if (known !== undefined) return known
    const opened = record(file, this.#options)
    this.#open.set(file, opened)
    // One that could not be opened is tried again: its file may be mended meanwhile.
    opened.catch(() => this.#open.delete(file))
    return opened
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values())
    const recorders = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const saved = await Promise.allSettled(recorders.map((recorder) => recorder.stop()))
    const failures = saved.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    )
    if (failures.length < 2) for (const failure of failures) throw failure
    else throw new AggregateError(failures, failures.map(messageOf).join('\n'))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
