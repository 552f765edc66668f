/** What stands on the tapes: questions of 1.4 kB to one URL, each another one, and streamed answers of 10 kB. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { load } from 'js-yaml'
import { textAnswer } from '../traffic.ts'

export const url = 'https://openrouter.ai/api/v1/chat/completions'
export const headers = { 'content-type': 'application/json' }
const answerHeaders = { 'content-type': 'text/event-stream' }

const digits = 10
const mark = '#'.repeat(digits)
const marks = new RegExp(mark, 'g')

/** One event for each of an answer's chunks. */
export const chunksOfAnswer = 32
const [question, answer] = templates()

export function questionOf(index: number): string {
  return question.replaceAll(marks, numeral(index))
}

export function answerOf(index: number): string {
  return answer.replaceAll(marks, numeral(index))
}

/** What aimock tells questions apart by. */
export function wordsOf(index: number): string {
  return `Question ${numeral(index)}`
}

export function indexOf(asked: string): number {
  return Number(asked.match(/Question (\d{10})/)?.[1])
}

export function eventsOf(body: string): string[] {
  return body.split(/(?<=\n\n)/)
}

/** The words of an answer. */
export function textOf(body: string): string {
  const texts = eventsOf(body).map((event) => {
    if (!event.startsWith('data: {')) return ''
    const chunk = JSON.parse(event.slice('data: '.length)) as {
      choices: { delta: { content?: string | null } }[]
    }
    return chunk.choices[0]?.delta.content ?? ''
  })
  return texts.join('')
}

/** Asks through a `fetch`, the platform's or another that looks like it. */
export function asker(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  to = url,
): (question: string) => Promise<string> {
  return async (body) => (await fetch(to, { method: 'POST', headers, body })).text()
}

/** The same, reading the body as a stream. */
export function streamer(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): (question: string) => Promise<readonly [number, string]> {
  return async (body) => {
    const response = await fetch(url, { method: 'POST', headers, body })
    const utf8 = new TextDecoder()
    let [chunks, text] = [0, '']
    for await (const chunk of response.body ?? []) {
      chunks++
      text += utf8.decode(chunk, { stream: true })
    }
    return [chunks, text]
  }
}

export function responseOf(body: BodyInit): Response {
  return new Response(body, { headers: answerHeaders })
}

/** The network: every answer, an event for a chunk. */
export async function network(_url: string | URL | Request, init?: RequestInit): Promise<Response> {
  if (typeof init?.body !== 'string') throw new Error('A request without a text body')
  const chunks = eventsOf(answerOf(indexOf(init.body))).map((event) => Buffer.from(event))
  return responseOf(streamOf(chunks))
}

/** The same behind a port of this machine, for tools that record nothing but sockets. */
export async function localNetwork(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => response.writeHead(200, answerHeaders).end(answerOf(indexOf(body))))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api/v1/chat/completions`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
  })
}

function numeral(index: number): string {
  return String(index).padStart(digits, '0')
}

/** In the shape of the seeds' recordings, with the mark in several places. */
function templates(): readonly [question: string, answer: string] {
  const path = new URL('../../examples/calculator/retry.yaml', import.meta.url)
  const tape = load(readFileSync(path, 'utf8')) as { interactions: { request: { body: string } }[] }
  const body = JSON.parse(tape.interactions[0]?.request.body ?? '') as { messages: { content: string }[] }
  const last = body.messages.at(-1)
  const before = `Question ${mark}. Take your time, think of every number, and say what you do before you do it. `
  if (last !== undefined) last.content = before.repeat(3) + last.content
  const { table, order } = textAnswer(chunksOfAnswer - 1).answer
  const events = Array.from(order, (place) => String(table[place]))
  const first = events[0]?.replace(/"content":"[^"]*"/, `"content":"Answer ${mark}: "`) ?? ''
  return [
    JSON.stringify(body),
    [first, ...events.slice(1)].join('').replaceAll('gen-1758711091', `gen-${mark}`),
  ]
}
