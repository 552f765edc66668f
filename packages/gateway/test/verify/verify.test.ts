/** What the ledger says is what its attempts and its tapes say; and where it is not, that is found. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openCassette } from '@playhead/tape'
import { loadPrices } from '../../src/verify/prices.ts'
import { findTape } from '../../src/record/tape-file.ts'
import { type Difference, type PriceOf, verifySums, verifyTape } from '../../src/verify/verify-generation.ts'
import type { GenerationRecord } from '../../src/store/store.ts'
import { readSeeds } from '../recorded.ts'
import { configurationOf, modelsOf, providersOf, priceOf } from '../running.ts'
import { type Act, refusal } from '../upstream.ts'
import { askAndLeave, prices, startRecording } from '../record/recording.ts'

const seeds = await readSeeds()
const recorded = seeds.text.chutes
const answers: Act = { type: 'answer', recorded }
/** The same answer of a provider that tells no money, and no tokens. */
const moneyless = told(/,"cost":[^,]+,"is_byok":false|,"cost":[\d.e-]+/g)
const countless = told(/,"usage":\{.*\}(?=\}\s*$)/g)
const price: PriceOf = () => priceOf(...prices)

function told(without: RegExp): typeof recorded {
  const frames = recorded.frames.map((frame) => frame.replaceAll(without, ''))
  return { ...recorded, frames, plain: recorded.plain.replaceAll(without, '') }
}

async function onTape(
  record: GenerationRecord,
  priceOf: PriceOf = price,
): Promise<readonly Difference[] | null> {
  using cassette = (await openCassette(record.tape ?? '')) ?? assert.fail()
  return verifyTape(record, cassette, priceOf)
}

const acts: readonly (readonly [says: string, act: Act])[] = [
  ['an answer', answers],
  ['an answer without its cost', { type: 'answer', recorded: moneyless }],
  ['an answer without its tokens', { type: 'answer', recorded: countless }],
  ['a tool call', { type: 'answer', recorded: seeds.calls.chutes }],
  ['a refusal', refusal(429, 'Slow down')],
  ['a wrong key', refusal(401, 'Incorrect key', { code: 'invalid_api_key' })],
  ['a question that is too long', refusal(400, 'too long', { code: 'context_length_exceeded' })],
  ['a page', { type: 'refusal', status: 502, body: '<html>Bad gateway</html>' }],
  ['a connection that breaks', { type: 'reset' }],
  ['an answer that breaks off', { type: 'cut', recorded, events: 4 }],
  [
    'an answer that breaks off after its tokens',
    { type: 'cut', recorded, events: recorded.frames.length - 1 },
  ],
  ['an answer that stops', { type: 'stall', recorded, events: 4 }],
  ['an answer that never comes', { type: 'silence' }],
  ['a broken answer', { type: 'malformed', recorded, events: 4 }],
  ['an answer without an end', { type: 'no-end', recorded, events: 4 }],
  ['an error within', { type: 'error-event', recorded, events: 4, error: { code: 500, message: 'crashed' } }],
]

const manyModels = modelsOf(
  Object.fromEntries(
    Array.from({ length: acts.length * 2 }, (_, index) => [
      `m/${index + 1}`,
      [
        ['one', prices],
        ['two', prices],
      ],
    ]),
  ),
)

