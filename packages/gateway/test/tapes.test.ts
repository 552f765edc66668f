/** Tapes as models of a gateway: what they are called, what they know again, and what their answers cost. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { GenerationRecord } from '../src/store/store.ts'
import { settledLedger } from './load/told.ts'
import { type Running, startGateway } from './running.ts'

/** An exchange on a tape. */
interface Exchange {
  readonly url: string
  readonly asked: object
  readonly answered: object
}

const messages = [{ role: 'user', content: 'Hello' }]
const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }

function chat(model: string, more: object = {}, at = 'https://api.openai.com/v1/chat/completions'): Exchange {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
  const answered = { id: 'gen-1', object: 'chat.completion', model, choices, usage: { ...usage, ...more } }
  return { url: at, asked: { model, messages }, answered }
}

/** A gateway with nothing but a tape, `t`. */
async function startTaped(t: { after(work: () => Promise<void>): void }, exchanges: readonly Exchange[]) {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-tapes-'))
  const file = join(folder, 't.tape.jsonl')
  await writeFile(
    file,
    linesOf(exchanges)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  )
  const running = await startGateway({ tapes: new Map([['t', file]]) })
  t.after(async () => {
    await running[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  return running
}

function linesOf(exchanges: readonly Exchange[]): readonly object[] {
  const headers = [['content-type', 'application/json']]
  return [
    { type: 'tape', version: 1, recordedAt: null, matcher: 'strict', normalise: [], parent: null },
    ...exchanges.flatMap(({ url, asked, answered }, id) => [
      { type: 'request', id, key: null, at: null, method: 'POST', url, headers, body: JSON.stringify(asked) },
      { type: 'response', id, at: 5, status: 200, statusText: '', headers },
      { type: 'chunk', id, at: 6, text: JSON.stringify(answered) },
      { type: 'end', id, at: 20 },
    ]),
  ]
}

async function ask({ origin, key }: Running, body: object, path = '/v1/chat/completions'): Promise<Response> {
  const headers = { authorization: `Bearer ${key}` }
  return fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function listed({ baseUrl, key }: Running): Promise<readonly string[]> {
  const response = await fetch(`${baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await response.json()) as { readonly data: readonly { readonly id: string }[] }
  return data.map(({ id }) => id)
}

async function lineOf({ gateway }: Running): Promise<GenerationRecord> {
  const [record] = await gateway.store.listKeys()
  const [line] = await settledLedger(gateway.store, record?.id ?? assert.fail('no key'))
  return line ?? assert.fail('nothing is in the ledger')
}

test('each model of a tape is listed once: the first by the name of the tape alone', async (t) => {
  const running = await startTaped(t, [chat('gpt-4o'), chat('gpt-4o'), chat('gpt-4o-mini')])
  assert.deepEqual(await listed(running), ['tape/t', 'tape/t/gpt-4o-mini'])
  for (const model of await listed(running))
    assert.equal((await ask(running, { model, messages })).status, 200, model)
})

const azure = 'https://lab.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21'

test('what was recorded at a URL with a query is found again', async (t) => {
  const running = await startTaped(t, [chat('gpt-4o', {}, azure)])
  assert.equal((await ask(running, { model: 'tape/t', messages })).status, 200)
})

test('Messages that were recorded as a beta are found again', async (t) => {
  const asked = { model: 'claude-sonnet-4-5', max_tokens: 5, messages }
  const running = await startTaped(t, [
    {
      url: 'https://api.anthropic.com/v1/messages?beta=true',
      asked,
      answered: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 10, output_tokens: 5 },
      },
    },
  ])
  for (const path of ['/v1/messages', '/v1/messages?beta=true'])
    assert.equal((await ask(running, { ...asked, model: 'tape/t' }, path)).status, 200, path)
})

/** Each row: a tape's answers; what the first is charged, and by whose word; what is reserved: the dearest of its model. */
const costs: readonly (readonly [
  name: string,
  exchanges: readonly Exchange[],
  cost: bigint,
  known: object,
  dearest: bigint,
])[] = [
  [
    'what its provider said',
    [chat('gpt-4o', { cost: 0.5 }), chat('other', { cost: 3 })],
    500_000_000_000n,
    { providerCost: 500_000_000_000n, catalogueCost: null },
    500_000_000_000n,
  ],
  [
    'what the catalogue says, where its provider said nothing',
    [chat('gpt-4o'), chat('gpt-4o', { cost: 3 })],
    3_500_000_000n,
    { providerCost: null, catalogueCost: 3_500_000_000n },
    3_000_000_000_000n,
  ],
  [
    'nothing, where nobody knows a price',
    [chat('nobodys'), chat('nobodys', { cost: 3 })],
    0n,
    { providerCost: null, catalogueCost: null },
    3_000_000_000_000n,
  ],
]
for (const [name, exchanges, cost, known, dearest] of costs) {
  test(`an answer of a tape is charged ${name}`, async (t) => {
    const running = await startTaped(t, exchanges)
    const response = await ask(running, { model: 'tape/t', messages })
    const { usage: told } = (await response.json()) as { readonly usage: { readonly cost?: number } }
    const line = await lineOf(running)
    const { providerCost, catalogueCost, boundMoney } = line
    assert.deepEqual([line.cost, { providerCost, catalogueCost }], [cost, known])
    assert.equal(told.cost, Number(cost) / 1e12)
    assert.equal(boundMoney, dearest)
  })
}
