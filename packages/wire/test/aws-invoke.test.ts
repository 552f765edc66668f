/** What Bedrock has under `invoke`: the words of a model's maker, in streams inside of AWS's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAwsFrame } from '../src/aws-event-stream-encoder.ts'
import { type Answer, bedrock, type Dialect, dialectOf, type Failure } from '../src/index.ts'

const gptOss = 'https://x/model/openai.gpt-oss-20b-1:0/invoke-with-response-stream'
const nova = 'https://x/model/us.amazon.nova-lite-v1%3A0/invoke'
const claude = 'https://x/model/anthropic.claude-v1:0/invoke'
const messages = [{ role: 'user', content: [{ text: 'Hi' }] }]

function spoken(url: string, body: object): Dialect {
  return dialectOf(url, body) ?? assert.fail(url)
}

const chunkHeaders = { ':event-type': 'chunk', ':message-type': 'event' }
const chunk = (event: object): Uint8Array => {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
  return encodeAwsFrame(chunkHeaders, JSON.stringify({ bytes, p: 'abc' }))
}
const throttled = encodeAwsFrame(
  { ':exception-type': 'throttlingException', ':message-type': 'exception' },
  JSON.stringify({ message: 'Slow' }),
)

function outcomeOf({ client }: Dialect, frames: readonly Uint8Array[]): Answer | Failure {
  const decoder = client.decodeStream(bedrock)
  const last = [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()].at(-1)
  if (last?.type === 'finish') return last.answer
  return last?.type === 'error' ? last.failure : assert.fail('no last event')
}

const streams: readonly [name: string, dialect: Dialect, events: readonly object[]][] = [
  [
    'OpenAI’s',
    spoken(gptOss, { messages }),
    [
      { choices: [{ index: 0, delta: { content: 'Hé' } }] },
      {
        choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
        usage: { prompt_tokens: 3, completion_tokens: 2 },
      },
    ],
  ],
  [
    'Nova’s',
    spoken(`${nova}-with-response-stream`, { messages }),
    [
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hé' } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage: { inputTokens: 2, outputTokens: 2, cacheReadInputTokenCount: 1 } } },
    ],
  ],
]

for (const [name, dialect, events] of streams) {
  test(`a stream in ${name} words`, () => {
    const answer = outcomeOf(dialect, events.map(chunk))
    assert.ok(answer.type === 'answer', JSON.stringify(answer))
    assert.deepEqual(answer.message.content, [{ type: 'text', text: 'Hé' }])
    assert.equal(answer.finishReason, 'stop')
    assert.deepEqual([answer.usage?.inputTokens, answer.usage?.outputTokens], [3, 2])
  })

  test(`a stream in ${name} words that is throttled`, () => {
    const failure = outcomeOf(dialect, [...events.slice(0, 2).map(chunk), throttled])
    assert.ok(failure.type === 'failure')
    assert.deepEqual([failure.code, failure.message], ['rate-limited', 'Slow'])
    assert.deepEqual(failure.partial?.content, [{ type: 'text', text: 'Hé' }])
  })

  test(`a stream in ${name} words that holds none`, () => {
    const failure = outcomeOf(dialect, [encodeAwsFrame(chunkHeaders, '{"bytes":"!"}')])
    assert.equal(failure.type === 'failure' && failure.code, 'malformed')
  })
}

test('Nova speaks as Converse does, in a plain answer too', () => {
  const { name, client, server } = spoken(nova, { schemaVersion: 'messages-v1', messages })
  assert.equal(name, 'bedrock-converse')
  const request = server.decodeRequest({ schemaVersion: 'messages-v1', messages }, nova)
  assert.deepEqual([request.model, request.stream], ['us.amazon.nova-lite-v1:0', false])
  const usage = { inputTokens: 3, outputTokens: 4, cacheReadInputTokenCount: 2, cacheWriteInputTokenCount: 0 }
  const output = { message: { role: 'assistant', content: [{ text: 'Hi' }] } }
  const answer = client.decodeResponse(JSON.stringify({ output, stopReason: 'end_turn', usage }))
  assert.ok(answer.type === 'answer')
  assert.deepEqual(answer.usage, {
    inputTokens: 5,
    outputTokens: 4,
    cachedInputTokens: 2,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  })
  assert.equal(dialectOf('https://x/model/amazon.nova-canvas-v1:0/invoke', { taskType: 'TEXT_IMAGE' }), null)
})

test('a call of Nova’s is read as it is, whatever its fields are called', () => {
  const { client } = spoken(nova, { schemaVersion: 'messages-v1', messages })
  const toolUse = { toolUseId: 't', name: 'f', input: { cacheReadInputTokenCount: 5 } }
  const output = { message: { role: 'assistant', content: [{ toolUse }] } }
  const answer = client.decodeResponse(JSON.stringify({ output, stopReason: 'tool_use' }))
  assert.ok(answer.type === 'answer')
  const [call] = answer.message.content
  assert.equal(call?.type === 'tool-call' && call.inputText, '{"cacheReadInputTokenCount":5}')
})

test('an event of Nova’s that is nested too deeply is a failure', () => {
  const dialect = spoken(`${nova}-with-response-stream`, { messages })
  const deep = `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const bytes = JSON.stringify({ bytes: Buffer.from(deep).toString('base64') })
  const failure = outcomeOf(dialect, [encodeAwsFrame(chunkHeaders, bytes)])
  assert.equal(failure.type === 'failure' && failure.code, 'malformed')
})

test('words of a guardrail are no whole answer, whatever the stop reason says (Claude)', () => {
  const { client, server } = spoken(claude, { anthropic_version: 'bedrock-2023-05-31', messages })
  const blocked = {
    'amazon-bedrock-guardrailAction': 'INTERVENED',
    content: [{ type: 'text', text: 'Blocked.' }],
    stop_reason: 'end_turn',
  }
  const answer = client.decodeResponse(JSON.stringify(blocked))
  assert.ok(answer.type === 'answer')
  assert.equal(answer.finishReason, 'content-filter')
  const again = client.decodeResponse(server.encodeResponse(answer, { id: '', model: '', created: 0 }))
  assert.equal(again.type === 'answer' && again.finishReason, 'content-filter')
  const passed = client.decodeResponse(
    JSON.stringify({ ...blocked, 'amazon-bedrock-guardrailAction': 'NONE' }),
  )
  assert.equal(passed.type === 'answer' && passed.finishReason, 'stop')
})
