/** Tests on tape, for Vitest. */
import type { Recorder } from '@playhead/tape'
import type { TapeOptions } from './options.ts'
import { finishTape, openTape, type Test, testTape } from './test-tape.ts'

/** As much of a test's context as is needed here. */
export interface VitestContext {
  readonly task: VitestTask
  readonly onTestFinished: (run: () => Promise<void>) => void
  /** Since Vitest 3.2. */
  readonly annotate?: ((message: string, type?: string) => unknown) | undefined
}

export interface VitestTask {
  readonly name: string
  readonly suite?: VitestSuite | undefined
  readonly file: { readonly filepath: string }
  readonly result?: { readonly state?: string } | undefined
}

export interface VitestSuite {
  readonly name: string
  readonly suite?: VitestSuite | undefined
}

/** A recorder for this test, as `tape` of `@playhead/testing` gives one: `test('adds', async (context) => { … })`. */
export function tape(context: VitestContext, options: TapeOptions = {}): Promise<Recorder> {
  return testTape(fromVitest(context), options)
}

/**
 * The same as a fixture: `test.extend({ recorder: recorderFixture() })`. The test runs in an async context of its own,
 * so give it `recorder.fetch`, or run it in `recorder.scope`.
 */
export function recorderFixture(options: TapeOptions = {}) {
  return async (
    // Vitest reads in the source which fixtures are asked for.
    { task, annotate }: Pick<VitestContext, 'task' | 'annotate'>,
    use: (recorder: Recorder) => Promise<void>,
  ): Promise<void> => {
    const test = fromVitest({ task, annotate, onTestFinished: () => {} })
    const recorder = await openTape(test, options)
    try {
      await use(recorder)
    } finally {
      await finishTape(recorder, test, options)
    }
  }
}

function fromVitest({ task, annotate, onTestFinished }: VitestContext): Test {
  return {
    names: [...suitesOf(task.suite), task.name],
    file: task.file.filepath,
    isFailed: () => task.result?.state === 'fail',
    atEnd: onTestFinished,
    say: (message) => {
      if (annotate === undefined) process.emitWarning(message, 'TapeWarning')
      else void annotate(message, 'tape')
    },
  }
}

function suitesOf(suite: VitestSuite | undefined): readonly string[] {
  return suite === undefined ? [] : [...suitesOf(suite.suite), suite.name]
}
