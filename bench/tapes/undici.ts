import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetch, SnapshotAgent } from 'undici'
import { headers, localNetwork, questionOf } from './exchanges.ts'
import type { Tool } from './tool.ts'

const snapshotsIn = (folder: string): string => join(folder, 'snapshots.json')
const urlIn = (folder: string): string => join(folder, 'url.txt')

process.removeAllListeners('warning')

export const tool: Tool = {
  async write(folder, count) {
    const { url, close } = await localNetwork()
    const agent = new SnapshotAgent({ mode: 'record', snapshotPath: snapshotsIn(folder) })
    for (let index = 0; index < count; index++) await asker(agent, url)(questionOf(index))
    await agent.saveSnapshots()
    await agent.close()
    close()
    writeFileSync(urlIn(folder), url)
  },
  async open(folder) {
    const agent = new SnapshotAgent({ mode: 'playback', snapshotPath: snapshotsIn(folder) })
    return {
      ask: asker(agent, readFileSync(urlIn(folder), 'utf8')),
      close: () => agent.close(),
    }
  },
}

function asker(dispatcher: SnapshotAgent, url: string): (question: string) => Promise<string> {
  return async (body) => (await fetch(url, { method: 'POST', headers, body, dispatcher })).text()
}
