/** Where the tape of a generation lies. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { GenerationRecord } from '../store/store.ts'

/** `at`: when it was opened, in milliseconds since 1970. */
export function tapeFileIn(folder: string, generation: string, at: number): string {
  return join(folder, new Date(at).toISOString().slice(0, 10), `${generation}.tape.jsonl`)
}

/** Where it lies now: the ledger knows where it was recorded, and folders move. Null where it is not there. */
export function findTape(
  { id, at, tape }: Pick<GenerationRecord, 'id' | 'at' | 'tape'>,
  folder: string,
): string | null {
  if (tape === null) return null
  const here = tapeFileIn(folder, basename(id), at)
  return [tape, here].find((file) => existsSync(file)) ?? null
}
