/** Playhead's own agent through the gateway: in one process without a socket, and over one. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { virtualClock } from '@playhead/tape'
import { type Fetch, openrouter, redirect } from '@playhead/agent'
import { calculator, prompt } from '../../../../examples/calculator/calculator.ts'
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { readSeeds, seedFiles } from '../recorded.ts'
import { type Act, refusal, startUpstream, type UpstreamRequest } from '../upstream.ts'

const seeds = await readSeeds()
const model = 'moonshotai/kimi-k2-0905'
const [first, second] = [await startUpstream(), await startUpstream()]
after(() => Promise.all([first, second].map((upstream) => upstream[Symbol.asyncDispose]())))

const chutesText = 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.'
const basetenText = 'Here are the results:\n- Addition: 2 + 3 = 5\n- Multiplication: 2 × 3 = 6'

/** A gateway with a dear provider and a cheap one that is asked first, unless it is told otherwise. */
function start(): Promise<Running> {
  return startGateway({
    providers: providersOf({
      gmicloud: { kind: 'openrouter', baseUrl: first.baseUrl },
      chutes: { kind: 'openrouter', baseUrl: second.baseUrl },
    }),
    models: modelsOf({
      [model]: [
        ['gmicloud', ['0.38', '1.52']],
        ['chutes', ['0.38', '1.52']],
      ],
    }),
    tapes: new Map([
      ['retry', seedFiles.retry],
      ['baseten', seedFiles.baseten],
    ]),
  })
}

const order = { provider: { order: ['gmicloud', 'chutes'] } }

/** What a provider answers to the conversation so far. */
function answering(name: 'baseten' | 'chutes', ifTools?: Act): Act {
  return {
    type: 'choose',
    choose: ({ text }: UpstreamRequest) => {
      if (!text.includes('"role":"tool"')) return { type: 'answer', recorded: seeds.calls[name] }
      return ifTools ?? { type: 'answer', recorded: seeds.text[name] }
    },
  }
}

const ways: readonly (readonly [name: string, fetchOf: (running: Running) => Fetch])[] = [
  [
    'in process',
    ({ gateway }) =>
      (url, init) =>
        gateway.fetch(new Request(url, init)),
  ],
  ['by socket', () => fetch],
]

for (const [way, fetchOf] of ways) {
  describe(way, () => {
    test('the recorded 429 becomes a failover, and the answer arrives', async () => {
      await using running = await start()
      first.play(answering('chutes', refusal(429, 'Provider returned error')))
      second.play(answering('chutes'))
      const clock = virtualClock()
      const { result } = calculator.run(prompt, {
        model: redirect(openrouter(model, order), { baseUrl: running.baseUrl, apiKey: running.key }),
        fetch: fetchOf(running),
        clock,
      })
      const { text, cost, steps } = await result
      assert.equal(text, chutesText)
      assert.equal(cost, '0.00027436')
      assert.equal(steps.length, 2)
      assert.equal(clock.now(), 0, 'the agent had nothing to wait for')
      assert.deepEqual([first.requests.length, second.requests.length], [2, 1])
    })

    test('where nobody answers, its retries and the gateway’s do not multiply', async () => {
      await using running = await start()
      first.play(refusal(503, 'Overloaded'))
      second.play(refusal(503, 'Overloaded'))
      await assert.rejects(
        calculator.run(prompt, {
          model: redirect(openrouter(model, order), { baseUrl: running.baseUrl, apiKey: running.key }),
          fetch: fetchOf(running),
          clock: virtualClock(),
        }).result,
      )
      const asked = first.requests.length + second.requests.length
      // As many as one request may have (`failover.attempts`), though the agent would try three times.
      assert.equal(asked, 4)
    })

    for (const [tape, said, paid] of [
      ['retry', chutesText, '0.00027436'],
      ['baseten', basetenText, '0.0005276'],
    ] as const) {
      test(`a tape is a provider: ${tape}`, async () => {
        await using running = await start()
        const clock = virtualClock()
        const { result } = calculator.run(prompt, {
          model: redirect(openrouter(`tape/${tape}`), { baseUrl: running.baseUrl, apiKey: running.key }),
          fetch: fetchOf(running),
          clock,
        })
        const { text, cost } = await result
        assert.deepEqual([text, cost], [said, paid])
        const [line] = await running.gateway.store.listGenerations({}, 1, null)
        // What is reserved for a tape is a bound, and no price to compare with.
        assert.ok(line !== undefined && line.boundMoney > 0n)
        assert.equal(line.catalogueCost, null)
      })
    }
  })
}

test('both ways give the same events', async () => {
  await using running = await start()
  const told: string[] = []
  for (const [, fetchOf] of ways) {
    first.play(answering('baseten'))
    const run = calculator.run(prompt, {
      model: redirect(openrouter(model, order), { baseUrl: running.baseUrl, apiKey: running.key }),
      fetch: fetchOf(running),
      clock: virtualClock(),
    })
    const events: unknown[] = []
    for await (const event of run) events.push(event)
    told.push(JSON.stringify(events))
  }
  assert.equal(told[0], told[1])
})
