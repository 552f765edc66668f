/** The floor: a line for each exchange, all parsed at once; a `fetch` that looks up the request's SHA-1. */
import { hash } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { answerOf, asker, eventsOf, questionOf, responseOf, streamer, streamOf } from './exchanges.ts'
import type { Tool } from './tool.ts'

export interface Line {
  readonly key: string
  readonly question: string
  readonly answer: string
}

export function keyOf(question: unknown): string {
  return hash('sha1', String(question))
}

export async function writeLines(folder: string, count: number): Promise<void> {
  const file = createWriteStream(join(folder, 'lines.jsonl'))
  for (let index = 0; index < count; index++) {
    const question = questionOf(index)
    const line: Line = { key: keyOf(question), question, answer: answerOf(index) }
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

/** All lines, parsed. */
export function readLines(folder: string): Line[] {
  const text = readFileSync(join(folder, 'lines.jsonl'), 'utf8')
  return text
    .split('\n', -1)
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}

export const tool: Tool = {
  write: writeLines,
  async open(folder) {
    const answers = new Map(readLines(folder).map(({ key, answer }) => [key, answer]))
    const find = (init: RequestInit): string => answers.get(keyOf(init.body)) ?? ''
    return {
      ask: asker(async (_url, init) => responseOf(find(init))),
      stream: streamer(async (_url, init) =>
        responseOf(streamOf(eventsOf(find(init)).map((event) => Buffer.from(event)))),
      ),
      close: () => answers.clear(),
    }
  },
}
