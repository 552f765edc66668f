/** Opens a cassette of any format. */
import { type FileHandle, open } from 'node:fs/promises'
import { codeOf, reasonOf } from './cassette-file.ts'
import type { Cassette } from './cassette.ts'
import { TapeError } from './error.ts'
import { longestText, readCassette, tooLarge } from './formats/read.ts'
import { isNativeTape } from './native/format.ts'
import { openNativeTape } from './native/read.ts'

/**
 * Opens a cassette for reading, told by what it holds and not by its name. Undefined when there is no such file;
 * throws a TapeError for one that is not a cassette.
 */
export async function openCassette(file: string): Promise<Cassette | undefined> {
  const content = await contentOf(file)
  if (content === undefined) return undefined
  return content === 'native' ? openNativeTape(file) : readCassette(content, file)
}

/** All of the file, but of a native tape only that it is one. */
async function contentOf(file: string): Promise<Uint8Array | 'native' | undefined> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0)
    if (isNativeTape(buffer.subarray(0, bytesRead))) return 'native'
    const { size } = await handle.stat()
    if (size > longestText) throw tooLarge(file)
    return await handle.readFile()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof TapeError) throw error
    throw new TapeError('unreadable', `the cassette cannot be read: ${reasonOf(error)}`, {
      file,
      cause: error,
    })
  } finally {
    await handle?.close()
  }
}
