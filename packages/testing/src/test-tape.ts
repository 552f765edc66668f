/** A test's recorder: opened with the test, stopped with it, and asked at the end what it was not asked for. */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { type Interaction, openScope, record, type Recorder } from '@playhead/tape'
import { conversation } from '@playhead/wire'
import { modesNow, type TapeOptions } from './options.ts'
import { tapeFileOf } from './tape-file.ts'

/** A test, whoever runs it. */
export interface Test {
  /** Its suites from the outside in, then its own. */
  readonly names: readonly string[]
  readonly file: string | undefined
  isFailed(): boolean
  /** What throws at the end fails the test. */
  atEnd(run: () => Promise<void>): void
  say(message: string): void
}

/** Not async: the scope must be open before the test waits. */
export function testTape(test: Test, options: TapeOptions): Promise<Recorder> {
  const scope = openScope()
  return openTape(test, options).then(
    (recorder) => {
      scope.fetch = recorder.answer
      test.atEnd(async () => {
        scope.close()
        await finishTape(recorder, test, options)
      })
      return recorder
    },
    (error: unknown) => {
      scope.close()
      throw error
    },
  )
}

export async function openTape(test: Test, options: TapeOptions): Promise<Recorder> {
  const { file = ownFile(test, options.name), name: _, strict: __, ...rest } = options
  return record(file, { meaning: conversation, ...rest, ...modesNow(options, process.env) })
}

/** Whose tape a file is: in one process, a tape belongs to one test. */
const owners = new Map<string, string>()

function ownFile(test: Test, name: string | undefined): string {
  if (test.file === undefined)
    throw new Error('This test does not say which file it stands in; name its tape: { file }')
  const names = name === undefined ? test.names : [...test.names.slice(0, -1), name]
  const file = tapeFileOf(test.file, names)
  const owner = owners.get(file) ?? names.join(' > ')
  owners.set(file, owner)
  if (owner === names.join(' > ')) return file
  throw new Error(
    `"${owner}" and "${names.join(' > ')}" would be one tape; give one of them a name: { name }`,
  )
}

/** Saves it, and says what is wrong with it. Throws where that must not be. */
export async function finishTape(
  recorder: Recorder,
  test: Test,
  { strict = false }: TapeOptions,
): Promise<void> {
  await recorder.stop()
  const shown = relative('', recorder.file)
  if (test.isFailed() && !recorder.isReplaying && existsSync(recorder.file))
    test.say(`${shown}: the test failed while it was recorded; PLAYHEAD_MODE=all records it anew`)
  const findings = [
    ...finding('was not asked for', recorder.unused),
    ...finding('is on the tape twice', recorder.duplicates),
  ]
  if (findings.length === 0) return
  const message = [`${shown}:`, ...findings].join('\n  ')
  // A test that failed on its way did not come to ask for the rest.
  if (strict && !test.isFailed()) throw new Error(message)
  test.say(message)
}

function finding(what: string, interactions: readonly Interaction[]): readonly string[] {
  return interactions.map(({ id, request }) => `interaction ${id} ${what}: ${request.method} ${request.url}`)
}
