/** A program whose client stands on a tape sees what it sees without one: when it is recorded, and when it is replayed. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import undici from 'undici'
import { install } from '../src/install/install.ts'
import { memoryTape } from './memory-tape.ts'
import { serve } from './servers.ts'

interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
  /** Written piece by piece. */
  readonly body?: readonly string[]
}

/** Says `piece` when a client has read one: a server that waits for it sends no two that could be read as one. */
const clientRead = new EventEmitter()

/** What a program saw, in order. */
type Client = (url: string, sent: Sent) => Promise<readonly string[]>

function nodeClient(more: () => http.RequestOptions): Client {
  return (url, { method = 'GET', headers = {}, body = [] }) =>
    new Promise((resolve) => {
      const seen: string[] = []
      const request = http.request(url, { method, headers, ...more() }, (response) => {
        const { statusCode, statusMessage } = response
        seen.push(`${statusCode} ${statusMessage} ${headersOf(Object.entries(response.headers))}`)
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => {
          pieces.push(piece)
          clientRead.emit('piece')
        })
        response.on('end', () => seen.push(...bodyOf(pieces, response.headers['content-encoding'])))
        response.on('aborted', () => seen.push('aborted'))
        response.on('error', (error) => seen.push(`response ${failureOf(error)}`))
        response.on('close', () => seen.push(`response closed, ${response.complete ? 'whole' : 'cut'}`))
      })
      for (const event of ['socket', 'finish', 'abort', 'timeout']) request.on(event, () => seen.push(event))
      request.on('error', (error) => seen.push(`request ${failureOf(error)}`))
      request.on('close', () => {
        seen.push('request closed')
        setTimeout(resolve, 5, seen)
      })
      for (const piece of body) request.write(piece)
      request.end()
    })
}

const fetchClient: Client = async (url, { method = 'GET', headers = {}, body }) => {
  const init = { method, headers, redirect: 'manual' as const, ...(body && { body: body.join('') }) }
  return readFetched(() => fetch(url, init))
}

const undiciFetch: Client = async (url, { method = 'GET', headers = {}, body }) => {
  const init = { method, headers, redirect: 'manual' as const, ...(body && { body: body.join('') }) }
  return readFetched(() => undici.fetch(url, init) as unknown as Promise<Response>)
}

async function readFetched(send: () => Promise<Response>): Promise<readonly string[]> {
  const seen: string[] = []
  try {
    const response = await send()
    seen.push(`${response.status} ${response.statusText} ${headersOf(response.headers)}`)
    seen.push(...bodyOf(await piecesOf(response.body ?? []), undefined))
  } catch (error) {
    seen.push(failureOf(error))
  }
  return seen
}

const undiciRequest: Client = async (url, { method = 'GET', headers = {}, body }) => {
  const seen: string[] = []
  try {
    const options = { method: method as 'GET', headers, ...(body && { body: body.join('') }) }
    const response = await undici.request(url, options)
    seen.push(`${response.statusCode} ${headersOf(Object.entries(response.headers))}`)
    const pieces = await piecesOf(response.body)
    seen.push(...bodyOf(pieces, response.headers['content-encoding']))
  } catch (error) {
    seen.push(failureOf(error))
  }
  return seen
}

async function piecesOf(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) {
    pieces.push(piece)
    clientRead.emit('piece')
  }
  return pieces
}

/** Headers that say how a message is sent: a recorder hands on what it means. */
const framing = new Set([
  'connection',
  'keep-alive',
  'date',
  'transfer-encoding',
  'content-length',
  'content-encoding',
])

