/** The seeds' agent on the seeds: the same requests, the same answers, to the byte and to the pico-dollar. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCassette, virtualClock } from '@playhead/tape'
import { calculator, prompt } from '../../../examples/calculator/calculator.ts'
import { agent, AgentError, tool } from '../src/index.ts'
import { failureOf, ofType, playSeed, script, seedFile, type SeedName, seeds, streamed } from './servers.ts'

interface Expected {
  readonly text: string
  readonly tokens: readonly (readonly [input: number, output: number])[]
  readonly cost: string
  readonly costs: readonly string[]
  readonly provider: string
  /** Milliseconds of the recorded responses and of the waits between them. */
  readonly duration: number
}

const expected: Readonly<Record<SeedName, Expected>> = {
  'baseten.yaml': {
    text: 'Here are the results:\n- Addition: 2 + 3 = 5\n- Multiplication: 2 × 3 = 6',
    tokens: [
      [216, 56],
      [305, 30],
    ],
    cost: '0.0005276',
    costs: ['0.0002696', '0.000258'],
    provider: 'BaseTen',
    duration: 498.287166 + 436.098917,
  },
  'retry.yaml': {
    text: 'Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6.',
    tokens: [
      [197, 41],
      [273, 22],
    ],
    cost: '0.00027436',
    costs: ['0.00013718', '0.00013718'],
    provider: 'Chutes',
    duration: 972.861666 + 769.447583 + 2000 + 1038.042083,
  },
}

const instructions = 'You are a helpful assistant. Always use both add and multiply at the same time.'

/** The calculator's tools with the keys of their schema sorted, as the program that was recorded wrote them. */
const orderedTools = (['add', 'multiply'] as const).map((name) =>
  tool<{ a: number; b: number }>({
    name,
    description: name === 'add' ? 'Add two numbers' : 'Multiply two numbers',
    input: {
      properties: {
        a: { description: 'first number', type: 'integer' },
        b: { description: 'second number', type: 'integer' },
      },
      required: ['a', 'b'],
      type: 'object',
    },
    run: ({ a, b }) => (name === 'add' ? a + b : a * b),
  }),
)

const names = Object.keys(seeds) as SeedName[]

async function recorded(name: SeedName) {
  const cassette = await openCassette(seedFile(name))
  return Array.from(cassette ?? assert.fail(), ({ request, response }) => ({
    request,
    response: response ?? assert.fail(),
  }))
}

for (const name of names) {
  test(`${name}: every request is the one that was recorded, in its order, and none is left`, async () => {
    const { requests, unused } = await playSeed(name)
    const interactions = await recorded(name)
    assert.equal(unused, 0)
    assert.equal(requests.length, interactions.length)
    for (const [index, { request }] of interactions.entries()) {
      assert.equal(requests[index]?.init.method, request.method)
      assert.equal(requests[index]?.url, request.url)
      assert.deepEqual(requests[index]?.body, JSON.parse(request.body as string))
    }
  })

  test(`${name}: with the schema's keys in the recorded order, the requests are the same bytes`, async () => {
    const interactions = await recorded(name)
    const ordered = agent({ model: seeds[name], instructions, tools: orderedTools, maxOutputTokens: 4000 })
    const { fetch, requests } = script(
      ...interactions.map(
        ({ response }) => new Response(response.body as string, { status: response.status }),
      ),
    )
    await ordered.run(prompt, { fetch, clock: virtualClock() }).result
    assert.deepEqual(
      requests.map(({ text }) => text),
      interactions.map(({ request }) => request.body),
    )
  })

  test(`${name}: text, tokens, cost and ending are right`, async () => {
    const { result } = await playSeed(name)
    const { text, tokens, cost, costs, provider } = expected[name]
    assert.equal(result.text, text)
    assert.equal(result.ending, 'answer')
    assert.equal(result.cost, cost)
    assert.deepEqual(
      result.steps.map((step) => step.cost),
      costs,
    )
    assert.deepEqual(
      result.steps.map(({ usage }) => [usage.inputTokens, usage.outputTokens]),
      tokens,
    )
    assert.equal(
      result.usage.inputTokens,
      tokens.reduce((sum, [input]) => sum + input, 0),
    )
    assert.deepEqual(
      result.steps.map((step) => step.provider),
      [provider, provider],
    )
    assert.deepEqual(
      result.steps.map((step) => step.finishReason),
      ['tool-calls', 'stop'],
    )
  })

  test(`${name}: both tools are called in one step, with their ids and inputs untouched`, async () => {
    const { result, requests, events } = await playSeed(name)
    const calls = ofType(events, 'tool-call').map(({ call }) => call)
    assert.deepEqual(
      calls.map(({ id, name, inputText }) => [id, name, inputText]),
      [
        ['functions.add:0', 'add', '{"a": 2, "b": 3}'],
        ['functions.multiply:1', 'multiply', '{"a": 2, "b": 3}'],
      ],
    )
    assert.deepEqual(
      result.steps[0]?.toolResults.map(({ id, output }) => [id, output]),
      [
        ['functions.add:0', [{ type: 'text', text: '5' }]],
        ['functions.multiply:1', [{ type: 'text', text: '6' }]],
      ],
    )
    assert.deepEqual(
      requests
        .at(-1)
        ?.body.messages.slice(-2)
        .map((message) => message.tool_call_id),
      ['functions.add:0', 'functions.multiply:1'],
    )
  })

  test(`${name}: time is the recorded time, and the virtual clock lets none pass`, async () => {
    const started = performance.now()
    const { result, passed } = await playSeed(name)
    assert.ok(Math.abs(passed - expected[name].duration) < 1e-6, `${passed}`)
    assert.ok(Math.abs(result.duration - expected[name].duration) < 0.001, `${result.duration}`)
    assert.ok(performance.now() - started < 1500, 'it waited in real time')
  })

  test(`${name}: cut off after any event, a step is sent again or the run fails, and is never a short success`, async () => {
    const bodies = (await recorded(name)).filter(({ response }) => response.status === 200)
    const streams = bodies.map(({ response }) => response.body as string)
    for (const [step, stream] of streams.entries()) {
      const whole = streams.slice(0, step)
      const places = [...stream.matchAll(/\n\n/g)].map(({ index }) => index + 2).slice(0, -1)
      for (const place of [0, ...places]) {
        const cut = stream.slice(0, place)
        if (hasBegun(cut)) await checkBroken(name, [...whole, cut, ...streams.slice(step)])
        else await checkRetried(name, [...whole, cut, ...streams.slice(step)])
        await checkTruncated(name, [...whole, cut])
      }
    }
  })
}

