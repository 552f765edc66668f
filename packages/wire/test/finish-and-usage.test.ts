/** What servers are known to do to finish reasons and usage, one row each. */
import { test } from 'node:test'
import { custom, openrouter } from '../src/index.ts'
import { checkReading, type Row } from './reading.ts'
import { chunk, sse } from './streams.ts'

const stop = chunk({}, 'stop')
const hi = chunk({ content: 'Hi' })
const used = (prompt: number, completion: number): unknown => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
})
const withUsage = (prompt: number, completion: number, more: object = stop): unknown => ({
  ...more,
  usage: used(prompt, completion),
})
const lone = { id: 'gen-1', choices: [] }
const done = '[DONE]'

const table: readonly Row[] = [
  // Finish reasons.
  [
    '`stop` with tool calls stays `stop`',
    sse(chunk({ tool_calls: [{ function: { name: 'now' } }] }, 'stop'), done),
    { finish: 'stop' },
  ],
  [
    '`tool_calls` without any stays',
    sse(hi, chunk({}, 'tool_calls'), done),
    { finish: 'tool-calls', text: 'Hi' },
  ],
  [
    '`length` with an open tool call stays `length` (goose#9946)',
    sse(chunk({ tool_calls: [{ function: { name: 'now', arguments: '{"a' } }] }, 'length'), done),
    { finish: 'length' },
  ],
  ['a finish reason twice (DeepInfra)', sse(hi, stop, stop, done), { finish: 'stop', text: 'Hi' }],
  [
    'another finish reason after the first: the last counts',
    sse(hi, stop, chunk({}, 'length'), done),
    { finish: 'length' },
  ],
  ['a null after the finish reason', sse(hi, stop, chunk({ content: '' }), done), { finish: 'stop' }],
  [
    'an empty finish reason before the real one',
    sse(chunk({ content: 'Hi' }, ''), stop, done),
    { finish: 'stop' },
  ],
  [
    'a finish reason from the future',
    sse(chunk({ content: 'Hi' }, 'bored'), done),
    { finish: 'other', raw: 'bored' },
  ],
  [
    'a native finish reason in capitals',
    sse(chunk({ content: 'Hi' }, 'MAX_TOKENS'), done),
    { finish: 'length', raw: 'MAX_TOKENS' },
  ],
  ['content filter', sse(chunk({ content: 'Hi' }, 'content_filter'), done), { finish: 'content-filter' }],
  ['no finish reason at all (gpt-audio)', sse(hi, done), { finish: 'other', raw: null, text: 'Hi' }],
  ['no [DONE] (Cerebras, Hugging Face, Perplexity)', sse(hi, stop), { finish: 'stop', text: 'Hi' }, custom],

  // Usage.
  [
    'usage in a last chunk without choices (OpenAI)',
    sse(hi, stop, withUsage(7, 2, lone), done),
    { usage: [7, 2], finish: 'stop' },
  ],
  ['usage with the finish reason (Mistral, z.ai)', sse(hi, withUsage(7, 2), done), { usage: [7, 2] }],
  [
    'usage with the finish reason and again without choices (Groq)',
    sse(hi, withUsage(7, 2), withUsage(7, 2, lone), done),
    { usage: [7, 2] },
  ],
  [
    'usage after a null finish reason (the seeds)',
    sse(hi, stop, withUsage(7, 2, chunk({ role: 'assistant', content: '' })), done),
    { usage: [7, 2], finish: 'stop' },
  ],
  [
    'usage in every chunk, counting up: the last counts, never the sum',
    sse(withUsage(7, 1, hi), withUsage(7, 2, hi), withUsage(7, 3), done),
    { usage: [7, 3] },
  ],
  ['usage only in the first chunk', sse(withUsage(7, 1, hi), stop, done), { usage: [7, 1] }],
  [
    'usage null in every chunk but the last (OpenAI)',
    sse({ ...hi, usage: null }, stop, withUsage(7, 2, lone), done),
    { usage: [7, 2] },
  ],
  ['zero usage after real usage', sse(hi, withUsage(7, 2), withUsage(0, 0, lone), done), { usage: [7, 2] }],
  [
    'a chunk without usage after real usage',
    sse(hi, withUsage(7, 2), { ...lone, usage: null }, lone, done),
    { usage: [7, 2] },
  ],
  [
    'usage in the first choice (Moonshot)',
    sse(hi, { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: used(7, 2) }] }, done),
    { usage: [7, 2] },
  ],
  [
    'usage after the finish reason where that ends the stream',
    sse(hi, stop, withUsage(7, 2, lone)),
    { usage: [7, 2] },
    custom,
  ],
  ['no usage', sse(hi, stop, done), { usage: null, cost: null }],
  [
    'cost beside usage (OpenRouter)',
    sse(hi, stop, { ...lone, usage: { prompt_tokens: 197, completion_tokens: 41, cost: 0.00013718 } }, done),
    { cost: '0.00013718' },
  ],
  [
    'a cost of zero is a cost',
    sse(hi, stop, { ...lone, usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0 } }, done),
    { cost: '0' },
  ],
  [
    'a nested cost (Perplexity)',
    sse(
      hi,
      stop,
      { ...lone, usage: { prompt_tokens: 1, completion_tokens: 1, cost: { total_cost: 1.5e-7 } } },
      done,
    ),
    { cost: '0.00000015' },
  ],
  [
    'no cost after a cost',
    sse(hi, { ...stop, usage: { ...(used(1, 1) as object), cost: 0.5 } }, withUsage(1, 1, lone), done),
    { cost: '0.5', usage: [1, 1] },
  ],
  [
    'usage that is nonsense',
    sse(hi, { ...stop, usage: { prompt_tokens: '7', completion_tokens: -2 } }, done),
    { usage: null },
  ],
]

for (const [name, stream, expected, provider = openrouter] of table) {
  test(name, () => checkReading(stream, expected, provider))
}
