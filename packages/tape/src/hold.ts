/** Locks that are held before anything is recorded: let go when the process ends in order. */
import { TapeError } from './error.ts'
import { type Lock, takeLock } from './native/lock.ts'

const held = new Set<Lock>()

function releaseAll(): void {
  for (const lock of held) lock.release()
}

/**
 * Takes the lock of a cassette; undefined where there can be none: what cannot be written is said when something is to
 * be written. Throws a TapeError, `locked`, when somebody else has it.
 */
export function hold(file: string): Lock | undefined {
  let lock: Lock
  try {
    lock = takeLock(file)
  } catch (error) {
    if (error instanceof TapeError) throw error
    return undefined
  }
  if (held.size === 0) process.on('exit', releaseAll)
  const own = {
    release: () => {
      if (!held.delete(own)) return
      lock.release()
      if (held.size === 0) process.off('exit', releaseAll)
    },
  }
  held.add(own)
  return own
}
