/** `playhead tape scrub`: takes secrets out of what was recorded without care. */
import { join, resolve } from 'node:path'
import { type Cassette, createRedaction, type Redaction, scrub, scrubCassette } from '@playhead/tape'
import { isFolder } from '@playhead/tape/serve'
import { exitCodes, UsageError } from '../exit.ts'
import { outputClosed, print, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { type CassetteFile, eachCassette, pathInFolder } from './cassettes.ts'
import { endings, formatOf, named } from './formats.ts'
import { checkFree, checkIsFile } from './out-file.ts'
import { Progress } from './progress.ts'

export interface ScrubCommandOptions {
  readonly out?: string
  readonly inPlace?: true
  readonly allow?: readonly string[]
  readonly name?: readonly string[]
  readonly force?: true
  readonly json?: true
}

/** Gives the exit code: where nothing is to be written, 1 when there is anything to take out. */
export async function scrubCommand(files: readonly string[], options: ScrubCommandOptions): Promise<number> {
  const placeOf = await placing(files, options)
  const redaction = createRedaction({ allow: options.allow ?? [], names: options.name ?? [] })
  const progress = new Progress()
  let found = 0
  const written = new Set<string>()
  const { exitCode } = await eachCassette(
    files,
    async (cassette, file) => {
      const out = placeOf?.(cassette, file)
      for (const warning of cassette.warnings) progress.error(`${file.name}: ${warning}`)
      const secrets = await secretsOf(cassette, redaction, progress)
      found += secrets.length === 0 ? 0 : 1
      if (out !== undefined && (options.inPlace !== true || secrets.length > 0)) {
        if (options.inPlace !== true) checkFree(out, written.has(resolve(out)) ? undefined : options.force)
        await scrubCassette(cassette, redaction, out)
        written.add(resolve(out))
      }
      progress.clear()
      await report({ file: file.name, out: out ?? null, secrets }, options.json)
      progress.file()
    },
    progress.unreadable,
  )
  progress.clear()
  const isFinding = placeOf === undefined && found > 0
  return Math.max(exitCode, isFinding ? exitCodes.failed : exitCodes.ok)
}

type Placing = (cassette: Cassette, file: CassetteFile) => string

/** Where each cassette goes without its secrets; undefined where nothing is written. */
async function placing(
  files: readonly string[],
  { out, inPlace }: ScrubCommandOptions,
): Promise<Placing | undefined> {
  if (inPlace === true && out !== undefined) throw new UsageError('--in-place and --out are two places')
  if (inPlace === true) return inItsPlace
  if (out === undefined) return undefined
  checkIsFile(out)
  const [first = '', ...others] = files
  const isInto = others.length > 0 || (await isFolder(first)) || (await isFolder(out)) || out.endsWith('/')
  if (isInto) {
    return (cassette, file) => {
      const path = pathInFolder(file)
      return join(out, formatOf(path) === formatAfter(cassette) ? path : named(path, formatAfter(cassette)))
    }
  }
  return (cassette) => {
    const format = formatAfter(cassette)
    const wanted = formatOf(out)
    if (wanted === undefined || wanted === format) return out
    throw new UsageError(`${out}: it becomes ${article(format)}: ${endings[format].join(' or ')}`)
  }
}

function article(format: 'tape' | 'go-vcr'): string {
  return format === 'tape' ? 'a native tape' : 'a go-vcr cassette'
}

function inItsPlace(cassette: Cassette, { name }: CassetteFile): string {
  if (name === '-') throw new UsageError('standard input has no place: --out says where it goes')
  if (cassette.format === formatAfter(cassette)) return name
  throw new Error(`the format "${cassette.format}" is not written: --out FILE makes a native tape of it`)
}

/** A go-vcr cassette stays one; all else becomes a native tape. */
function formatAfter({ format }: Cassette): 'tape' | 'go-vcr' {
  return format === 'go-vcr' ? 'go-vcr' : 'tape'
}

/** Secrets of one kind at one kind of place. */
interface Counted {
  readonly name: string
  readonly where: string
  readonly count: number
}

async function secretsOf(
  cassette: Cassette,
  redaction: Redaction,
  progress: Progress,
): Promise<readonly Counted[]> {
  const counts = new Map<string, Counted>()
  for (let place = 0; place < cassette.length && !outputClosed.aborted; place += 1) {
    for (const { name, where } of scrub(cassette.at(place), redaction).changes) {
      const key = `${name} ${where}`
      counts.set(key, { name, where, count: (counts.get(key)?.count ?? 0) + 1 })
    }
    await progress.interaction()
  }
  return [...counts.values()].toSorted((a, b) => (`${a.where} ${a.name}` < `${b.where} ${b.name}` ? -1 : 1))
}

interface Scrubbed {
  readonly file: string
  readonly out: string | null
  readonly secrets: readonly Counted[]
}

async function report(scrubbed: Scrubbed, json: true | undefined): Promise<void> {
  if (json === true) return printJson(scrubbed)
  const { file, out, secrets } = scrubbed
  const to = out === null || out === file ? '' : ` → ${out}`
  if (secrets.length === 0) return print(`${file}${to}: nothing to take out\n`)
  const total = secrets.reduce((sum, one) => sum + one.count, 0)
  const what = out === null ? 'to take out' : 'taken out'
  const lines = secrets.map((one) => `  ${one.name} in ${one.where}: ${one.count}\n`)
  await print(`${file}${to}: ${count(total, 'secret')} ${what}\n${lines.join('')}`)
}
