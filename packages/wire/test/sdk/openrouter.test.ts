/** The `@openrouter/sdk`, which checks every field against its schemas, reads what the server halves write. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenRouter } from '@openrouter/sdk'
import type { ChatResult, ChatStreamChunk } from '@openrouter/sdk/models'
import { OpenRouterError } from '@openrouter/sdk/models/errors'
import { brokenOff, called, cutShort, limited, said, thought, words } from './answers.ts'
import { type ModelServer, type Reply, serve } from './server.ts'

const client = ({ origin }: ModelServer): OpenRouter =>
  new OpenRouter({ apiKey: 'sk-x', serverURL: `${origin}/api/v1`, retryConfig: { strategy: 'none' } })

const question = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] }

async function plain(reply: Reply): Promise<ChatResult> {
  await using server = await serve(reply)
  const result = await client(server).chat.send({ chatRequest: question })
  assert.ok('choices' in result)
  return result
}

async function streamed(reply: Reply): Promise<readonly ChatStreamChunk[]> {
  await using server = await serve(reply)
  const stream = await client(server).chat.send({ chatRequest: { ...question, stream: true } })
  assert.ok(!('choices' in stream))
  const chunks: ChatStreamChunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

test('a plain completion: text, finish reason, usage, cost', async () => {
  const { choices, usage, model } = await plain(said)
  assert.deepEqual([choices[0]?.message.content, choices[0]?.finishReason, model], [words, 'stop', 'm'])
  assert.deepEqual([usage?.promptTokens, usage?.completionTokens, usage?.totalTokens], [197, 41, 238])
  assert.deepEqual(
    [usage?.promptTokensDetails?.cachedTokens, usage?.completionTokensDetails?.reasoningTokens, usage?.cost],
    [128, 7, 0.00013718],
  )
})

test('a plain completion: parallel tool calls', async () => {
  const choice = (await plain(called)).choices[0]
  assert.equal(choice?.finishReason, 'tool_calls')
  assert.deepEqual(
    choice?.message.toolCalls?.map(({ id, function: { name, arguments: input } }) => [id, name, input]),
    [
      ['call_a', 'add', '{"a": 2, "b": 3}'],
      ['call_b', 'add', '{"a": 4, "b": "🌍"}'],
    ],
  )
})

test('a plain completion: reasoning', async () => {
  const message = (await plain(thought)).choices[0]?.message
  assert.deepEqual([message?.reasoning, message?.content], ['Add them, then multiply.', words])
})

test('a streamed completion: text, finish reason, usage, cost', async () => {
  const chunks = await streamed(said)
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), words)
  assert.ok(chunks.some(({ choices }) => choices[0]?.finishReason === 'stop'))
  const usage = chunks.at(-1)?.usage
  assert.deepEqual([usage?.promptTokens, usage?.completionTokens, usage?.cost], [197, 41, 0.00013718])
})

test('a streamed completion: parallel tool calls', async () => {
  const inputs = new Map<number, string>()
  const heads: unknown[] = []
  for (const { choices } of await streamed(called)) {
    for (const { index, id, function: call } of choices[0]?.delta.toolCalls ?? []) {
      inputs.set(index, (inputs.get(index) ?? '') + (call?.arguments ?? ''))
      if (id !== undefined) heads.push([id, call?.name])
    }
  }
  assert.deepEqual([...inputs.values()], ['{"a": 2, "b": 3}', '{"a": 4, "b": "🌍"}'])
  assert.deepEqual(heads, [
    ['call_a', 'add'],
    ['call_b', 'add'],
  ])
})

test('a streamed completion: reasoning', async () => {
  const chunks = await streamed(thought)
  assert.equal(
    chunks.map(({ choices }) => choices[0]?.delta.reasoning ?? '').join(''),
    'Add them, then multiply.',
  )
})

test('a completion that was cut short says so', async () => {
  assert.equal((await plain(cutShort)).choices[0]?.finishReason, 'length')
})

for (const [name, ask] of [
  ['plain', plain],
  ['streamed', streamed],
] as const) {
  test(`an error of a ${name} completion has its status and names the upstream`, async () => {
    await assert.rejects(ask(limited), (error) => {
      assert.ok(error instanceof OpenRouterError)
      assert.deepEqual([error.name, error.statusCode], ['TooManyRequestsResponseError', 429])
      assert.match(error.message, /Slow down/)
      assert.match(error.body, /"provider_name":"GMICloud"/)
      return true
    })
  })
}

test('a completion that breaks off carries the error, behind what had come', async () => {
  const chunks = await streamed(brokenOff)
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), words)
  const last = chunks.at(-1)
  assert.deepEqual([last?.error?.message, last?.choices[0]?.finishReason], ['Too much to do', 'error'])
})

test('a plain response', async () => {
  await using server = await serve(thought)
  const response = await client(server).responses.send({ responsesRequest: { model: 'm', input: 'Hello' } })
  assert.ok('output' in response)
  assert.deepEqual(
    [response.status, response.usage?.inputTokens, response.usage?.outputTokens],
    ['completed', 197, 41],
  )
  assert.deepEqual(
    response.output.map(({ type }) => type),
    ['reasoning', 'message'],
  )
})

test('a streamed response', async () => {
  await using server = await serve(called)
  const stream = await client(server).responses.send({
    responsesRequest: { model: 'm', input: 'Hello', stream: true },
  })
  assert.ok(!('output' in stream))
  const types: string[] = []
  let text = ''
  for await (const event of stream) {
    types.push(event.type)
    if (event.type === 'response.output_text.delta') text += event.delta
  }
  assert.equal(text, 'Both at once.')
  assert.deepEqual([types[0], types.at(-1)], ['response.created', 'response.completed'])
  assert.equal(types.filter((type) => type === 'response.function_call_arguments.done').length, 2)
})
