/** Tapes that tests write by hand: the lines of the native format. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** An exchange as a test says it. */
export interface Exchange {
  readonly url?: string
  readonly headers?: readonly (readonly [string, string])[]
  /** What is asked: JSON of a chat, or any text. */
  readonly body?: string
  readonly status?: number
  /** The answer's pieces; null where no head came. */
  readonly chunks?: readonly string[] | null
  readonly type?: string
  /** How it ended; undefined leaves the line out, as a crash does. */
  readonly ending?: { readonly type: string; readonly [field: string]: unknown } | null
  readonly startedAt?: string
}

const chatUrl = 'https://api.openai.com/v1/chat/completions'

export function chat(question: string, ...more: readonly object[]): string {
  const messages = [{ role: 'user', content: question }, ...more]
  return JSON.stringify({ model: 'gpt-5-mini', messages })
}

export function answer(text: string, { prompt = 10, cost }: { prompt?: number; cost?: number } = {}): string {
  return JSON.stringify({
    id: 'gen-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5-mini',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: 5,
      total_tokens: prompt + 5,
      ...(cost !== undefined && { cost }),
    },
  })
}

/** Writes a native tape and gives its path. */
export function writeTape(
  file: string,
  exchanges: readonly Exchange[],
  header: Readonly<Record<string, unknown>> = {},
): string {
  const start = { type: 'tape', version: 1, recordedAt: null, matcher: 'strict', normalise: [], parent: null }
  const lines = [{ ...start, ...header }, ...exchanges.flatMap(linesOf)]
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

function linesOf(exchange: Exchange, id: number): readonly object[] {
  const { url = chatUrl, headers = [], body = chat(`question ${id}`), status = 200 } = exchange
  const { chunks = [answer(`answer ${id}`)], type = 'application/json', startedAt = null } = exchange
  const ending = exchange.ending === undefined ? { type: 'end' } : exchange.ending
  const request = { type: 'request', id, key: null, at: startedAt, method: 'POST', url, headers, body }
  const head = { type: 'response', id, at: 5, status, statusText: '', headers: [['content-type', type]] }
  return [
    request,
    ...(chunks === null ? [] : [head]),
    ...(chunks ?? []).map((text, index) => ({ type: 'chunk', id, at: 6 + index, text })),
    ...(ending === null ? [] : [lastLine(id, ending)]),
  ]
}

/** `type` and `id` stand first. */
function lastLine(id: number, { type, ...more }: NonNullable<Exchange['ending']>): object {
  return { type, id, at: 20, ...more }
}
