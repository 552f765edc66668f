/** Tells when a configuration has changed, however the file was written. */
import { readFileSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

/** Milliseconds without another change until the file is read: editors write in several strokes. */
const pause = 100

export interface Watching {
  close(): void
}

/**
 * Reads the file anew when it changes, when another takes its place, and on SIGHUP; `onChange` is called with a text that
 * is not the last one's. What it throws, a file that cannot be read and a folder that cannot be watched go to `onError`,
 * and whatever held before goes on. The calls do not overlap. `known` is the text that was read already; default: what stands
 * in the file now.
 */
export function watchConfiguration(
  file: string,
  onChange: (text: string) => void | Promise<void>,
  onError: (error: unknown) => void,
  known: string | null = textOf(file),
): Watching {
  const path = resolve(file)
  let last = known
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()
  const readAgain = async (isAsked: 'asked' | 'seen'): Promise<void> => {
    const text = await readFile(path, 'utf8')
    if (text === last && isAsked === 'seen') return
    last = text
    await onChange(text)
  }
  const look = (why: 'asked' | 'seen'): void => {
    work = work.then(() => readAgain(why)).catch(onError)
  }
  const seen = (name: string | null): void => {
    // A mounted ConfigMap changes by a link beside the file, `..data`.
    if (name !== null && name !== basename(path) && !name.startsWith('..')) return
    clearTimeout(timer)
    timer = setTimeout(look, pause, 'seen')
  }
  const asked = (): void => look('asked')
  const watcher = watchFolder(dirname(path), seen, onError)
  process.on('SIGHUP', asked)
  return {
    close() {
      clearTimeout(timer)
      process.off('SIGHUP', asked)
      watcher?.close()
    },
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** The folder, not the file: a file that is replaced is another one. */
function watchFolder(
  folder: string,
  seen: (name: string | null) => void,
  onError: (error: unknown) => void,
): ReturnType<typeof watch> | null {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => seen(name))
    watcher.on('error', onError)
    return watcher
  } catch (error) {
    onError(error)
    return null
  }
}
