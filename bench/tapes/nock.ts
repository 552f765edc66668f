import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import nock from 'nock'
import { answerOf, asker, questionOf, url } from './exchanges.ts'
import type { Tool } from './tool.ts'

const fileIn = (folder: string): string => join(folder, 'nock.json')

export const tool: Tool = {
  /** What `nock.recorder` gives for them. */
  async write(folder, count) {
    const { origin, pathname } = new URL(url)
    const definitions = Array.from({ length: count }, (_, index) => ({
      scope: `${origin}:443`,
      method: 'POST',
      path: pathname,
      body: JSON.parse(questionOf(index)) as unknown,
      status: 200,
      response: answerOf(index),
      rawHeaders: ['content-type', 'text/event-stream'],
    }))
    writeFileSync(fileIn(folder), JSON.stringify(definitions))
  },
  async open(folder) {
    nock.disableNetConnect()
    nock.load(fileIn(folder))
    if (!nock.isActive()) nock.activate()
    return {
      ask: asker(fetch),
      close() {
        nock.cleanAll()
        nock.restore()
      },
    }
  },
}
