/** Pages of `playhead tape inspect --html`, and what can be read back from their text. */
import type { Interaction } from '@playhead/tape'
import { renderPage } from '../src/html/page.ts'
import type { Detail, MessageView, Summary, Text } from '../src/html/page-data.ts'
import { inspect } from '../src/inspection.ts'

export const chatUrl = 'https://openrouter.ai/api/v1/chat/completions'

export interface Exchange {
  readonly messages: readonly object[]
  /** Of an answer: its pieces as they came, one each millisecond after the first second. */
  readonly events?: readonly object[]
  readonly changes?: Partial<Interaction>
  readonly request?: object
}

/** Interactions with a chat model, as a recorder keeps them. */
export function chat(exchanges: readonly Exchange[]): Interaction[] {
  return exchanges.map(({ messages, events = [], changes = {}, request = {} }, id) => {
    const pieces = [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n']
    const chunks = pieces.map((piece, index) => ({ length: Buffer.byteLength(piece), at: 1000 + index }))
    return {
      id,
      request: {
        method: 'POST',
        url: chatUrl,
        headers: [['content-type', 'application/json']],
        body: JSON.stringify({ model: 'some/model', stream: true, messages, ...request }),
      },
      response: {
        status: 200,
        statusText: 'OK',
        headers: [['content-type', 'text/event-stream']],
        duration: 999,
        body: pieces.join(''),
        chunks,
      },
      ending: { type: 'end', at: 1000 + pieces.length },
      startedAt: 1_769_860_800_000,
      ...changes,
    }
  })
}

/** The events of a plain answer. */
export function answer(delta: object, finish = 'stop'): object[] {
  const start = { id: 'gen-1', model: 'some/model', provider: 'Chutes' }
  const usage = { prompt_tokens: 10, completion_tokens: 3, cost: 0.0000001 }
  return [
    { ...start, choices: [{ index: 0, delta }] },
    { ...start, choices: [{ index: 0, delta: {}, finish_reason: finish }], usage },
  ]
}

export function pageOf(interactions: Iterable<Interaction>, file = 'some.tape.jsonl', title = file): string {
  const inspections = Array.from(interactions, (interaction) => inspect(file, interaction))
  return [...renderPage(inspections, title)].join('')
}

export interface PageBlocks {
  readonly messages: readonly MessageView[]
  /** Of bodies, put together again. */
  readonly texts: readonly string[]
  readonly details: readonly Detail[]
  readonly summaries: readonly Summary[]
  readonly totals: unknown
}

/** The data in a page, found as a browser finds it: a block ends with the first `</script`. */
export function blocksOf(page: string): PageBlocks {
  const blocks = new Map<string, unknown>()
  for (const [, id = '', json = ''] of page.matchAll(
    /<script type="application\/json" id="(\w+)">(.*?)<\/script/gis,
  ))
    blocks.set(id, JSON.parse(json))
  const all = (letter: string): unknown[] =>
    [...blocks].filter(([id]) => new RegExp(`^${letter}\\d+$`).test(id)).map(([, value]) => value)
  const texts: string[] = []
  for (const text of all('t') as Text[]) texts.push(whole(texts, text))
  return {
    messages: all('m') as MessageView[],
    texts,
    details: all('d') as Detail[],
    summaries: all('s') as Summary[],
    totals: blocks.get('totals'),
  }
}

function whole(texts: readonly string[], stored: Text): string {
  if (typeof stored === 'string') return stored
  const like = texts[stored.like] ?? ''
  return like.slice(0, stored.start) + stored.text + like.slice(like.length - stored.end)
}

/** Places of a detail's messages. */
export function placesOf({ messages }: Detail): number[] {
  return messages.flatMap(([from, count]) => Array.from({ length: count }, (_, index) => from + index))
}
