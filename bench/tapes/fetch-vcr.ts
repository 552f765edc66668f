import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fetchVcr from 'fetch-vcr'
import { asker, localNetwork, questionOf } from './exchanges.ts'
import type { Tool } from './tool.ts'

const urlIn = (folder: string): string => join(folder, 'url.txt')

export const tool: Tool = {
  async write(folder, count) {
    const { url, close } = await localNetwork()
    fetchVcr.configure({ mode: 'record', fixturePath: folder })
    for (let index = 0; index < count; index++) await asker(fetchVcr, url)(questionOf(index))
    close()
    writeFileSync(urlIn(folder), url)
  },
  async open(folder) {
    fetchVcr.configure({ mode: 'playback', fixturePath: folder })
    return {
      ask: asker(fetchVcr, readFileSync(urlIn(folder), 'utf8')),
      // Else it keeps every answer that it ever gave.
      close: () => fetchVcr.clearCalled(),
    }
  },
}
