/** Tests on tape, for `node:test`; budgets as assertions, for any. */
import type { Recorder } from '@playhead/tape'
import { type Test, testTape } from './test-tape.ts'
import type { TapeOptions } from './options.ts'

export { expectCost, expectFirstEvent, expectSteps, expectTokens } from './budgets.ts'
export type { Taped } from './measure.ts'
export type { TapeOptions } from './options.ts'

/** As much of a test of `node:test` as is needed here. */
export interface NodeTest {
  /** Suites, then the test: `arithmetic > adds`. */
  readonly fullName: string
  readonly filePath?: string | undefined
  readonly error?: unknown
  after(run: () => Promise<void>): void
  diagnostic(message: string): void
}

/**
 * A recorder for this test: its tape lies in `__tapes__` next to the test's file and is named after the test. The first
 * run records it, the others replay it; with `CI` set, nothing is recorded. Until the test is over, calls that it makes
 * without the recorder's `fetch` are on the tape too. Call it in the test itself, not in a hook.
 */
export function tape(test: NodeTest, options: TapeOptions = {}): Promise<Recorder> {
  return testTape(fromNode(test), options)
}

function fromNode(test: NodeTest): Test {
  return {
    names: test.fullName.split(' > '),
    file: test.filePath,
    isFailed: () => test.error !== null && test.error !== undefined,
    atEnd: (run) => test.after(run),
    say: (message) => test.diagnostic(message),
  }
}
