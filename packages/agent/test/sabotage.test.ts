/** Whatever a model says and however it fails: a run ends, within its limits, and its books balance. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { virtualClock } from '@playhead/tape'
import { addCosts } from '@playhead/wire'
import * as fc from 'fast-check'
import { AgentError, type RunEvent, tool } from '../src/index.ts'
import {
  chunksOf,
  ofType,
  refuses,
  says,
  type Said,
  script,
  scripted,
  type SentRequest,
  sse,
  streamed,
} from './servers.ts'

type Reply =
  | { readonly type: 'answer'; readonly said: Said }
  | { readonly type: 'cut'; readonly said: Said; readonly events: number }
  | { readonly type: 'in-band'; readonly said: Said; readonly code: number }
  | { readonly type: 'status'; readonly status: number; readonly retryAfter: string | null }
  | { readonly type: 'network' }
  | { readonly type: 'noise'; readonly text: string }

const tools = [
  tool({ name: 'echo', description: 'd', input: { type: 'object' }, run: (_, { call }) => call.inputText }),
  tool({
    name: 'fail',
    description: 'd',
    input: { type: 'object' },
    run: () => Promise.reject(new Error('no')),
  }),
  tool({ name: 'slow', description: 'd', input: { type: 'object' }, run: () => new Promise(setImmediate) }),
]

const call = fc.tuple(
  fc.constantFrom('functions.add:0', 'a', 'b', 'é 1'),
  fc.constantFrom('echo', 'fail', 'slow', 'unknown'),
  fc.constantFrom('{}', '{ "a" : 1 }', '{"a":', 'null', '[]', ''),
)

const said = fc.record(
  {
    text: fc.constantFrom('', 'Well', 'Let me see, ☀️'),
    calls: fc.array(call, { maxLength: 4 }),
    finishReason: fc.constantFrom('stop', 'tool_calls', 'length', 'content_filter', 'error', 'paused'),
    usage: fc.tuple(fc.nat(500), fc.nat(500)),
    cost: fc.constantFrom(0, 0.1, 0.2, 0.0000001, 0.00013718),
  },
  { requiredKeys: ['calls'] },
)

const reply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('answer' as const), said }) },
  fc.record({ type: fc.constant('cut' as const), said, events: fc.nat(6) }),
  fc.record({ type: fc.constant('in-band' as const), said, code: fc.constantFrom(400, 429, 502) }),
  fc.record({
    type: fc.constant('status' as const),
    status: fc.constantFrom(400, 401, 404, 429, 500, 503),
    retryAfter: fc.constantFrom(null, '0', '9', '61', 'soon'),
  }),
  fc.record({ type: fc.constant('network' as const) }),
  fc.record({
    type: fc.constant('noise' as const),
    text: fc.constantFrom(
      '',
      '\n\n',
      '{}',
      '[]',
      'data: {}\n\n',
      'data: [DONE]\n\n',
      '<html>',
      '{"error":"no"}',
    ),
  }),
)

function responseOf(reply: Reply): Response {
  switch (reply.type) {
    case 'answer':
      return says(reply.said)
    case 'cut':
      return streamed(sse(chunksOf(reply.said).slice(0, reply.events)))
    case 'in-band':
      return streamed(
        sse([...chunksOf(reply.said).slice(0, -1), { error: { code: reply.code, message: 'no' } }]),
      )
    case 'status':
      return refuses(reply.status, reply.retryAfter === null ? {} : { 'retry-after': reply.retryAfter })
    case 'network':
      throw new TypeError('fetch failed')
    case 'noise':
      return streamed(reply.text)
  }
}

/** Messages as providers want them: every call has one result, at once, in order. */
function checkMessages({ body: { messages } }: SentRequest): void {
  let owing: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      assert.equal(message.tool_call_id, owing.shift())
      assert.notEqual(message.content, undefined)
      continue
    }
    assert.deepEqual(owing, [], 'a call was left without its result')
    owing = message.tool_calls?.map(({ id }) => id) ?? []
  }
  assert.deepEqual(owing, [], 'the model was asked while a result was owing')
}

