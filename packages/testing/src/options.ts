/** How a test is recorded, and when. */
import { type Mode, modes, type RecordOptions } from '@playhead/tape'

export interface TapeOptions extends RecordOptions {
  /** The tape, in place of the one named after the test. `*.yaml` is a cassette of go-vcr. */
  readonly file?: string
  /** The test's name, in place of its own: two tests that are called the same need two. */
  readonly name?: string
  /** Whether a test fails whose tape holds what it did not ask for, or the same twice. Default: it is only said. */
  readonly strict?: boolean
}

/**
 * The modes that hold now: `PLAYHEAD_MODE` first; then `CI`, which means no writes, and no network but to where a rule says
 * `live`; then what the test asks for.
 */
export function modesNow(
  { mode = 'once', rules = [] }: RecordOptions,
  environment: NodeJS.ProcessEnv,
): Pick<RecordOptions, 'mode' | 'rules'> {
  const { PLAYHEAD_MODE: named = '', CI: ci = '' } = environment
  if (named !== '') return { mode: readMode(named), rules }
  if (!isSet(ci)) return { mode, rules }
  return {
    mode: 'replay',
    rules: rules.map((rule) => (rule.mode === 'live' ? rule : { ...rule, mode: 'replay' })),
  }
}

function readMode(name: string): Mode {
  const mode = modes.find((one) => one === name)
  if (mode === undefined) throw new Error(`PLAYHEAD_MODE is "${name}"; it can be ${modes.join(', ')}`)
  return mode
}

function isSet(flag: string): boolean {
  return !['', '0', 'false'].includes(flag.toLowerCase())
}
