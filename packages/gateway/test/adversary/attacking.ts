/** A gateway before a provider that does whatever a test says, and a client that says whatever a test says. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DialectName } from '@playhead/wire'
import type { Configuration } from '../../src/config/configuration.ts'
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { untilSettled } from '../load/told.ts'
import type { GenerationRecord, KeyRecord, Standing } from '../../src/store/store.ts'

/** What a provider does with a request; the text is its body. */
export type Play = (response: ServerResponse, text: string, request: IncomingMessage) => void

export interface Attack extends AsyncDisposable {
  readonly running: Running
  /** The provider's base URL. */
  readonly provider: string
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
  /** The model's context, where it is known. */
  readonly contextLength?: number
  /** What the gateway proves itself to the provider with. */
  readonly secret?: string
}

/** Starts both. */
export async function startAttack(options: AttackOptions = {}): Promise<Attack> {
  const { changes = {} } = options
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
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`
  const running = await startGateway({
    ...servedBy(options, baseUrl),
    failover: { attempts: 1, afterFirstToken: 'error' },
    ...changes,
  })
  const attack: Attack = {
    running,
    provider: baseUrl,
    asked,
    play: (response) => void response.end(),
    ask: (body, { key = running.key, path = 'chat/completions', headers = {}, signal } = {}) =>
      fetch(`${running.baseUrl}/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        // Whoever is never answered fails instead of waiting.
        signal: signal ?? AbortSignal.timeout(30_000),
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

function servedBy(
  { kind = 'custom', dialects = ['openai-chat'], price = ['1', '2'], contextLength, secret }: AttackOptions,
  baseUrl: string,
): Pick<Configuration, 'providers' | 'models'> {
  const providers = [...providersOf({ acme: { kind, baseUrl, dialects } })].map(([name, provider]) => {
    const environment = secret === undefined ? provider.environment : { CUSTOM_API_KEY: secret }
    return [name, { ...provider, environment }] as const
  })
  const models = [...modelsOf({ 'm/m': [['acme', price]] })].map(([name, model]) => {
    const endpoints = model.endpoints.map((one) => ({ ...one, contextLength: contextLength ?? null }))
    return [name, { ...model, endpoints }] as const
  })
  return { providers: new Map(providers), models: new Map(models) }
}

/** What the ledger says of a key's only generation, when it is settled. */
export async function ledgerOf({ running }: Attack, { id }: KeyRecord): Promise<GenerationRecord> {
  const { store } = running.gateway
  await untilSettled(store, id)
  const [only, other] = await store.listGenerations({ keyId: id }, 2, null)
  assert.ok(only !== undefined && other === undefined, 'one generation is in the ledger')
  return only
}

/** How a key with one limit stands. */
export async function standingOf({ running }: Attack, { id, limits }: KeyRecord): Promise<Standing> {
  const owned = limits.map((limit) => ({ owner: `key:${id}`, limit }))
  const [only] = await running.gateway.store.standings(owned, Date.now())
  return only ?? assert.fail('the key has no limit')
}

/** A key that may spend so many dollars a day. */
export function cappedKey({ running }: Attack, cap = 1n): ReturnType<Running['createKey']> {
  return running.createKey({ limits: [{ of: 'money', per: 'day', most: cap * 10n ** 12n }] })
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
  words: (text: string): string =>
    frame({ delta: { role: 'assistant', content: text }, finish_reason: null }),
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