describe('the ledger and its tapes say the same of', { concurrency: 2 }, () => {
  const timeouts = { connect: 500, head: 150, firstToken: 150, idle: 150 }
  for (const afterFirstToken of ['error', 'continue'] as const)
    for (const path of ['chat/completions', 'messages', 'responses'])
      test(`${path}, whatever comes (${afterFirstToken})`, async () => {
        const failover = { attempts: 3, afterFirstToken }
        await using recording = await startRecording({ timeouts, failover, models: manyModels })
        let asked = 0
        for (const [says, act] of acts) {
          for (const stream of [true, false]) {
            recording.one.play(act)
            recording.two.play(answers)
            const more = path === 'responses' ? { input: 'How much is 2 + 3?' } : { max_tokens: 99 }
            // One that failed would be passed over.
            const { record } = await recording.ask({ stream, path, more, model: `m/${(asked += 1)}` })
            assert.ok(recording.one.requests.length > 0)
            const why = `${says}, ${stream ? 'streamed' : 'plain'}, ${JSON.stringify(record.attempts.map(({ outcome }) => outcome))}`
            assert.deepEqual(verifySums(record), [], why)
            assert.deepEqual(await onTape(record), [], why)
          }
        }
      })

  test('embeddings', async () => {
    await using recording = await startRecording()
    const usage = { prompt_tokens: 7, total_tokens: 7 }
    recording.one.play({
      type: 'refusal',
      status: 200,
      body: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        model: 'm',
        usage,
      },
    })
    const { record } = await recording.ask({ path: 'embeddings', more: { input: 'Hello' } })
    assert.deepEqual([record.outcome, record.inputTokens], ['answered', 7])
    assert.deepEqual(await onTape(record), [])
    assert.equal(
      (await onTape({ ...record, attempts: record.attempts.map(dearer) }))?.[0]?.what,
      'attempt 1 cost',
    )
  })

  test('a failover from an endpoint that could not be asked', async () => {
    await using recording = await startRecording()
    recording.one.play(answers)
    const { record } = await recording.ask({
      model: 'half',
      more: { provider: { order: ['keyless', 'one'] } },
    })
    assert.deepEqual(
      record.attempts.map(({ status, outcome }) => [status, outcome]),
      [
        [null, 'auth'],
        [200, 'answer'],
      ],
    )
    assert.deepEqual([...verifySums(record), ...((await onTape(record)) ?? [])], [])
  })

  test('an answer whose client left', async () => {
    await using recording = await startRecording()
    const record = await askAndLeave(recording, recorded)
    assert.equal(record.outcome, 'cancelled')
    assert.deepEqual([...verifySums(record), ...((await onTape(record)) ?? [])], [])
  })
})

