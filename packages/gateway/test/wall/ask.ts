/** Asks a gateway over HTTP, as any client does, and says what was seen of the answer. */
import { setTimeout as after } from 'node:timers/promises'

/** A gateway to be asked. */
export interface Target {
  /** `http://127.0.0.1:4000/v1` */
  readonly baseUrl: string
  readonly key: string
  /** Milliseconds that a client waits for an answer's end. */
  readonly patience: number
  /** Further headers of each request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How an answer is asked for. */
export type Form = 'json' | 'stream'

/** What a client saw. */
export interface Seen {
  /** HTTP's; 0 where no head came. */
  readonly status: number
  /**
   * - `whole`: all of it, with its finish reason, and `[DONE]` where it is a stream.
   * - `error`: an error, as HTTP has it or as an event of the stream.
   * - `broken`: the connection broke.
   * - `silent`: it ended as if it were whole, and is not.
   * - `hung`: it never ended.
   */
  readonly ending: 'whole' | 'error' | 'broken' | 'silent' | 'hung'
  readonly text: string
  readonly finishReason: string | null
  /** The error's `code` or `type`, and its message. */
  readonly error: string | null
  /** Tokens in and out, and dollars as they were written; null where nothing was said. */
  readonly usage: {
    readonly input: number
    readonly output: number
    readonly cost: string | null
  } | null
  /** By which the account knows it: `x-generation-id`, or the answer's own id. */
  readonly id: string
  /** Events that are no JSON. */
  readonly malformed: number
  readonly headers: Headers
}

/** Sends one request and waits for the end of its answer. Never rejects. */
export async function ask(target: Target, form: Form, body: object): Promise<Seen> {
  const controller = new AbortController()
  const waiting = new AbortController()
  void after(target.patience, undefined, { signal: waiting.signal }).then(
    () => controller.abort('hung'),
    () => {},
  )
  const reading: Reading = { text: '', headers: new Headers(), status: 0, end: 'whole' }
  try {
    const response = await fetch(`${target.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${target.key}`,
        ...target.headers,
      },
      body: JSON.stringify({ ...body, stream: form === 'stream' }),
      signal: controller.signal,
    })
    reading.status = response.status
    reading.headers = response.headers
    const decoder = new TextDecoder()
    if (response.body !== null) {
      for await (const chunk of response.body) reading.text += decoder.decode(chunk, { stream: true })
    }
  } catch {
    reading.end = controller.signal.aborted ? 'hung' : 'broken'
  } finally {
    waiting.abort()
  }
  return seen(reading)
}

/** What came, as it came. */
interface Reading {
  text: string
  headers: Headers
  status: number
  end: 'whole' | 'broken' | 'hung'
}

function seen({ text, headers, status, end }: Reading): Seen {
  const isStream = headers.get('content-type')?.includes('event-stream') === true
  const lines = isStream ? dataOf(text) : [text]
  const parsed = lines.filter((line) => line !== '[DONE]').map(parse)
  const chunks = parsed.filter((chunk) => chunk !== undefined)
  const choices = chunks.flatMap((chunk) => objectsIn(chunk['choices']))
  const said = choices.map((choice) => objectOf(choice['delta'] ?? choice['message']))
  const finishReason = choices
    .map((choice) => wordOf(choice['finish_reason']))
    .findLast((word) => word !== null)
  const error = chunks.map((chunk) => chunk['error']).find((error) => error !== undefined && error !== null)
  const isWhole = finishReason !== undefined && (!isStream || lines.includes('[DONE]'))
  const finished = error !== undefined || status >= 400 ? 'error' : isWhole ? 'whole' : 'silent'
  return {
    status,
    // An error event says all there is to say, even where the connection breaks behind it.
    ending: end === 'whole' || (error !== undefined && end === 'broken') ? finished : end,
    text: said.map((delta) => (typeof delta['content'] === 'string' ? delta['content'] : '')).join(''),
    finishReason: finishReason ?? null,
    error: error === undefined ? null : wordsOf(objectOf(error)),
    usage: usageOf(chunks, text),
    id: headers.get('x-generation-id') ?? wordOf(chunks[0]?.['id']) ?? '',
    malformed: parsed.length - chunks.length,
    headers,
  }
}

function dataOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []))
}

function usageOf(chunks: readonly Fields[], text: string): Seen['usage'] {
  const usage = chunks
    .map((chunk) => chunk['usage'])
    .findLast((usage) => usage !== undefined && usage !== null)
  if (usage === undefined) return null
  const { prompt_tokens: input, completion_tokens: output } = objectOf(usage)
  // As it was written: a float could not say whether it is exact.
  const cost = [...text.matchAll(/"cost"\s*:\s*"?([-+.\deE]+)/g)].at(-1)?.[1] ?? null
  return { input: Number(input), output: Number(output), cost }
}

function wordsOf(error: Fields): string {
  const words = [wordOf(error['code']), wordOf(error['type']), wordOf(error['message'])]
  const metadata = error['metadata'] === undefined ? null : JSON.stringify(error['metadata'])
  return [...words, metadata].filter((word) => word !== null).join(' ')
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : null
}

type Fields = Readonly<Record<string, unknown>>

function parse(text: string): Fields | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function objectsIn(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(objectOf) : []
}
