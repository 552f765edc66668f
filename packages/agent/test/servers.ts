/** Servers of chat completions to run agents against: in this process, scripted, and over HTTP. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { record, virtualClock } from '@playhead/tape'
import {
  type Agent,
  agent,
  AgentError,
  type AgentOptions,
  custom,
  type Fetch,
  openrouter,
  type Run,
  type RunEvent,
  type RunResult,
} from '../src/index.ts'
import { calculator, prompt } from '../../../examples/calculator/calculator.ts'

/** What a model says in one answer. */
export interface Said {
  readonly text?: string
  readonly calls?: readonly (readonly [id: string, name: string, inputText: string])[]
  readonly finishReason?: string
  readonly usage?: readonly [input: number, output: number]
  /** Dollars, as JSON has them. */
  readonly cost?: number
}

const chunk = (delta: unknown, more: object = {}): object => ({
  id: 'gen-1',
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
})

/** The chunks of an answer, one delta each. */
export function chunksOf({ text = '', calls = [], finishReason, usage, cost }: Said): object[] {
  const [input, output] = usage ?? [0, 0]
  return [
    ...text.split(/(?<= )/).map((content) => chunk({ role: 'assistant', content })),
    ...calls.map(([id, name, inputText], index) =>
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: inputText } }] }),
    ),
    {
      ...chunk({}),
      choices: [
        { index: 0, delta: {}, finish_reason: finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop') },
      ],
    },
    ...(usage !== undefined || cost !== undefined
      ? [
          {
            id: 'gen-1',
            model: 'm',
            choices: [],
            usage: { prompt_tokens: input, completion_tokens: output, cost },
          },
        ]
      : []),
  ]
}

/** A stream of server-sent events; text stands as it is. */
export function sse(events: readonly unknown[]): string {
  return events
    .map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    .join('')
}

/** A whole answer as a stream's text. */
export function streamOf(said: Said): string {
  return sse([...chunksOf(said), '[DONE]'])
}

export function streamed(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}

/** A model's answer. */
export function says(said: Said): Response {
  return streamed(streamOf(said))
}

/** An error of HTTP. */
export function refuses(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  error = {},
): Response {
  return Response.json(
    { error: { message: `status ${status}`, code: status, ...error } },
    { status, headers },
  )
}

/** A body that stays open after its text, until it is cancelled. */
export function neverEnding(text = '', onCancel: () => void = () => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    cancel: onCancel,
  })
}

export interface SentRequest {
  readonly url: string
  readonly init: RequestInit
  readonly text: string
  readonly body: SentBody
}

export interface SentBody {
  readonly messages: readonly SentMessage[]
  readonly tools?: readonly { readonly function: { readonly parameters: unknown } }[]
  readonly [field: string]: unknown
}

export interface SentMessage {
  readonly role: string
  readonly content?: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly arguments: string } }[]
}

type Reply = Response | Error | ((request: SentRequest) => Response | Promise<Response>)

export interface Script {
  readonly fetch: Fetch
  readonly requests: SentRequest[]
}

/** A `fetch` that gives these replies in turn, and throws for a request beyond them. */
export function script(...replies: readonly Reply[]): Script {
  const requests: SentRequest[] = []
  return {
    requests,
    async fetch(url, init) {
      const text = init.body as string
      const request = { url, init, text, body: JSON.parse(text) as SentBody }
      requests.push(request)
      const reply = replies[requests.length - 1]
      if (reply === undefined) throw new Error(`Request ${requests.length} was not expected`)
      if (reply instanceof Error) throw reply
      return typeof reply === 'function' ? reply(request) : reply
    },
  }
}

export const plainModel = custom('m', { baseUrl: 'http://model.test/v1' })

/** An agent on a scripted model. */
export function scripted(options: Partial<AgentOptions> = {}): Agent {
  return agent({ model: plainModel, ...options })
}

export interface Outcome {
  readonly result: RunResult
  readonly events: readonly RunEvent[]
  readonly requests: readonly SentRequest[]
  /** Milliseconds that passed on the virtual clock. */
  readonly passed: number
}

/** Runs an agent on a script, to its end. */
export async function play(
  { fetch, requests }: Script,
  options: Partial<AgentOptions> = {},
  question: Parameters<Agent['run']>[0] = 'Go',
): Promise<Outcome> {
  const clock = virtualClock()
  const run = scripted(options).run(question, { fetch, clock, random: () => 0 })
  const events = await eventsOf(run)
  return { result: await run.result, events, requests, passed: clock.now() }
}

export async function eventsOf(run: Run): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return events
}

export function ofType<Type extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: Type,
): Extract<RunEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type)
}

/** Until everything that can go on has gone on. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Fails rather than hangs. */
export async function soon<Result>(promise: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('it hangs')), 3000)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export async function assertAborted(running: Promise<unknown>, cause?: unknown): Promise<void> {
  const error = await soon(running).then(
    () => assert.fail('it was not aborted'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof AgentError, String(error))
  assert.equal(error.code, 'aborted')
  if (cause !== undefined) assert.equal(error.cause, cause)
}

/** What a run fails with, which must be an AgentError. */
export async function failureOf(running: Promise<unknown>): Promise<AgentError> {
  const error = await running.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof AgentError, String(error))
  return error
}

export interface HttpServer {
  readonly baseUrl: string
  close(): Promise<void>
}

/** A server on a free port of this machine. */
export async function serve(
  answer: (body: SentBody, response: ServerResponse, request: IncomingMessage) => void,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => (text += piece))
    request.on('end', () => answer(JSON.parse(text) as SentBody, response, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The seeds, by file name, with the agent's model as it was when they were recorded. */
export const seeds = {
  'retry.yaml': openrouter('moonshotai/kimi-k2-0905'),
  'baseten.yaml': openrouter('moonshotai/kimi-k2-0905', { provider: { only: ['baseten'] } }),
} as const

export type SeedName = keyof typeof seeds

export function seedFile(name: SeedName): string {
  return fileURLToPath(new URL(`../../../examples/calculator/${name}`, import.meta.url))
}

/** Runs the seeds' agent on one of them. */
export async function playSeed(name: SeedName): Promise<Outcome & { readonly unused: number }> {
  const recorder = await record(seedFile(name), { mode: 'replay' })
  const { fetch, requests } = script(
    ...Array.from(
      { length: 9 },
      () =>
        async ({ url, init }: SentRequest) =>
          recorder.fetch(url, init),
    ),
  )
  const run = calculator.run(prompt, {
    fetch,
    clock: recorder.clock,
    random: recorder.random,
    model: seeds[name],
  })
  const events = await eventsOf(run)
  const passed = recorder.clock.now()
  return { result: await run.result, events, requests, passed, unused: recorder.unused.length }
}
