/** Budgets over the seeds' tapes: what holds passes, what does not says which call took what. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCassette, record, type RecordOptions } from '@playhead/tape'
import { expectCost, expectFirstEvent, expectSteps, expectTokens } from '@playhead/testing'
import { newProject } from './programs.ts'

/** Two steps, and a failed attempt before the second. */
const retry = join(import.meta.dirname, '../../../examples/calculator/retry.yaml')

const holds: readonly [sentence: string, check: () => Promise<void>][] = [
  ['a cost, to the last digit', () => expectCost(retry).atMost('0.00027436')],
  ['tokens', () => expectTokens(retry).atMost(533)],
  ['tokens in and out', () => expectTokens(retry).atMost({ input: 470, output: 63 })],
  ['tokens out alone', () => expectTokens(retry).atMost({ output: 63 })],
  ['steps: a failed attempt is none', () => expectSteps(retry).exactly(2)],
  ['steps at most', () => expectSteps(retry).atMost(3)],
  ['time', () => expectFirstEvent(retry).within(60_000)],
]
for (const [sentence, check] of holds) test(`within: ${sentence}`, check)

const broken: readonly [sentence: string, check: () => Promise<void>, message: RegExp][] = [
  [
    'a cost, by its last digit',
    () => expectCost(retry).atMost('0.00027435'),
    /cost \$0\.00027436, \$0\.00027435 at most/,
  ],
  ['tokens', () => expectTokens(retry).atMost(532), /took 533 tokens, 532 at most/],
  ['tokens in', () => expectTokens(retry).atMost({ input: 469 }), /took 470 input tokens, 469 at most/],
  ['tokens out', () => expectTokens(retry).atMost({ output: 62 }), /took 63 output tokens, 62 at most/],
  ['steps', () => expectSteps(retry).atMost(1), /took 2 steps, 1 at most were expected/],
  ['exact steps', () => expectSteps(retry).exactly(3), /took 2 steps, 3 were expected/],
  ['time', () => expectFirstEvent(retry).within(1), /let wait \d+ ms for a first event, 1 at most/],
]
for (const [sentence, check, message] of broken) {
  test(`beyond: ${sentence}`, async () => {
    await assert.rejects(check, (error: Error) => {
      assert.equal(error.name, 'AssertionError')
      assert.match(error.message, message)
      const rows = error.message.split('\n').slice(1)
      assert.deepEqual(
        rows.map((row) => /^ {2}#(\d) POST https:\/\/openrouter\.ai\S+ (\d+): /.exec(row)?.slice(1)),
        [
          ['0', '200'],
          ['1', '429'],
          ['2', '200'],
        ],
      )
      return true
    })
  })
}

test('a cassette and a recorder have a budget too', async () => {
  using cassette = (await openCassette(retry)) ?? assert.fail()
  await expectSteps(cassette).exactly(2)
  await expectSteps(await record(retry, { mode: 'replay' })).exactly(2)
})

const stream = (...pieces: readonly string[]): RecordOptions => ({
  fetch: async () => {
    const left = [...pieces]
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = left.shift()
          if (piece === undefined) return controller.close()
          controller.enqueue(Buffer.from(piece))
          await new Promise((resolve) => setTimeout(resolve, 60))
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  },
})

const answer =
  'data: {"choices":[{"index":0,"delta":{"content":"5"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

test('a comment is no event, and a cost that nobody told is no cost of nothing', async (t) => {
  await using recorder = await record(join(newProject(t), 'a.tape.jsonl'), stream(': wait\n\n', answer))
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }], stream: true })
  await (await recorder.fetch('http://chat.invalid/v1/chat/completions', { method: 'POST', body })).text()
  await expectSteps(recorder).exactly(1)
  await assert.rejects(expectFirstEvent(recorder).within(40), /let wait \d+ ms/)
  await expectFirstEvent(recorder).within(5000)
  await assert.rejects(expectCost(recorder).atMost('1'), /not every answer tells[^]*: not told/)
  await assert.rejects(expectTokens(recorder).atMost(1), /not every answer tells[^]*: not told/)
})

test('no tape, no call of a model, no amount: each is said', async (t) => {
  const file = join(newProject(t), 'a.tape.jsonl')
  await assert.rejects(expectCost(file).atMost('1'), /there is no such tape/)
  await using recorder = await record(file, { fetch: async () => new Response('x') })
  await (await recorder.fetch('http://other.invalid/')).text()
  await assert.rejects(expectCost(recorder).atMost('1'), /no call of a model/)
  await assert.rejects(expectCost(retry).atMost('a lot'), /"a lot" is no amount of dollars/)
})