/** Whether the model has said anything yet. */
function hasBegun(stream: string): boolean {
  return /"content":"[^"]|"tool_calls"/.test(stream)
}

async function checkBroken(name: SeedName, streams: readonly string[]): Promise<void> {
  const { fetch } = script(...streams.map(streamed))
  const run = calculator.run(prompt, { fetch, clock: virtualClock(), model: seeds[name] })
  const { failure, progress } = await failureOf(run.result)
  assert.deepEqual([failure?.code, failure?.retryable], ['truncated', true])
  assert.equal(
    progress?.steps.length,
    streams.findIndex((stream) => !stream.includes('[DONE]')),
  )
}

async function checkRetried(name: SeedName, streams: readonly string[]): Promise<void> {
  const { fetch, requests } = script(...streams.map(streamed))
  const run = calculator.run(prompt, { fetch, clock: virtualClock(), model: seeds[name] })
  const { text, steps } = await run.result
  assert.equal(text, expected[name].text)
  const failures = steps.flatMap((step) => step.failures)
  assert.deepEqual(
    failures.map(({ code, retryable }) => [code, retryable]),
    [['truncated', true]],
  )
  const attempt = streams.findIndex((stream) => !stream.includes('[DONE]'))
  assert.equal(requests[attempt]?.text, requests[attempt + 1]?.text)
}

async function checkTruncated(name: SeedName, streams: readonly string[]): Promise<void> {
  const once = agent({ model: seeds[name], tools: [], maxRetries: 0 })
  const { fetch } = script(...streams.map(streamed))
  await assert.rejects(once.run(prompt, { fetch, clock: virtualClock() }).result, (error) => {
    assert.ok(error instanceof AgentError)
    assert.equal(error.code, 'model')
    assert.equal(error.failure?.code, 'truncated')
    return true
  })
}

test('retry.yaml: the 429 is an event that names GMICloud, and the same bytes are sent again after 2 s', async () => {
  const { events, requests, result } = await playSeed('retry.yaml')
  const [retry, ...others] = ofType(events, 'retry')
  assert.deepEqual(others, [])
  assert.equal(retry?.attempt, 1)
  assert.equal(retry.wait, 2000)
  assert.equal(retry.failure.code, 'rate-limited')
  assert.equal(retry.failure.status, 429)
  assert.equal(retry.failure.provider, 'GMICloud')
  assert.match(retry.failure.raw ?? '', /^moonshotai\/kimi-k2-0905 is temporarily rate-limited upstream\. /)
  assert.equal(requests[1]?.text, requests[2]?.text)
  assert.deepEqual(result.steps[1]?.failures, [retry.failure])
  assert.deepEqual(result.steps[0]?.failures, [])
})
