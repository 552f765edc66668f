/** The provider that gateways are measured before: answers with bytes made beforehand, over bare sockets. */
import { createServer, type Socket } from 'node:net'
import { rechunk, textAnswer } from '../traffic.ts'

/** What a question's text asks for, with a colon behind it: ids of letters may spell one by chance. */
export const kinds = ['JSON', 'BURST', 'PACED', 'SLOW'] as const
export type Kind = (typeof kinds)[number]

/** Events of one streamed answer, in the shape of the seeds' chunks, the end and the tokens included. */
export const eventsOfAnswer = 100

const plain = JSON.stringify({
  id: 'gen-1763700000-abcdefghij',
  object: 'chat.completion',
  created: 1_763_700_000,
  model: 'moonshotai/kimi-k2-0905',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6. '.repeat(8),
      },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 273, completion_tokens: 22, total_tokens: 295 },
})

/** Each with its blank line. */
const events: readonly string[] = Buffer.concat(
  Array.from(rechunk(textAnswer(eventsOfAnswer).answer, 1 << 20).table, (bytes) => bytes),
)
  .toString()
  .split(/(?<=\n\n)/)

const head = (type: string): string => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n`
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const streamHead = `${head('text/event-stream')}transfer-encoding: chunked\r\n\r\n`

const answers = {
  JSON: Buffer.from(`${head('application/json')}content-length: ${Buffer.byteLength(plain)}\r\n\r\n${plain}`),
  BURST: Buffer.from(`${streamHead}${events.map(chunk).join('')}0\r\n\r\n`),
} as const

/** Milliseconds between two events. */
const pace = { PACED: 5, SLOW: 200 } as const

function answer(socket: Socket, kind: Kind): void {
  if (kind === 'JSON' || kind === 'BURST') {
    socket.write(answers[kind])
    return
  }
  socket.write(streamHead)
  const start = performance.now()
  let next = 0
  let timer: NodeJS.Timeout
  const stop = (): void => clearTimeout(timer)
  const send = (): void => {
    socket.write(chunk(events[next++] ?? ''))
    if (next < events.length) {
      // By the clock, not by the last one: what comes late is made up for.
      timer = setTimeout(send, Math.max(1, start + (next + 1) * pace[kind] - performance.now()))
      return
    }
    socket.off('close', stop)
    socket.write('0\r\n\r\n')
  }
  timer = setTimeout(send, pace[kind])
  socket.once('close', stop)
}

/** The end of the first whole request in what was read; 0 while there is none. */
function endOfRequest(read: Buffer): number {
  const end = read.indexOf('\r\n\r\n')
  if (end === -1) return 0
  const length = /content-length: (\d+)/i.exec(read.toString('latin1', 0, end))?.[1]
  if (length !== undefined) return read.length >= end + 4 + Number(length) ? end + 4 + Number(length) : 0
  const last = read.indexOf('0\r\n\r\n', end)
  return last === -1 ? 0 : last + 5
}

if (import.meta.main) {
  const server = createServer((socket) => {
    let read: Buffer = Buffer.alloc(0)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      read = read.length === 0 ? bytes : Buffer.concat([read, bytes])
      for (let end = endOfRequest(read); end > 0; end = endOfRequest(read)) {
        const request = read.subarray(0, end)
        read = read.subarray(end)
        answer(socket, kinds.find((kind) => request.includes(`"${kind}: `)) ?? 'JSON')
      }
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : null }))
  })
}