function headersOf(headers: Iterable<readonly [string, unknown]>): string {
  const kept = [...headers].filter(([name]) => !framing.has(name))
  return JSON.stringify(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function bodyOf(pieces: readonly Uint8Array[], encoding: unknown): readonly string[] {
  if (encoding === 'gzip') return [gunzipSync(Buffer.concat(pieces)).toString()]
  return pieces.map((piece) => Buffer.from(piece).toString())
}

/** Sockets and ports vary. */
function failureOf(error: unknown): string {
  const { name, message, code, cause } = error as Error & { code?: string }
  const own = `${name} ${code ?? ''} ${message.replace(/:\d+$/, '')}`
  return cause === undefined ? own : `${own} (${failureOf(cause)})`
}

const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/json': (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'x-a': 'b' }).end('{"a":"é"}'),
  '/cookies': (_, response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('x'),
  '/echo': (request, response) => {
    let text = `${request.method} ${String(request.headers['x-sent'])} `
    request.on('data', (piece: Buffer) => (text += String(piece)))
    request.on('end', () => response.end(text))
  },
  '/headers': (request, response) => response.end(headersOf(Object.entries(request.headers))),
  '/stream': (_, response) => {
    const pieces = ['data: a\n\n', 'data: b\n', '\n', 'data: [DONE]\n\n']
    const sendNext = (): void => {
      const piece = pieces.shift()
      if (piece === undefined) return void response.end()
      clientRead.once('piece', sendNext)
      response.write(piece)
    }
    sendNext()
  },
  '/gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped')),
  '/none': (_, response) => response.writeHead(204).end(),
  '/nothing': (_, response) => response.writeHead(200).end(),
  '/moved': (_, response) => response.writeHead(302, { location: '/json' }).end('elsewhere'),
  '/unchanged': (_, response) => response.writeHead(304, { etag: '"a"' }).end(),
  '/busy': (_, response) => response.writeHead(429, 'Slow Down', { 'retry-after': '1' }).end('slow down'),
  '/hang-up': (request) => request.socket.destroy(),
  '/cut': (request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('abc')
    clientRead.once('piece', () => request.socket.destroy())
  },
  '/cut-stream': (request, response) => {
    response.write('abc')
    clientRead.once('piece', () => request.socket.destroy())
  },
  '/reset': (request, response) => {
    response.write('abc')
    clientRead.once('piece', () => request.socket.resetAndDestroy())
  },
}

const json = { 'content-type': 'application/json', 'x-sent': 'yes' }
const scenarios: readonly [sentence: string, path: string, sent: Sent][] = [
  ['a plain answer', '/json', {}],
  ['a header that stands twice', '/cookies', {}],
  ['a question with a body', '/echo', { method: 'POST', headers: json, body: ['{"q":1}'] }],
  ['an upload piece by piece', '/echo', { method: 'PUT', headers: json, body: ['one ', 'two ', 'drei €'] }],
  ['what is sent besides', '/headers', { headers: { 'X-Sent': 'Yes', authorization: 'Bearer none' } }],
  ['a method without a body', '/echo', { method: 'DELETE' }],
  ['a stream, chunk for chunk', '/stream', {}],
  ['an encoded answer', '/gzip', { headers: { 'accept-encoding': 'gzip' } }],
  ['no content', '/none', {}],
  ['an empty answer', '/nothing', {}],
  ['a head alone', '/json', { method: 'HEAD' }],
  ['a redirect, not followed', '/moved', {}],
  ['nothing new', '/unchanged', {}],
  ['an error with a text of its own', '/busy', { method: 'POST', body: ['x'] }],
  ['a connection that is hung up', '/hang-up', { method: 'POST', body: ['x'] }],
  ['an answer that breaks off before its length', '/cut', {}],
  ['a stream that breaks off', '/cut-stream', {}],
  ['a connection that is reset', '/reset', {}],
  ['nobody there', 'closed', {}],
]

/** Where nobody listens any more. */
async function closedPort(): Promise<string> {
  const releases: (() => void)[] = []
  const url = await serve({ after: (release) => releases.push(release) }, () => {})
  for (const release of releases) release()
  return `${url}/`
}

const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 1 })
const clients: Readonly<Record<string, Client>> = {
  'node:http': nodeClient(() => ({})),
  'node:http without an agent': nodeClient(() => ({ agent: false })),
  'node:http with an agent of its own': nodeClient(() => ({ agent: keepAlive })),
  fetch: fetchClient,
  'undici.fetch': undiciFetch,
  'undici.request': undiciRequest,
}

for (const [name, client] of Object.entries(clients)) {
  for (const [sentence, path, sent] of scenarios) {
    test(`${name}: ${sentence}`, { timeout: 10_000 }, async (t) => {
      let arrived = 0
      const base = await serve(t, (request, response) => {
        arrived += 1
        answers[request.url ?? '']?.(request, response)
      })
      const url = path === 'closed' ? await closedPort() : base + path
      const live = await client(url, sent)
      const tape = memoryTape()
      const stopRecording = install(tape.record)
      const recorded = await client(url, sent).finally(stopRecording)
      const before = arrived
      const stopReplaying = install(tape.replay)
      const replayed = await client(url, sent).finally(stopReplaying)
      assert.deepEqual(tape.asked, Array(2).fill(`${sent.method ?? 'GET'} ${url}`))
      // Without a connection nothing is sent; to a recorder all was, before it knows.
      const isSent = (one: string): boolean => path !== 'closed' || one !== 'finish'
      assert.deepEqual(recorded.filter(isSent), live, 'recorded')
      assert.deepEqual(replayed.filter(isSent), live, 'replayed')
      assert.equal(arrived, before, 'a replay sends nothing')
    })
  }
}
