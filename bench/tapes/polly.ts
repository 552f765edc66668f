import { createRequire } from 'node:module'
import { Polly } from '@pollyjs/core'
import { asker, network, questionOf } from './exchanges.ts'
import type { Tool } from './tool.ts'

// Imported, they would be modules to the type checker, which has it the other way round than Node.
const require = createRequire(import.meta.url)
Polly.register(require('@pollyjs/adapter-fetch'))
Polly.register(require('@pollyjs/persister-fs'))

const pollyIn = (folder: string, mode: 'record' | 'replay'): Polly =>
  new Polly('bench', {
    mode,
    adapters: ['fetch'],
    persister: 'fs',
    persisterOptions: { fs: { recordingsDir: folder } },
    recordIfMissing: false,
    recordFailedRequests: true,
    logLevel: 'silent',
  })

export const tool: Tool = {
  async write(folder, count) {
    globalThis.fetch = network
    const polly = pollyIn(folder, 'record')
    for (let index = 0; index < count; index++) await asker(fetch)(questionOf(index))
    await polly.stop()
  },
  async open(folder) {
    const polly = pollyIn(folder, 'replay')
    return { ask: asker(fetch), close: () => polly.stop() }
  },
}
