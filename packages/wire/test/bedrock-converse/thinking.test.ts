/** How much Claude thinks on Bedrock: requests that other dialects asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bedrockConverse, custom, type Message, type ModelRequest, text } from '../../src/index.ts'

const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const encode = (request: ModelRequest): Record<string, unknown> =>
  JSON.parse(bedrockConverse.encodeRequest(request, custom)) as Record<string, unknown>
const call = { type: 'tool-call', id: 'a', name: 'add', input: {}, inputText: '{}' } as const
const hi: Message = { role: 'user', content: [text('Hi')] }

test('an effort is a budget for a Claude that does not weigh for itself', () => {
  const reasoning = { effort: 'high' }
  const sent = encode({ model: claude, messages: [hi], maxOutputTokens: 8000, reasoning, stream: false })
  assert.deepEqual(sent['additionalModelRequestFields'], {
    thinking: { type: 'enabled', budget_tokens: 6400 },
  })
  const tight = encode({ model: claude, messages: [hi], maxOutputTokens: 1000, reasoning, stream: false })
  assert.equal(tight['additionalModelRequestFields'], undefined)
})

test('a budget goes with neither a choice of words, nor a forced call, nor a tool loop without reasoning', () => {
  const tools = [{ type: 'function', name: 'add', description: '', inputSchema: {} }] as const
  const base = { model: claude, messages: [hi], stream: false, tools, reasoning: { budget: 2000 } }
  const words = { maxOutputTokens: 9000, temperature: 0.2, topP: 0.5, topK: 3 }
  const fields = { thinking: { type: 'enabled', budget_tokens: 2000 } }
  const warm = encode({ ...base, ...words })
  assert.deepEqual(
    [warm['inferenceConfig'], warm['additionalModelRequestFields']],
    [{ maxTokens: 9000 }, fields],
  )
  const forced = encode({ ...base, ...words, toolChoice: { type: 'required' } })
  assert.deepEqual(forced['additionalModelRequestFields'], { top_k: 3 })
  assert.deepEqual(forced['inferenceConfig'], { maxTokens: 9000, temperature: 0.2, topP: 0.5 })
  const result = { type: 'tool-result', id: 'a', name: 'add', output: [], isError: false } as const
  const signed = {
    type: 'reasoning',
    text: 'Hm',
    data: { 'anthropic-messages': { signature: 's' } },
  } as const
  for (const [content, written] of [
    [[call], undefined],
    [[{ ...signed, data: { gemini: { thoughtSignature: 's' } } }, call], undefined],
    [[signed, call], fields],
  ] as const) {
    const messages: Message[] = [hi, { role: 'assistant', content }, { role: 'tool', content: [result] }]
    assert.deepEqual(encode({ ...base, messages })['additionalModelRequestFields'], written)
  }
})
