/** `playhead tape merge`: several cassettes become one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type About,
  type Cassette,
  convert,
  openCassette,
  type Take,
  type WritableFormat,
  writeTakes,
} from '@playhead/tape'
import { exitCodeOf, exitCodes, UsageError } from '../exit.ts'
import { print, printError, printJson } from '../print.ts'
import { count } from '../terminal.ts'
import { explain, type OnUnreadable, openEach } from './cassettes.ts'
import { formatOf } from './formats.ts'
import { exchangeKey, matcherOf } from './keys.ts'
import { checkFree } from './out-file.ts'
import { Progress } from './progress.ts'

export interface MergeCommandOptions {
  readonly out: string
  readonly force?: true
  readonly json?: true
}

/** Gives the exit code. Nothing is written when one of the cassettes cannot be read. */
export async function mergeCommand(names: readonly string[], options: MergeCommandOptions): Promise<number> {
  const { out, force, json } = options
  checkFree(out, force)
  const format = formatOf(out)
  if (format === undefined)
    throw new UsageError(`${out}: its name says no format: .tape.jsonl, .yaml or .har`)
  let worst: number = exitCodes.ok
  const onUnreadable: OnUnreadable = (error, name) => {
    printError(explain(error, name))
    worst = Math.max(worst, exitCodeOf(error))
  }
  using kept = new DisposableStack()
  const cassettes: Cassette[] = []
  for await (const { cassette, name } of openEach(names, onUnreadable)) {
    kept.use(cassette)
    for (const warning of cassette.warnings) printError(`${name}: ${warning}`)
    // What a folder holds may be what an earlier merge wrote there.
    if (resolve(name) !== resolve(out) || names.includes(name)) cassettes.push(cassette)
  }
  if (worst !== exitCodes.ok) return worst
  const { takes, repeated } = await union(cassettes)
  const ordered = inOrder(takes)
  const lost = await write(ordered, { out, format, about: aboutOf(cassettes) })
  const result = { file: out, interactions: ordered.length, cassettes: cassettes.length, repeated }
  if (json === true) await printJson({ ...result, lost })
  else {
    for (const what of lost) printError(`${out}: ${what}`)
    const once =
      repeated === 0
        ? ''
        : `; ${repeated} stood on several of them and ${repeated === 1 ? 'is' : 'are'} there once`
    await print(
      `${out}: ${count(ordered.length, 'interaction')} of ${count(cassettes.length, 'cassette')}${once}\n`,
    )
  }
  return exitCodes.ok
}

interface Union {
  readonly takes: readonly Take[]
  /** How many were left out. */
  readonly repeated: number
}

/**
 * What stands on several cassettes is taken once. What one cassette says twice stays twice: it was asked twice, and each
 * answer replays once.
 */
async function union(cassettes: readonly Cassette[]): Promise<Union> {
  const progress = new Progress()
  const known = new Map<string, number>()
  const takes: Take[] = []
  let repeated = 0
  for (const cassette of cassettes) {
    const matcher = matcherOf(cassette)
    const own = new Map<string, number>()
    for (let place = 0; place < cassette.length; place += 1) {
      const key = exchangeKey(cassette, place, matcher)
      const times = (own.get(key) ?? 0) + 1
      own.set(key, times)
      if (times <= (known.get(key) ?? 0)) repeated += 1
      else takes.push({ cassette, place })
      await progress.interaction()
    }
    for (const [key, times] of own) known.set(key, Math.max(times, known.get(key) ?? 0))
    progress.file()
  }
  progress.clear()
  return { takes, repeated }
}

/** By when they were sent, where all say it; else as the files stand. */
function inOrder(takes: readonly Take[]): readonly Take[] {
  const dated = takes.map((take) => ({ take, at: take.cassette.at(take.place).startedAt }))
  if (dated.some(({ at }) => at === null)) return takes
  return dated.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).map(({ take }) => take)
}

/** It is as old as the oldest of them. */
function aboutOf(cassettes: readonly Cassette[]): Partial<About> {
  const dates = cassettes.flatMap(({ about }) => about.recordedAt ?? [])
  return {
    recordedAt: dates.length === 0 ? null : Math.min(...dates),
    normalise: [...new Set(cassettes.flatMap(({ about }) => about.normalise))],
  }
}

interface Target {
  readonly out: string
  readonly format: WritableFormat
  readonly about: Partial<About>
}

async function write(takes: readonly Take[], { out, format, about }: Target): Promise<readonly string[]> {
  if (format === 'tape') {
    await writeTakes(out, takes, { about })
    return []
  }
  const folder = await mkdtemp(join(tmpdir(), 'playhead-'))
  try {
    const file = join(folder, 'merged.tape.jsonl')
    await writeTakes(file, takes, { about })
    using merged = await openCassette(file)
    return merged === undefined ? [] : await convert(merged, format, out)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
