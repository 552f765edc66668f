/** How long a run waits for what may never come. */
import { AgentError } from './error.ts'

/**
 * All in milliseconds of the machine's own time: what they guard against is a network that stalls, and on a
 * virtual clock nothing does. `Infinity` waits for ever.
 */
export interface Timeouts {
  /** Until the answer begins: its HTTP head. Default 2 minutes. */
  readonly connect: number
  /** From there to its first event. Default 10 minutes: a model may think for long. */
  readonly firstEvent: number
  /**
   * From one event to the next, while it is asked for. A comment that keeps the connection alive is not an event.
   * Default 2 minutes.
   */
  readonly idle: number
  /** The whole run. Default: for ever. */
  readonly run: number
}

const defaults: Timeouts = {
  connect: 120_000,
  firstEvent: 600_000,
  idle: 120_000,
  run: Number.POSITIVE_INFINITY,
}

/** Fills in the defaults. Throws an AgentError for what is no time. */
export function checkedTimeouts(given: Partial<Timeouts>): Timeouts {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'number' && value > 0) continue
    throw new AgentError('configuration', `timeouts.${name} is ${value}: it must be more than 0 milliseconds`)
  }
  return { ...defaults, ...given }
}

/** A time is looked at so often: it is kept to within that part of itself. */
const looks = 4
/** The longest that the platform's timers take. */
const longest = 2 ** 31 - 1

/** Waits, but not for ever. Neither a pause nor its end touches a timer: a stream may have a million in a second. */
export class Patience {
  #timer: ReturnType<typeof setInterval> | undefined
  #isPaused = false
  /** How many looks found that nothing had come. */
  #quiet = 0

  /** Calls `end` when so much time passes without a pause. Takes the place of the wait before. */
  wait(milliseconds: number, end: () => void): void {
    this.stop()
    if (milliseconds === Number.POSITIVE_INFINITY) return
    const look = (): void => {
      if (!this.#isPaused) this.#quiet += 1
      if (this.#quiet < looks) return
      this.stop()
      end()
    }
    this.#timer = setInterval(look, Math.min(milliseconds / looks, longest))
  }

  /** What was waited for is here. */
  pause(): void {
    this.#isPaused = true
  }

  /** More of it is waited for. */
  resume(): void {
    // The next look may come at once.
    if (this.#isPaused) this.#quiet = -1
    this.#isPaused = false
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#isPaused = false
    this.#quiet = 0
  }
}
