/** Finds the recordings of real traffic that tests run over; they lie outside the repository. */

import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

/** Recordings to run a test over, or why there are none, in the form of a test's `skip` option. */
export interface Corpus {
  readonly files: readonly string[]
  readonly skip: string | false
}

/**
 * The files under a folder of the corpora whose names end in `.extension`, in a fixed order. The
 * corpora are where `PLAYHEAD_CORPORA` says, else in `../shared/corpora`, seen from the repository.
 */
export function corporaFiles(folder: string, extension: string): Corpus {
  const root = process.env['PLAYHEAD_CORPORA'] ?? join(import.meta.dirname, '../../shared/corpora')
  const path = join(root, folder)
  if (!existsSync(path))
    return { files: [], skip: `no corpora in ${path}; set PLAYHEAD_CORPORA to where they are` }
  const files = globSync(`**/*.${extension}`, { cwd: path }).map((file) => join(path, file))
  return { files: files.toSorted(), skip: false }
}
