/** What the model says in these tests. */
import { type Answer, type AssistantPart, failure, type Usage } from '../../src/index.ts'

/** Whole prompt 197, of which 128 from the cache; 41 written, of which 7 thought. */
const usage: Usage = { inputTokens: 197, outputTokens: 41, cachedInputTokens: 128, reasoningTokens: 7 }

function answer(content: readonly AssistantPart[], finishReason: Answer['finishReason']): Answer {
  return {
    type: 'answer',
    id: 'gen-1',
    model: 'm',
    provider: 'Chutes',
    message: { role: 'assistant', content },
    finishReason,
    // Another dialect's word.
    rawFinishReason: 'halted',
    usage,
    cost: '0.00013718',
  }
}

/** Characters of one to four bytes, quotes, line ends of JSON and of JavaScript. */
export const words = 'Olá, "world" 世界 🌍\n\u2028done\\'

export const said = answer([{ type: 'text', text: words }], 'stop')

export const thought = answer(
  [
    { type: 'reasoning', text: 'Add them, then multiply.' },
    { type: 'text', text: words },
  ],
  'stop',
)

/** Two calls at once, the same tool, its input with spaces that must not be lost. */
export const called = answer(
  [
    { type: 'text', text: 'Both at once.' },
    { type: 'tool-call', id: 'call_a', name: 'add', inputText: '{"a": 2, "b": 3}', input: { a: 2, b: 3 } },
    {
      type: 'tool-call',
      id: 'call_b',
      name: 'add',
      inputText: '{"a": 4, "b": "🌍"}',
      input: { a: 4, b: '🌍' },
    },
  ],
  'tool-calls',
)

/** What only OpenAI's chat completions can say: a tool that takes any text. */
export const calledFreely = answer(
  [
    {
      type: 'tool-call',
      id: 'call_a',
      name: 'run',
      inputText: words,
      input: undefined,
      data: { 'openai-chat': { type: 'custom' } },
    },
  ],
  'tool-calls',
)

export const cutShort = answer([{ type: 'text', text: words }], 'length')

export const limited = failure('rate-limited', 'Slow down', {
  status: 429,
  provider: 'GMICloud',
  raw: 'too many',
  retryAfter: 2000,
})

export const overloaded = failure('overloaded', 'Too much to do', { provider: 'GMICloud' })

export const brokenOff = { type: 'breaks-off', answer: said, failure: overloaded } as const
