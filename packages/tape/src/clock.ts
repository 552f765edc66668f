/** The time that a recorder hands to whatever runs on it. */
import { setTimeout } from 'node:timers/promises'

/** What time it is, and waiting. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** Milliseconds. Timers take a longer time for none at all. */
const longestTimer = 2 ** 31 - 1

/** The machine's time, made to pass so many times faster. At 1 it is the machine's time. Throws a RangeError below 0. */
export function scaledClock(speed: number): Clock {
  if (!(speed > 0 && speed < Infinity)) throw new RangeError(`a speed is a number above 0, not ${speed}`)
  return {
    now: () => performance.now() * speed,
    async sleep(milliseconds, signal) {
      let rest = milliseconds / speed
      const end = performance.now() + rest
      try {
        do {
          await setTimeout(Math.min(rest, longestTimer), undefined, { signal })
          // A timer counts from the beginning of the event loop's round, and without fractions: it may be early.
          rest = end - performance.now()
        } while (rest > 0)
      } catch (error) {
        throw signal?.reason ?? error
      }
    },
  }
}

interface Sleeper {
  readonly wakeAt: number
  wake(): void
}

/**
 * A clock that jumps to the next moment at which somebody wakes, as soon as the program has nothing else
 * to do. Waits pass in their right order and take no time.
 */
export function virtualClock(): Clock {
  let now = 0
  let isScheduled = false
  const sleepers: Sleeper[] = []

  /** Whoever sleeps for ever only wakes when its signal aborts. */
  const isDue = (): boolean => (sleepers[0]?.wakeAt ?? Infinity) < Infinity
  const schedule = (): void => {
    if (isScheduled || !isDue()) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      const next = isDue() ? sleepers.shift() : undefined
      if (next !== undefined) {
        now = Math.max(now, next.wakeAt)
        next.wake()
      }
      schedule()
    })
  }
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const sleeper: Sleeper = {
          // Timers take what is no number for none at all.
          wakeAt: now + (milliseconds || 0),
          wake: () => {
            signal?.removeEventListener('abort', leave)
            resolve()
          },
        }
        const leave = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', leave, { once: true })
        const later = sleepers.findIndex(({ wakeAt }) => wakeAt > sleeper.wakeAt)
        sleepers.splice(later === -1 ? sleepers.length : later, 0, sleeper)
        schedule()
      }),
  }
}
