/** `playhead tape check`: reads, decodes and verifies every interaction. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Cassette, createRedaction, type Redaction, TapeError } from '@playhead/tape'
import { exitCodes, messageOf } from '../exit.ts'
import { outputClosed, print, printable, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { eachCassette } from './cassettes.ts'
import { findingsOf, type TapeFinding } from './findings.ts'
import { exchangeKey, matcherOf } from './keys.ts'
import { Progress } from './progress.ts'

export interface CheckCommandOptions {
  readonly json?: true
  readonly allow?: readonly string[]
  readonly name?: readonly string[]
}

/** Gives the exit code: 1 when anything was found. */
export async function checkCommand(files: readonly string[], options: CheckCommandOptions): Promise<number> {
  const allowed = options.allow ?? []
  const redaction = createRedaction({ allow: allowed, names: options.name ?? [] })
  const progress = new Progress()
  let [interactions, findings] = [0, 0]
  const report = async (file: string, id: number | null, finding: TapeFinding): Promise<void> => {
    findings += 1
    progress.clear()
    await (options.json === true ? printJson({ file, id, ...finding }) : print(lineOf(file, id, finding)))
  }
  const checked = await eachCassette(
    files,
    async (cassette, { name }) => {
      for (const finding of cassetteFindings(cassette)) await report(name, null, finding)
      const duplicates = new Duplicates(cassette)
      for (let id = 0; id < cassette.length && !outputClosed.aborted; id += 1) {
        for (const finding of interactionFindings(id, { cassette, redaction, allowed, duplicates }))
          await report(name, id, finding)
        interactions += 1
        await progress.interaction()
      }
      progress.file()
    },
    (error, file) => report(file, null, unreadable(error)),
  )
  progress.clear()
  if (options.json !== true) {
    const total = `${count(checked.files, 'cassette')}, ${count(interactions, 'interaction')}`
    await print(`${total}: ${findings === 0 ? 'nothing found' : count(findings, 'finding')}\n`)
  }
  return Math.max(checked.exitCode, findings === 0 ? exitCodes.ok : exitCodes.failed)
}

function lineOf(file: string, id: number | null, { message, where }: TapeFinding): string {
  const place = id === null ? file : `${file} #${id}`
  const line = `${place}: ${message}${where === null ? '' : ` (${where})`}`
  return `${printable(line).replaceAll(/\s*\n\s*/g, ' ')}\n`
}

function* cassetteFindings({ file, about, warnings }: Cassette): Generator<TapeFinding> {
  for (const message of warnings) yield { code: 'warning', message, where: null }
  const { parent } = about
  if (parent === null || file === '-' || existsSync(resolve(dirname(file), parent.file))) return
  yield {
    code: 'parent',
    message: `the tape that it was cut from is not there: ${parent.file}`,
    where: null,
  }
}

/** What an interaction is held to. */
interface Checks {
  readonly cassette: Cassette
  readonly redaction: Redaction
  readonly allowed: readonly string[]
  readonly duplicates: Duplicates
}

/** One that cannot be read does not keep the others from it. */
function* interactionFindings(
  id: number,
  { cassette, redaction, allowed, duplicates }: Checks,
): Generator<TapeFinding> {
  try {
    yield* findingsOf(cassette.at(id), redaction, allowed)
    const earlier = duplicates.of(id)
    if (earlier === undefined) return
    yield { code: 'duplicate', message: `asks and gets the same as #${earlier}`, where: null }
  } catch (error) {
    yield unreadable(error)
  }
}

/** The report names the file in a place of its own. */
function unreadable(error: unknown): TapeFinding {
  const message = error instanceof TapeError ? error.detail : messageOf(error)
  const line = error instanceof TapeError ? error.line : undefined
  return { code: 'unreadable', message, where: line === undefined ? null : `line ${line}` }
}

/** Which interactions say again what an earlier one said. */
class Duplicates {
  readonly #cassette: Cassette
  readonly #matcher: ReturnType<typeof matcherOf>
  readonly #first = new Map<string, number>()

  constructor(cassette: Cassette) {
    this.#cassette = cassette
    this.#matcher = matcherOf(cassette)
  }

  /** The first that did; undefined where this one is it. */
  of(id: number): number | undefined {
    const key = exchangeKey(this.#cassette, id, this.#matcher)
    const first = this.#first.get(key)
    if (first === undefined) this.#first.set(key, id)
    return first
  }
}
