/** Answers in shapes that only some servers have, each with the server that was seen to send it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, type Failure, openaiChat, type Usage } from '../../src/index.ts'
import { chunk, eventsOfText, sse } from '../streams.ts'

const stop = 'stop'
const hi = { message: { content: 'Hi' }, finish_reason: stop }
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }
const called = { type: 'tool-call', id: 'c', name: 'f', input: { a: 1 }, inputText: '{"a":1}' }

const answers: readonly [name: string, choices: readonly object[], content: readonly object[]][] = [
  [
    'a message, and beside it a delta that says nothing (Perplexity)',
    [{ index: 0, ...hi, delta: { role: 'assistant', content: '' } }],
    [{ type: 'text', text: 'Hi' }],
  ],
  [
    'a text and a call as two choices that are not numbered (Copilot)',
    [
      { ...hi, finish_reason: 'tool_calls' },
      { message: { tool_calls: [call] }, finish_reason: 'tool_calls' },
    ],
    [{ type: 'text', text: 'Hi' }, called],
  ],
  [
    'two choices that are numbered: the first counts',
    [
      { index: 0, ...hi },
      { index: 1, message: { content: 'Ho' }, finish_reason: stop },
    ],
    [{ type: 'text', text: 'Hi' }],
  ],
  [
    'a call whose arguments are parameters, and parsed (Text Generation Inference 1)',
    [
      {
        message: { tool_calls: [{ id: 0, type: 'function', function: { name: 'f', parameters: { a: 1 } } }] },
        finish_reason: 'eos_token',
      },
    ],
    [{ ...called, id: 'call_0' }],
  ],
]

for (const [name, choices, content] of answers)
  test(name, () => assert.deepEqual(answerOf({ choices }).message.content, content))

const loose = (text: string): object => ({
  tool_calls: { index: 0, id: '', type: 'function', function: { name: 'f', arguments: text } },
})

test('a call that stands in no list (Text Generation Inference 2)', () => {
  const last = eventsOfText(sse(chunk(loose('{"a"')), chunk(loose(':1}')), chunk({}, 'tool_calls'))).at(-1)
  assert.ok(last?.type === 'finish')
  assert.deepEqual(last.answer.message.content, [{ ...called, id: 'call_0' }])
})

test('a call under its old name, beside an empty list of calls', () => {
  const old = { tool_calls: [], function_call: { name: 'f', arguments: '{"a":1}' } }
  const last = eventsOfText(sse(chunk(old), chunk({}, 'function_call'), '[DONE]')).at(-1)
  assert.ok(last?.type === 'finish')
  for (const { message } of [
    last.answer,
    answerOf({ choices: [{ message: old, finish_reason: 'function_call' }] }),
  ])
    assert.deepEqual(message.content, [{ ...called, id: 'call_0' }])
})

test('what is nested too deeply to be written again is not kept', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const choices = JSON.stringify([hi])
  for (const field of ['system_fingerprint', 'service_tier']) {
    const answer = openaiChat.decodeResponse(`{"choices":${choices},"${field}":${deep}}`)
    assert.ok(answer.type === 'answer')
    assert.equal(answer.data, undefined)
  }
})

const counts: readonly [name: string, wire: object, usage: Partial<Usage>][] = [
  [
    'Anthropic’s names for what was cached (LiteLLM, Databricks)',
    { cache_read_input_tokens: 4, cache_creation_input_tokens: 2 },
    { cachedInputTokens: 4, cacheWriteTokens: 2 },
  ],
  [
    'the same beside details that say nothing (LiteLLM)',
    { prompt_tokens_details: { cached_tokens: null }, cache_read_input_tokens: 4 },
    { cachedInputTokens: 4 },
  ],
  ['reasoning beside the details (Perplexity, SGLang)', { reasoning_tokens: 5 }, { reasoningTokens: 5 }],
  [
    'sound beside the prompt (Voxtral)',
    { prompt_tokens_details: { audio_tokens: 375 }, total_tokens: 391 },
    { inputTokens: 384 },
  ],
  ['sound in the prompt', { prompt_tokens_details: { audio_tokens: 5 }, total_tokens: 16 }, {}],
]

for (const [name, wire, expected] of counts)
  test(name, () => {
    const usage = { prompt_tokens: 9, completion_tokens: 7, ...wire }
    const known = { inputTokens: 9, outputTokens: 7, cachedInputTokens: 0, reasoningTokens: 0 }
    assert.deepEqual(answerOf({ choices: [hi], usage }).usage, { ...known, ...expected })
  })

test('a cost beside the usage (Venice)', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 7 }
  const cost = { diem: 0, usd: 0.0001578 }
  assert.equal(answerOf({ choices: [hi], usage, cost }).cost, '0.0001578')
  const last = eventsOfText(sse(chunk({ content: 'Hi' }, stop), { choices: [], usage, cost }, '[DONE]')).at(
    -1,
  )
  assert.equal(last?.type === 'finish' && last.answer.cost, '0.0001578')
})

const errors: readonly [name: string, body: object, failure: Partial<Failure>][] = [
  [
    'an error beside no choices (MiniMax)',
    { choices: null, base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
    { code: 'payment', message: 'insufficient balance', retryable: false },
  ],
  [
    'an error with names of its own (Qianfan)',
    { error_code: 336501, error_msg: 'rpm rate limit' },
    { code: 'rate-limited', message: 'rpm rate limit', retryable: true },
  ],
  ['a detail', { detail: 'Rate limit exceeded' }, { code: 'rate-limited', message: 'Rate limit exceeded' }],
  [
    'words, and their kind beside them (Hugging Face)',
    { error: 'Model too busy', error_type: 'overloaded' },
    { code: 'overloaded', message: 'Model too busy', retryable: true },
  ],
  ['nothing that is known', { id: 'x' }, { code: 'malformed', message: 'The answer has no choices' }],
]

for (const [name, body, expected] of errors)
  test(`in an answer of 200, ${name}`, () => {
    const failure = openaiChat.decodeResponse(JSON.stringify(body))
    assert.deepEqual({ ...failure, ...expected }, failure)
  })

const reasons: readonly [reason: string, meaning: Answer['finishReason']][] = [
  ['sensitive', 'content-filter'],
  ['model_context_window_exceeded', 'length'],
  ['eos_token', 'stop'],
]

for (const [reason, meaning] of reasons)
  test(`it finishes by \`${reason}\``, () =>
    assert.equal(answerOf({ choices: [{ ...hi, finish_reason: reason }] }).finishReason, meaning))

for (const reason of ['insufficient_system_resource', 'network_error', 'abort'])
  test(`the server broke it off: \`${reason}\``, () => {
    const failure = openaiChat.decodeResponse(JSON.stringify({ choices: [{ ...hi, finish_reason: reason }] }))
    assert.ok(failure.type === 'failure')
    assert.deepEqual([failure.code, failure.retryable], ['server', true])
    assert.deepEqual(failure.partial?.content, [{ type: 'text', text: 'Hi' }])
  })

function answerOf(body: object): Answer {
  const answer = openaiChat.decodeResponse(JSON.stringify(body))
  assert.ok(answer.type === 'answer', JSON.stringify(answer))
  return answer
}