describe('what was changed in the ledger is found', { concurrency: 2 }, () => {
  const forged: readonly (readonly [
    what: string,
    from: Difference['from'],
    forge: (record: GenerationRecord) => Partial<GenerationRecord>,
  ])[] = [
    ['cost', 'attempts', ({ cost }) => ({ cost: cost - 1n })],
    ['cost of own keys', 'attempts', () => ({ byokCost: 1n })],
    ['input tokens', 'attempts', ({ inputTokens }) => ({ inputTokens: inputTokens + 1 })],
    ['output tokens', 'attempts', ({ outputTokens }) => ({ outputTokens: outputTokens - 1 })],
    ['outcome', 'attempts', () => ({ outcome: 'failed' })],
    ['attempt 2 cost', 'tape', ({ attempts }) => ({ attempts: attempts.map(dearer) })],
    ['attempts that were sent', 'tape', ({ attempts }) => ({ attempts: attempts.slice(1) })],
    [
      'attempt 1 status',
      'tape',
      ({ attempts }) => ({ attempts: attempts.map((one) => ({ ...one, status: 200 })) }),
    ],
    [
      'attempt 1 outcome',
      'tape',
      ({ attempts }) => ({ attempts: attempts.map((one) => ({ ...one, outcome: 'answer' })) }),
    ],
    [
      'attempt 1 outcome',
      'tape',
      ({ attempts }) => ({ attempts: attempts.map((one) => ({ ...one, outcome: 'timeout' })) }),
    ],
    [
      'attempt 2 input tokens',
      'tape',
      ({ attempts }) => ({ attempts: attempts.map((one) => ({ ...one, inputTokens: 1 })) }),
    ],
    [
      'attempt 2 output tokens',
      'tape',
      ({ attempts }) => ({ attempts: attempts.map((one) => ({ ...one, outputTokens: 1 })) }),
    ],
    ['cached input tokens', 'tape', () => ({ cachedInputTokens: 9 })],
    ['cache write tokens', 'tape', () => ({ cacheWriteTokens: 9 })],
    ['reasoning tokens', 'tape', () => ({ reasoningTokens: 9 })],
    ['cost by the provider', 'tape', () => ({ providerCost: 1n })],
    ['finish reason', 'tape', () => ({ finishReason: 'length' })],
    ['provider’s finish reason', 'tape', () => ({ rawFinishReason: 'length' })],
  ]
  test('each field for itself', async () => {
    await using recording = await startRecording()
    recording.one.play(refusal(429, 'Slow down'))
    recording.two.play(answers)
    const { record } = await recording.ask({ stream: true })
    for (const [what, from, forge] of forged) {
      const changed = { ...record, ...forge(record) }
      const found = [...verifySums(changed), ...((await onTape(changed)) ?? [])]
      assert.ok(
        found.some((one) => one.what === what && one.from === from),
        `${what}: ${JSON.stringify(found)}`,
      )
    }
  })

  test('what no provider told is worked out by our prices', async () => {
    await using recording = await startRecording()
    recording.one.play(refusal(429, 'Slow down'))
    recording.two.play({ type: 'answer', recorded: moneyless })
    const { record } = await recording.ask()
    assert.equal(record.providerCost, null)
    assert.deepEqual(verifySums({ ...record, catalogueCost: 1n }), [
      { what: 'cost by our prices', ledger: '$0.000000000001', derived: '$0.00013718', from: 'attempts' },
    ])
    // An attempt that gave nothing costs nothing, whatever a request costs.
    assert.deepEqual(await onTape(record, () => ({ ...priceOf('1', '2'), request: 10n ** 12n })), [
      { what: 'attempt 2 cost', ledger: '$0.00013718', derived: '$1.000317', from: 'prices' },
    ])
    assert.deepEqual(await onTape(record, () => null), [])
  })
})

test('a price is that of the endpoint, also where a fallback was asked', async () => {
  const prices = await loadPrices(
    configurationOf('/nowhere', {
      providers: providersOf({
        one: { baseUrl: 'http://127.0.0.1:9' },
        openai: { kind: 'openai', baseUrl: 'http://127.0.0.1:9' },
      }),
      models: modelsOf({ a: [['one', ['1', '2']]], b: [['one', ['3', '4']]] }),
    }),
  )
  const record = {
    at: Date.UTC(2026, 0),
    model: 'a',
    story: JSON.stringify({ models: ['a', 'b'] }),
  } as GenerationRecord
  assert.equal(prices(record, 'one:a')?.input, 1_000_000n)
  assert.equal(prices(record, 'one:b')?.input, 3_000_000n)
  assert.equal(prices({ ...record, keyId: 'k' }, 'one:b@k')?.input, 3_000_000n)
  assert.equal(prices(record, 'one:c'), null)
  assert.equal(prices({ ...record, model: 'openai/gpt-4' }, 'openai:gpt-4')?.source, 'catalogue')
})

test('a tape is found where it was recorded, and where recordings lie now', async () => {
  await using recording = await startRecording()
  recording.one.play(answers)
  const { record } = await recording.ask()
  assert.equal(findTape(record, '/nowhere'), record.tape)
  assert.equal(findTape({ ...record, tape: '/moved/a.tape.jsonl' }, recording.folder), record.tape)
  assert.equal(findTape({ ...record, tape: '/moved/a.tape.jsonl' }, '/nowhere'), null)
  assert.equal(findTape({ ...record, tape: null }, recording.folder), null)
})

function dearer<Attempt extends { readonly cost: bigint }>(attempt: Attempt): Attempt {
  return { ...attempt, cost: attempt.cost + 1n }
}
