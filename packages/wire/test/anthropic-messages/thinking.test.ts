/** How much a model thinks: requests that other dialects asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Message, text } from '../../src/index.ts'
import { bodyOf } from './wire.ts'

for (const [name, asked, thinking, effort, maxTokens] of [
  ['an effort', { reasoning: { effort: 'minimal' } }, { type: 'adaptive' }, 'low', 32_000],
  [
    'an effort, for an old model',
    { model: 'claude-sonnet-4-5@20250929', reasoning: { effort: 'high' } },
    { type: 'enabled', budget_tokens: 25_600 },
    undefined,
    32_000,
  ],
  ['no effort', { reasoning: { effort: 'none' } }, { type: 'disabled' }, undefined, 4096],
  [
    'a budget beyond the limit',
    { maxOutputTokens: 3000, reasoning: { budget: 5000 } },
    { type: 'enabled', budget_tokens: 2850 },
    undefined,
    3000,
  ],
  [
    'a budget that leaves the answer little room',
    { maxOutputTokens: 3000, reasoning: { budget: 2990 } },
    { type: 'enabled', budget_tokens: 2990 },
    undefined,
    3000,
  ],
  [
    'an effort within a limit',
    { model: 'claude-opus-4.1', maxOutputTokens: 2000, reasoning: { effort: 'high' } },
    { type: 'enabled', budget_tokens: 1600 },
    undefined,
    2000,
  ],
  [
    'an effort without room',
    { model: 'claude-opus-4-1-20250805', maxOutputTokens: 1024, reasoning: { effort: 'low' } },
    undefined,
    undefined,
    1024,
  ],
  ['a budget without room', { maxOutputTokens: 500, reasoning: { budget: 5000 } }, undefined, undefined, 500],
  [
    'a budget below the least',
    { reasoning: { budget: 10 } },
    { type: 'enabled', budget_tokens: 1024 },
    undefined,
    5120,
  ],
  ['nothing', {}, undefined, undefined, 4096],
] as const) {
  test(`${name} is said so that the API takes it`, () => {
    const body = bodyOf(asked)
    assert.deepEqual(body['thinking'], thinking)
    assert.deepEqual(body['output_config'], effort === undefined ? undefined : { effort })
    assert.equal(body['max_tokens'], maxTokens)
  })
}

test('a budget goes with neither a choice of words nor a forced call', () => {
  const reasoning = { budget: 2000 }
  const tools = [{ type: 'function', name: 'f', description: '', inputSchema: {} }] as const
  const warm = bodyOf({ reasoning, temperature: 0.2, topP: 0.5, topK: 3 })
  assert.deepEqual(
    [warm['thinking'], warm['temperature']],
    [{ type: 'enabled', budget_tokens: 2000 }, undefined],
  )
  assert.deepEqual([warm['top_p'], warm['top_k']], [undefined, undefined])
  const plain = bodyOf({ reasoning, temperature: 1, topP: 0.96 })
  assert.deepEqual([plain['temperature'], plain['top_p']], [1, 0.96])
  const forced = bodyOf({ reasoning, temperature: 0.2, tools, toolChoice: { type: 'required' } })
  assert.deepEqual([forced['thinking'], forced['temperature']], [undefined, 0.2])
  const effort = bodyOf({
    reasoning: { effort: 'low' },
    temperature: 0,
    tools,
    toolChoice: { type: 'required' },
  })
  assert.deepEqual([effort['thinking'], effort['temperature']], [{ type: 'adaptive' }, undefined])
})

const asked: Message = { role: 'user', content: [text('Hi')] }
const call = { type: 'tool-call', id: 'a', name: 'f', input: {}, inputText: '{}' } as const
const called: Message = { role: 'assistant', content: [call] }
const answered: Message = {
  role: 'tool',
  content: [{ type: 'tool-result', id: 'a', name: 'f', output: [], isError: false }],
}
const thoughtOf = (dialect: string): Message => ({
  role: 'assistant',
  content: [{ type: 'reasoning', text: 'Hm', data: { [dialect]: { signature: 's' } } }, call],
})

for (const [name, messages, isThinking] of [
  ['after a question', [asked], true],
  ['in a tool loop without reasoning', [asked, called, answered], false],
  ['in a tool loop with the reasoning of others', [asked, thoughtOf('gemini'), answered], false],
  ['in a tool loop with its reasoning', [asked, thoughtOf('anthropic-messages'), answered], true],
  [
    'in a tool loop that began with its reasoning',
    [asked, thoughtOf('anthropic-messages'), answered, called, answered],
    true,
  ],
  [
    'in a later tool loop without reasoning',
    [asked, thoughtOf('anthropic-messages'), answered, asked, called, answered],
    false,
  ],
  ['in a tool loop into which the user speaks', [asked, called, answered, asked], false],
  ['after a tool loop', [asked, called, answered, { role: 'assistant', content: [text('So')] }, asked], true],
  ['behind a begun answer', [asked, { role: 'assistant', content: [text('So')] }], false],
] as const) {
  test(`a budget ${name} is ${isThinking ? 'written' : 'left out'}`, () => {
    const { thinking } = bodyOf({ model: 'claude-sonnet-4-5', reasoning: { effort: 'high' }, messages })
    assert.deepEqual(thinking, isThinking ? { type: 'enabled', budget_tokens: 25_600 } : undefined)
    const adaptive = bodyOf({ reasoning: { effort: 'high' }, messages })
    assert.deepEqual(adaptive['thinking'], { type: 'adaptive' })
  })
}
