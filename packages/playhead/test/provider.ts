/** A provider of models on this machine, which answers with what the seeds recorded. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Cassette, openCassette, type RecordedResponse } from '@playhead/tape'
import { retryTape, root, type Scope } from './command.ts'

export interface FakeProvider {
  /** Where an agent is sent: `--base-url`. */
  readonly baseUrl: string
  /** What arrived. */
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[]
  /** Ends it, before the test does. */
  readonly close: () => void
}

/** Answers one request. */
export type Respond = (response: ServerResponse, index: number) => void

/** Starts a provider that answers the requests in turn, the last answer for all that follow. */
export async function serveProvider(
  t: Scope,
  ...answers: readonly [Respond, ...Respond[]]
): Promise<FakeProvider> {
  const requests: FakeProvider['requests'] = []
  const listener: RequestListener = (request, response) => {
    const index = requests.length
    void text(request).then((body) => {
      requests.push({ headers: request.headers, body })
      return (answers[index] ?? answers.at(-1) ?? answers[0])(response, index)
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  t.after(close)
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`, requests, close }
}

const seed = openCassette(join(root, retryTape))

/** The seed's answers: the calls of both tools, a 429 (to be tried again at once), the text. */
export const toolCalls = recorded(0)
export const rateLimit = recorded(1)
export const finalText = recorded(2)

function recorded(index: number): Respond {
  return (response) => {
    void seed.then((cassette) => {
      const { status, headers, body } = responseOf(cassette, index)
      return response.writeHead(status, { ...Object.fromEntries(headers), 'retry-after-ms': '1' }).end(body)
    })
  }
}

function responseOf(cassette: Cassette | undefined, index: number): RecordedResponse {
  const response = cassette?.at(index).response ?? null
  if (response === null) throw new Error(`${retryTape} has no response ${index}`)
  return response
}

/** Any answer. */
export function answering(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Respond {
  return (response) => response.writeHead(status, headers).end(body)
}

/** A stream that begins to speak and then says nothing more. */
export function stalling(onClose: () => void): Respond {
  return (response) => {
    response.on('close', onClose)
    const chunk = { id: 'gen-1', model: 'm', choices: [{ index: 0, delta: { content: 'Well' } }] }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
}
