/** An agent runs the same in every dialect: two tool calls at once, their results in order, then the answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '@playhead/wire'
import { serve } from '../../wire/test/sdk/server.ts'
import { agent, model, tool } from '../src/index.ts'

const usage = { inputTokens: 197, outputTokens: 41, cachedInputTokens: 128, reasoningTokens: 0 }

function answer(content: Answer['message']['content'], finishReason: Answer['finishReason']): Answer {
  return {
    type: 'answer',
    id: 'gen-1',
    model: 'm',
    provider: null,
    message: { role: 'assistant', content },
    finishReason,
    rawFinishReason: null,
    usage,
    cost: null,
  }
}

const called = answer(
  [
    { type: 'reasoning', text: 'Both at once.' },
    { type: 'tool-call', id: 'call_a', name: 'add', inputText: '{"a": 2, "b": 3}', input: { a: 2, b: 3 } },
    { type: 'tool-call', id: 'call_b', name: 'add', inputText: '{"a": 4, "b": 3}', input: { a: 4, b: 3 } },
  ],
  'tool-calls',
)

const add = tool({
  name: 'add',
  description: 'Adds two numbers',
  input: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  run: (input) => {
    const { a, b } = input as { readonly a: number; readonly b: number }
    return String(a + b)
  },
})

for (const [reference, dialect, path] of [
  ['openrouter/m', 'openai-chat', '/api/v1'],
  ['openai/m', 'openai-responses', '/v1'],
  ['anthropic/claude-sonnet-4-5', 'anthropic-messages', '/v1'],
  ['google/gemini-3-pro', 'gemini', '/v1beta'],
  ['bedrock/anthropic.claude-v2:1', 'bedrock-converse', ''],
  ['bedrock/anthropic.claude-v2:1', 'anthropic-messages', ''],
  ['cohere/command-a', 'cohere', '/v2'],
  ['ollama/llama3.2', 'ollama', '/api'],
] as const) {
  test(`${reference} over ${dialect}`, async () => {
    await using server = await serve(called, answer([{ type: 'text', text: '5 and 7 🌍' }], 'stop'))
    const calculator = agent({
      model: model(reference, { dialect, baseUrl: server.origin + path, apiKey: 'sk-x' }),
      instructions: 'Be brief.',
      tools: [add],
      maxOutputTokens: 100,
    })
    const { text, steps, usage: total } = await calculator.run('2 + 3 and 4 + 3?').result
    assert.equal(text, '5 and 7 🌍')
    assert.deepEqual([steps.length, total.inputTokens, total.outputTokens], [2, 394, 82])
    const [first, second] = server.requests
    assert.deepEqual([first?.stream, first?.maxOutputTokens], [true, 100])
    const results = second?.messages.at(-1)
    assert.ok(results?.role === 'tool')
    assert.deepEqual(
      results.content.map(({ output }) => output.map((part) => part.type === 'text' && part.text).join('')),
      ['5', '7'],
    )
    const calls = second?.messages.at(-2)?.content.filter((part) => part.type === 'tool-call') ?? []
    assert.deepEqual(
      results.content.map(({ id }) => id),
      calls.map(({ id }) => id),
    )
  })
}
