/** aimock keeps the words of an answer and makes a stream of them, behind a port of this machine. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { answerOf, asker, textOf, wordsOf } from './exchanges.ts'
import type { Tool } from './tool.ts'

const fileIn = (folder: string): string => join(folder, 'fixtures.json')

export const tool: Tool = {
  kept: textOf,
  async write(folder, count) {
    const fixtures = Array.from({ length: count }, (_, index) => ({
      match: { userMessage: wordsOf(index) },
      response: { content: textOf(answerOf(index)) },
    }))
    writeFileSync(fileIn(folder), JSON.stringify({ fixtures }))
  },
  async open(folder) {
    const mock = new LLMock({ port: 0, journalMaxEntries: 1, chunkSize: 7 })
    mock.loadFixtureFile(fileIn(folder))
    await mock.start()
    return { ask: asker(fetch, `${mock.url}/v1/chat/completions`), close: () => mock.stop() }
  },
}
