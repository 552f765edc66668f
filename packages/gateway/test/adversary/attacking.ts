/** A gateway before a provider that does whatever a test says, and a client that says whatever a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DialectName } from '@playhead/wire'
import type { Configuration } from '../../src/config/configuration.ts'
import { configurationOf, modelsOf, providersOf, type Running, startGateway } from '../running.ts'

/** What a provider does with a request; the text is its body. */
export type Play = (response: ServerResponse, text: string, request: IncomingMessage) => void

export interface Attack extends AsyncDisposable {
  readonly running: Running
  /** Of the provider; changed at any time. */
  play: Play
  /** Bodies that the provider was sent. */
  readonly asked: string[]
  /** Asks the only model, `m/m`, for chat completions unless a path says otherwise. */
  ask(body: object | string, options?: AskOptions): Promise<Response>
  /** The same, and what came: the status, a blank, the text. */
  said(body: object | string, options?: AskOptions): Promise<string>
}

export interface AskOptions {
  readonly key?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface AttackOptions {
  /** A known kind of provider; default: a server that nobody knows. */
  readonly kind?: string
  readonly dialects?: readonly DialectName[]
  readonly changes?: Partial<Configuration>
  /** Dollars for a million tokens, in and out. */
  readonly price?: readonly [string, string]
}

/** Starts both. */
export async function startAttack(options: AttackOptions = {}): Promise<Attack> {
  const { kind = 'custom', dialects = ['openai-chat'], changes = {}, price = ['1', '2'] } = options
  const asked: string[] = []
  const provider = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      asked.push(text)
      attack.play(response, text, request)
    })
  })
  await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve))
  const { port } = provider.address() as AddressInfo
  const running = await startGateway({
    providers: providersOf({ acme: { kind, baseUrl: `http://127.0.0.1:${port}/v1`, dialects } }),
    models: modelsOf({ 'm/m': [['acme', price]] }),
    failover: { attempts: 1, afterFirstToken: 'error' },
    telemetry: { spans: 'never', propagate: false },
    ...changes,
  })
  const attack: Attack = {
    running,
    asked,
    play: (response) => void response.end(),
    ask: (body, { key = running.key, path = 'chat/completions', headers = {}, signal } = {}) =>
      fetch(`${running.baseUrl}/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal !== undefined && { signal }),
      }),
    async said(body, asking) {
      const response = await attack.ask(body, asking)
      return `${response.status} ${await response.text()}`
    },
    async [Symbol.asyncDispose]() {
      provider.closeAllConnections()
      await running[Symbol.asyncDispose]()
      await new Promise((resolve) => provider.close(resolve))
    },
  }
  return attack
}

/** The usual question, with more in it. */
export function question(more: object = {}): object {
  return { model: 'm/m', messages: [{ role: 'user', content: 'Hello' }], ...more }
}

/** An answer as OpenAI has it. */
export function answer(more: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...more,
  }
}

/** Frames of a stream as OpenAI has it: words, then an end. */
export const frames = {
  words: (text: string): string => frame({ delta: { role: 'assistant', content: text }, finish_reason: null }),
  stop: frame({ delta: {}, finish_reason: 'stop' }),
  usage: (usage: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n`,
  done: 'data: [DONE]\n\n',
} as const

function frame(choice: object): string {
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' }
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...choice }] })}\n\n`
}

/** Answers with JSON. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Play {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** Answers with a stream, whole. */
export function stream(...pieces: readonly string[]): Play {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(pieces.join(''))
  }
}

/** What became of the only generation of a key, when it is settled. */
export { configurationOf }
