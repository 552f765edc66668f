import { join } from 'node:path'
import { record } from '@playhead/tape'
import { asker, network, questionOf, streamer } from './exchanges.ts'
import type { Tool } from './tool.ts'

const fileIn = (folder: string): string => join(folder, 'bench.tape.jsonl')

export const tool: Tool = {
  async write(folder, count) {
    const recorder = await record(fileIn(folder), { mode: 'all', fetch: network })
    const ask = asker(recorder.fetch)
    for (let index = 0; index < count; index++) await ask(questionOf(index))
    await recorder.stop()
  },
  async open(folder) {
    const recorder = await record(fileIn(folder), { mode: 'replay' })
    return {
      ask: asker(recorder.fetch),
      stream: streamer(recorder.fetch),
      close: () => recorder.stop(),
    }
  },
}
