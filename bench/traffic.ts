/** The answers that are measured, in the shape of the seeds' recordings, and the fetch that gives them. */
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import type { Fetch } from './targets/target.ts'

/** One streamed answer: which chunks it is made of, in which order. No chunk is made while it streams. */
export interface Answer {
  readonly table: readonly Uint8Array[]
  /** For each chunk, its place in the table. */
  readonly order: Uint16Array
}

/** An answer, and what whoever reads it must have understood. */
export interface Expected {
  readonly answer: Answer
  readonly events: number
  /** The text of each event; most are empty in the part where tools are called. */
  readonly texts: readonly string[]
  /** The `text` inside the input of each tool call. */
  readonly inputs: readonly string[]
}

/** What an answer after tool results says. */
export const closing = 'Done.'

const words =
  "I'll| perform| both| addition| and| multiplication| on| the| numbers| |2| and| |3|.|\n|-| Addition|:| |2| +| 3| =| 5|\n|-| Multi|plication|: 2| ×| 3|".split(
    '|',
  )
const letters = 'the quick brown fox jumps over the lazy dog and runs on '

/** An answer of content deltas only. */
export function textAnswer(events: number): Expected {
  const script = new Script()
  script.addTexts(events - 2)
  return script.end('stop')
}

/** 60 % content, then two parallel tool calls whose input comes four characters at a time. */
export function mixedAnswer(events: number): Expected {
  const script = new Script()
  const deltas = Math.floor((events * 0.4 - 2) / 2)
  script.addTexts(events - 2 - 2 * deltas)
  script.addCall(0, 'write', deltas)
  script.addCall(1, 'note', deltas)
  return script.end('tool_calls')
}

export function closingAnswer(): Answer {
  const script = new Script()
  script.add(content(closing), closing)
  return script.end('stop').answer
}

/** The same bytes in chunks of one size. */
export function rechunk(answer: Answer, size: number): Answer {
  const bytes = Buffer.concat(Array.from(answer.order, (place) => chunkAt(answer, place)))
  const table: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += size) table.push(bytes.subarray(start, start + size))
  return { table, order: Uint16Array.from(table.keys()) }
}

/** The answer with all but its end said so many times; it takes two bytes of memory for an event. */
export function repeated(answer: Answer, times: number): Answer {
  const end = 3
  const body = answer.order.subarray(0, -end)
  const order = new Uint16Array(body.length * times + end)
  for (let time = 0; time < times; time++) order.set(body, time * body.length)
  order.set(answer.order.subarray(-end), body.length * times)
  return { table: answer.table, order }
}

/** The two answers of the BaseTen seed, one event per chunk. */
export function seedAnswers(): readonly Answer[] {
  const path = new URL('../examples/calculator/baseten.yaml', import.meta.url)
  const tape = load(readFileSync(path, 'utf8')) as { interactions: { response: { body: string } }[] }
  return tape.interactions.map(({ response }) => {
    const table = response.body.split(/(?<=\n\n)/).map((event) => Buffer.from(event))
    return { table, order: Uint16Array.from(table.keys()) }
  })
}

/** A server in memory: answers in turn, and starts over with each run. */
export class Server {
  readonly #answers: readonly Answer[]
  /** The bodies of the requests since the start of the run. */
  bodies: string[] = []

  constructor(answers: readonly Answer[]) {
    this.#answers = answers
  }

  restart(): void {
    this.bodies = []
  }

  readonly fetch: Fetch = async (_url, init) => {
    if (typeof init?.body !== 'string') throw new Error('A request without a text body')
    const answer = this.#answers[this.bodies.push(init.body) - 1]
    if (answer === undefined) throw new Error(`One request too many: ${init.body.slice(0, 200)}`)
    return new Response(streamOf(answer), { headers: { 'content-type': 'text/event-stream' } })
  }
}

function streamOf(answer: Answer): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const place = answer.order[next++]
      if (place === undefined) controller.close()
      else controller.enqueue(chunkAt(answer, place))
    },
  })
}

function chunkAt(answer: Answer, place: number): Uint8Array {
  const chunk = answer.table[place]
  if (chunk === undefined) throw new Error(`No chunk ${place}`)
  return chunk
}

/** Writes an answer, event by event. Equal events are one chunk of the table. */
class Script {
  readonly #table: Uint8Array[] = []
  readonly #places = new Map<string, number>()
  readonly #order: number[] = []
  readonly #texts: string[] = []
  readonly #inputs: string[] = []

  add(event: string, text = ''): void {
    let place = this.#places.get(event)
    if (place === undefined) {
      place = this.#table.push(Buffer.from(`data: ${event}\n\n`)) - 1
      this.#places.set(event, place)
    }
    this.#order.push(place)
    this.#texts.push(text)
  }

  addTexts(count: number): void {
    for (let index = 0; index < count; index++) {
      const word = words[index % words.length] ?? ''
      this.add(content(word), word)
    }
  }

  /** The first event opens the call, the others bring its input: `{"text": "…"}`. */
  addCall(index: number, name: string, deltas: number): void {
    this.add(toolDelta(index, `functions.${name}:${index}`, name, ''))
    const body = letters.repeat(Math.ceil((deltas * 4) / letters.length)).slice(0, (deltas - 3) * 4)
    const input = `{"text": "${body}"}`
    const size = Math.ceil(input.length / (deltas - 1))
    for (let start = 0, left = deltas - 1; left > 0; left--, start += size) {
      this.add(toolDelta(index, null, null, input.slice(start, start + size)))
    }
    this.#inputs.push(body)
  }

  end(reason: string): Expected {
    this.add(chunkOf({ role: 'assistant', content: '' }, reason))
    this.add(usage)
    const events = this.#order.length
    this.add('[DONE]')
    const answer = { table: this.#table, order: Uint16Array.from(this.#order) }
    return { answer, events, texts: this.#texts, inputs: this.#inputs }
  }
}

function content(text: string): string {
  return chunkOf({ role: 'assistant', content: text }, null)
}

function toolDelta(index: number, id: string | null, name: string | null, text: string): string {
  const call = { id, index, type: 'function', function: { name, arguments: text } }
  return chunkOf({ role: 'assistant', content: null, tool_calls: [call] }, null)
}

const head = {
  id: 'gen-1758711091-yC1TFxyFwWc6YJ7lT4yj',
  provider: 'Chutes',
  model: 'moonshotai/kimi-k2-0905',
  object: 'chat.completion.chunk',
  created: 1758711091,
}

function chunkOf(delta: object, reason: string | null): string {
  const choice = { index: 0, delta, finish_reason: reason, native_finish_reason: reason, logprobs: null }
  return JSON.stringify({ ...head, choices: [choice] })
}

const usage = JSON.stringify({
  ...head,
  choices: [
    {
      index: 0,
      delta: { role: 'assistant', content: '' },
      finish_reason: null,
      native_finish_reason: null,
      logprobs: null,
    },
  ],
  usage: {
    prompt_tokens: 197,
    completion_tokens: 41,
    total_tokens: 238,
    cost: 0.00013718,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: 0.00007486,
      upstream_inference_completions_cost: 0.00006232,
    },
    completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 },
  },
})
