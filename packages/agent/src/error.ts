/** The one error that agents and runs throw. */
import type { Failure } from '@playhead/wire'
import type { Progress } from './event.ts'

/**
 * - `configuration`: the agent, a tool, a model or a setting cannot be right as given.
 * - `key`: the provider's key is missing or is not one.
 * - `model`: the model gave no answer, also after retries; `failure` says why.
 * - `aborted`: the run's signal fired, or its events were no longer wanted.
 * - `timeout`: the whole run took too long.
 */
export type AgentErrorCode = 'configuration' | 'key' | 'model' | 'aborted' | 'timeout'

/** What `agent`, `tool` and `model` throw, and why a run has no result: `code` says which. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentErrorCode
  /** What the model's provider said, for the code `model`. */
  readonly failure: Failure | undefined
  /** What the run had done and used before, for the code `model`: running on its messages tries again. */
  readonly progress: Progress | undefined

  constructor(code: AgentErrorCode, message: string, options: AgentErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.failure = options.failure
    this.progress = options.progress
  }
}

interface AgentErrorOptions extends ErrorOptions {
  readonly failure?: Failure
  readonly progress?: Progress
}

/** What something that was thrown says, which may be no Error, and may not even be made a text. */
export function messageOf(thrown: unknown): string {
  try {
    // Types say that a message is a text; who throws may say otherwise.
    const said: unknown = thrown instanceof Error ? thrown.message || thrown.name : thrown
    if (typeof said === 'string') return said
    const json: string | undefined = JSON.stringify(said)
    return json ?? `${typeof said} was thrown`
  } catch {
    return 'something was thrown that cannot be written'
  }
}
