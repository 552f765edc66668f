/** Real clients over real sockets, through a gateway, to a provider that answers from recordings. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { corporaFiles } from '../../../../test/corpora.ts'
import { readSeeds, recordedAt } from '../recorded.ts'
import { type Act, refusal } from '../upstream.ts'
import { type ContractClient, type Form, forms } from './client.ts'
import { clients } from './clients.ts'
import { OpenRouterStreamError } from './openrouter-clients.ts'
import { startWorld } from './world.ts'

const world = await startWorld()
after(() => world[Symbol.asyncDispose]())
const seeds = await readSeeds()

const input = { a: 2, b: 3 }

for (const client of clients) {
  describe(client.name, () => {
    for (const form of forms) {
      test(`${form}: text, tokens and cost`, async () => {
        world.upstream.play({ type: 'answer', recorded: seeds.text.chutes })
        const read = await client.ask(world.place(), form)
        assert.equal(read.text, 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.')
        assert.deepEqual(read.calls, [])
        assert.deepEqual(read.usage, [273, 22])
        if (read.cost !== null) assert.equal(read.cost, 0.00013718)
        assert.equal(world.upstream.requests.length, 1)
      })

      // BaseTen's bytes say `null` where the schemas of OpenRouter's SDK want nothing.
      test(`${form}: two tool calls at once`, async () => {
        world.upstream.play({ type: 'answer', recorded: seeds.calls.baseten })
        const read = await client.ask(world.place(), form)
        assert.deepEqual(read.calls, [
          ['add', input],
          ['multiply', input],
        ])
        assert.deepEqual(read.usage, [216, 56])
        if (read.cost !== null) assert.equal(read.cost, 0.0002696)
      })

      refuses(client, form)
    }

    test('streamed: an answer that breaks off throws', async () => {
      world.upstream.play({ type: 'cut', recorded: seeds.text.chutes, events: 6 })
      await assert.rejects(client.ask(world.place(), 'streamed'), (error) => {
        // Each has its own class for it, none of them takes it for an answer.
        assert.ok(error instanceof Error || error instanceof OpenRouterStreamError)
        assert.doesNotMatch(String(error), /undefined|\[object/)
        return true
      })
    })
  })
}

test('those that show what an answer cost do', async () => {
  world.upstream.play({ type: 'answer', recorded: seeds.text.chutes })
  const costs: string[] = []
  for (const client of clients) {
    if ((await client.ask(world.place(), 'plain')).cost !== null) costs.push(client.name)
  }
  assert.deepEqual(costs, [
    'openai, chat completions',
    '@openrouter/sdk',
    'ai with @openrouter/ai-sdk-provider',
  ])
})

/** Each refusal is the client's own typed error, with its status. */
function refuses(client: ContractClient, form: Form): void {
  const slow = refusal(429, 'Rate limit reached', { headers: { 'retry-after': '7' } })
  const bad = refusal(400, 'temperature is too high', { code: 'invalid_request_error' })
  const table: readonly [
    name: string,
    status: number,
    act: Act,
    says: RegExp,
    changes?: () => Promise<object>,
  ][] = [
    ['a wrong key', 401, bad, /key/i, async () => ({ key: 'sk-ph-wrong' })],
    ['a key of which a letter is wrong', 401, bad, /key/i, async () => ({ key: changed(world.running.key) })],
    ['a model that nobody serves', 404, bad, /nobody\/nothing/, async () => ({ model: 'nobody/nothing' })],
    ['a key without money', 402, bad, /limit/i, async () => ({ key: await poorKey() })],
    ['what the provider finds wrong', 400, bad, /temperature is too high/],
    ['a provider that is asked too often', 429, slow, /rate limit/i],
  ]
  for (const [name, status, act, says, changes = async () => ({})] of table) {
    test(`${form}: ${name} is ${status}`, async () => {
      world.upstream.play(act)
      const place = world.place(await changes())
      await assert.rejects(client.ask(place, form), (error) => {
        const failure = client.failureOf(error)
        assert.equal(failure.status, status)
        assert.match(failure.message, says)
        assert.equal((error as Error).constructor.name, client.errors[status])
        return true
      })
    })
  }
}

async function poorKey(): Promise<string> {
  return (await world.running.createKey({ limits: [{ of: 'money', per: 'ever', most: 1n }] })).key
}

function changed(key: string): string {
  return key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')
}

const recordings = corporaFiles('go-vcr/fantasy/TestOpenRouterCommon', 'yaml')
describe('reasoning', { skip: recordings.skip }, () => {
  for (const client of clients) {
    for (const form of client.reasons) {
      test(`${client.name}, ${form}, is what was thought`, async () => {
        const file = recordings.files.find((name) => name.includes('/thinking-streaming-')) ?? assert.fail()
        const recorded = await recordedAt(file, 0)
        const thought = recorded.answer.message.content
          .map((part) => (part.type === 'reasoning' ? part.text : ''))
          .join('')
        assert.notEqual(thought, '')
        world.upstream.play({ type: 'answer', recorded })
        const { reasoning, text } = await client.ask(world.place(), form)
        assert.deepEqual([reasoning, text], [thought, recorded.text])
      })
    }
  }
})

/** Those that speak the upstream's own dialect, and take what providers really send: the SDK of OpenRouter does not. */
const same = clients.filter(({ name }) => /chat|ai-sdk-provider/i.test(name))
for (const client of same) {
  for (const form of forms) {
    for (const [name, { baseten, chutes }] of Object.entries(seeds)) {
      for (const recorded of [baseten, chutes]) {
        test(`${client.name}, ${form}, reads the same ${name} as from ${recorded.answer.provider} itself`, async () => {
          world.upstream.play({ type: 'answer', recorded })
          const origin = new URL(world.upstream.baseUrl).origin
          const direct = await client.ask(world.place({ origin }), form)
          assert.deepEqual(await client.ask(world.place(), form), direct)
        })
      }
    }
  }
}