test('any sequence of answers and failures ends within the limits, with every call answered and every cost counted', async () => {
  const property = fc.asyncProperty(
    fc.array(reply, { minLength: 1, maxLength: 12 }),
    fc.record({
      maxSteps: fc.integer({ min: 1, max: 5 }),
      maxRetries: fc.nat(3),
      maxParallelTools: fc.integer({ min: 1, max: 3 }),
    }),
    async (replies, limits) => {
      // After the last one the model repeats itself, so that only the limits end what has no end of its own.
      let place = 0
      const answering = (): Response =>
        responseOf(replies[Math.min(place++, replies.length - 1)] ?? { type: 'network' })
      const { fetch, requests } = script(...Array.from({ length: 50 }, () => answering))
      const run = scripted({ tools, ...limits }).run('Go', { fetch, clock: virtualClock() })
      const events: RunEvent[] = []
      const error = await readAll(run, events)
      for (const request of requests) checkMessages(request)
      assert.ok(requests.length <= limits.maxSteps * (limits.maxRetries + 1))
      assert.ok(ofType(events, 'step').length <= limits.maxSteps)
      checkRetries(requests, events)
      if (error !== undefined) {
        assert.ok(error instanceof AgentError && error.code === 'model', inspect(error))
        assert.ok(error.failure !== undefined)
        await assert.rejects(run.result, (thrown) => thrown === error)
        assert.deepEqual(ofType(events, 'finish'), [])
        return
      }
      const result = await run.result
      assert.equal(events.at(-1)?.type, 'finish')
      assert.equal(ofType(events, 'finish').length, 1)
      assert.deepEqual(
        ofType(events, 'usage').map(({ cost }) => cost),
        result.steps.map(({ cost }) => cost),
      )
      if (result.cost !== null) {
        const answers = ofType(events, 'usage').map(({ cost }) => cost ?? '0')
        assert.equal(result.cost, addCosts(answers))
        assert.equal(
          addCosts(result.steps.flatMap(({ failures }) => failures.map(({ cost }) => cost ?? '0'))),
          addCosts(ofType(events, 'retry').map(({ failure }) => failure.cost ?? '0')),
        )
      }
      for (const step of result.steps) {
        const calls = step.message.content.filter((part) => part.type === 'tool-call')
        const isCut = step.finishReason === 'length' || step.finishReason === 'content-filter'
        assert.deepEqual(
          step.toolResults.map(({ id }) => id),
          isCut ? [] : calls.map(({ id }) => id),
        )
      }
      const last = result.steps.at(-1)
      if (result.ending === 'answer')
        assert.ok(last?.message.content.every(({ type }) => type !== 'tool-call'))
      if (result.ending === 'step-limit') assert.equal(result.steps.length, limits.maxSteps)
      assert.deepEqual(JSON.parse(JSON.stringify(result.messages)), asJson(result.messages))
    },
  )
  await fc.assert(property, { numRuns: 400 })
})

async function readAll(run: AsyncIterable<RunEvent>, events: RunEvent[]): Promise<unknown> {
  try {
    for await (const event of run) events.push(event)
    return undefined
  } catch (error) {
    return error
  }
}

/** After each retry the same bytes went out, and after each other request different ones. */
function checkRetries(requests: readonly SentRequest[], events: readonly RunEvent[]): void {
  const steps = ofType(events, 'step').length
  assert.equal(new Set(requests.map(({ text }) => text)).size, steps)
  assert.equal(requests.length, steps + ofType(events, 'retry').length)
}

/** Without the fields that are undefined, which JSON does not have. */
function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.map(([key, inner]) => [key, asJson(inner)]))
}

test('cost is the exact sum of what the provider said, over answers and failures', async () => {
  const costs = fc.array(fc.tuple(fc.integer({ min: 0, max: 999_999 }), fc.boolean()), {
    minLength: 1,
    maxLength: 10,
  })
  const property = fc.asyncProperty(costs, async (parts) => {
    const replies = parts.map(([millionths, fails]) => {
      const one: Said = { calls: [['a', 'echo', '{}']], usage: [1, 1], cost: millionths / 1e6 }
      return fails
        ? streamed(sse([chunksOf(one).at(-1), { error: { code: 502, message: 'no' } }]))
        : says(one)
    })
    const { fetch } = script(...replies, says({ text: 'Done', usage: [1, 1], cost: 0 }))
    const run = scripted({ tools, maxRetries: 10 }).run('Go', { fetch, clock: virtualClock() })
    const { cost, usage } = await run.result
    const sum = parts.reduce((total, [millionths]) => total + millionths, 0)
    assert.equal(Math.round(Number(cost) * 1e6), sum)
    assert.match(cost ?? '', /^\d+(\.\d{1,6})?$/)
    assert.equal(usage.inputTokens, parts.length + 1)
  })
  await fc.assert(property, { numRuns: 100 })
})
