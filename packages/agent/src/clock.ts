/** Time, as something that is handed in: on a virtual clock a wait of minutes takes none. */

/** What time it is, and waiting. A recorder has one too. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const timer = setTimeout(done, milliseconds)
      signal?.addEventListener('abort', done)
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        if (signal?.aborted === true) reject(signal.reason as Error)
        else resolve()
      }
    }),
}
