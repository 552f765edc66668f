/** A gateway that records, before two upstreams, and what stands on its tapes. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Interaction, openCassette } from '@playhead/tape'
import type { Configuration } from '../../src/config/configuration.ts'
import type { GenerationRecord } from '../../src/store/store.ts'
import type { Recorded } from '../recorded.ts'
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { startUpstream, type Upstream } from '../upstream.ts'

export interface Recording extends AsyncDisposable {
  readonly running: Running
  /** Where tapes go. */
  readonly folder: string
  /** Asked in this order. */
  readonly one: Upstream
  readonly two: Upstream
  /** Asks and reads all that comes; with what the ledger then says. */
  ask(question?: Question): Promise<Told>
  /** The ledger's line, when it is settled. */
  settled(generation: string): Promise<GenerationRecord>
}

export interface Question {
  readonly stream?: boolean
  readonly key?: string
  readonly path?: string
  readonly model?: string
  readonly text?: string
  readonly signal?: AbortSignal
  readonly more?: object
}

export interface Told {
  readonly status: number
  readonly text: string
  readonly record: GenerationRecord
}

export const prices = ['0.38', '1.52'] as const

/** Records what `share` says: everything, unless it says otherwise. */
export async function startRecording(changes: Partial<Configuration> = {}, share = 1): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-tapes-'))
  const [one, two] = await Promise.all([startUpstream(), startUpstream()])
  const running = await startGateway({
    providers: providersOf({
      one: { kind: 'openrouter', baseUrl: one.baseUrl },
      two: { kind: 'openrouter', baseUrl: two.baseUrl },
      // A key of this kind is set nowhere.
      keyless: { kind: 'mistral', baseUrl: one.baseUrl },
    }),
    models: modelsOf({
      both: [
        ['one', prices],
        ['two', prices],
      ],
      lone: [['one', prices]],
      keyless: [['keyless', prices]],
      half: [
        ['keyless', prices],
        ['one', prices],
      ],
    }),
    recording: { folder, share },
    ...changes,
  })
  const settled = (generation: string): Promise<GenerationRecord> => settledAt(running, generation)
  return {
    running,
    folder,
    one,
    two,
    settled,
    async ask(question = {}) {
      const response = await send(running, question)
      const text = await response.text().catch(String)
      const record = await settled(response.headers.get('x-generation-id') ?? '')
      return { status: response.status, text, record }
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Sends a question and gives what comes as it comes. */
export function send(running: Running, question: Question): Promise<Response> {
  const { stream = false, key = running.key, path = 'chat/completions', model = 'both', signal } = question
  const { text = 'How much is 2 + 3?', more = {} } = question
  const messages = [{ role: 'user', content: text }]
  const provider = { order: ['one', 'two'] }
  return fetch(`${running.baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, stream, provider, ...more }),
    ...(signal !== undefined && { signal }),
  })
}

/** Asks a provider that falls silent after four events, reads what comes first and leaves; with what the ledger then says. */
export async function askAndLeave(recording: Recording, recorded: Recorded): Promise<GenerationRecord> {
  recording.one.play({ type: 'stall', recorded, events: 4 })
  const leaving = new AbortController()
  const response = await send(recording.running, { stream: true, signal: leaving.signal })
  await response.body?.getReader().read()
  leaving.abort()
  return recording.settled(response.headers.get('x-generation-id') ?? '')
}

/** What stands on a generation's tape, read. */
export async function tapedOf({ tape }: GenerationRecord): Promise<readonly Interaction[]> {
  using cassette = (await openCassette(tape ?? '')) ?? assert.fail(`there is no tape ${tape}`)
  return Array.from(cassette, (one) => ({ ...one, response: one.response && { ...one.response } }))
}

async function settledAt(running: Running, generation: string): Promise<GenerationRecord> {
  for (;;) {
    const record = await running.gateway.store.findGeneration(generation, null)
    assert.ok(record !== null, `there is no generation ${generation}`)
    if (record.outcome !== 'open') return record
    await wait(5)
  }
}
