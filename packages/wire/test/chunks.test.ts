/** What servers are known to do to heads, deltas, reasoning and the stream around them, one row each. */
import { test } from 'node:test'
import { openrouter } from '../src/index.ts'
import { checkReading, type Row } from './reading.ts'
import { chunk, sse } from './streams.ts'

const stop = chunk({}, 'stop')
const hi = chunk({ content: 'Hi' })
const used = (prompt: number, completion: number): unknown => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
})
const done = '[DONE]'

const table: readonly Row[] = [
  // Heads.
  [
    'an empty head before the real one (Azure)',
    sse({ id: '', model: '', choices: [], prompt_filter_results: [] }, hi, stop, done),
    { head: ['gen-1', 'm'], text: 'Hi' },
  ],
  [
    'an id that changes (Groq, avian): the first counts',
    sse(hi, { ...stop, id: 'gen-2' }, done),
    { head: ['gen-1', 'm'] },
  ],
  [
    'a model that changes: the first counts',
    sse(hi, { ...stop, model: 'm-2025' }, done),
    { head: ['gen-1', 'm'] },
  ],
  [
    'no head at all',
    sse({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] }, done),
    { head: ['', ''], text: 'Hi' },
  ],

  // Deltas and choices (Bifrost; pydantic-ai models/openai.py).
  ['a delta that is null', sse(hi, chunk(null), stop, done), { text: 'Hi', finish: 'stop' }],
  [
    'a delta that is absent',
    sse(hi, { choices: [{ index: 0, finish_reason: 'stop' }] }, done),
    { text: 'Hi', finish: 'stop' },
  ],
  [
    'an empty role and a null content',
    sse(chunk({ role: '', content: null }), hi, stop, done),
    { text: 'Hi' },
  ],
  [
    'choices that are absent, null or empty',
    sse({}, { choices: null }, { choices: [] }, { choices: [null] }, hi, stop, done),
    { text: 'Hi' },
  ],
  [
    'an error that is null',
    sse({ ...hi, error: null }, { ...stop, error: null }, done),
    { text: 'Hi', finish: 'stop' },
  ],
  ['a choice without an index', sse({ choices: [{ delta: { content: 'Hi' } }] }, stop, done), { text: 'Hi' }],
  [
    'a second answer beside the first is left out',
    sse(hi, { choices: [{ index: 1, delta: { content: 'Ho' }, finish_reason: 'length' }] }, stop, done),
    { text: 'Hi', finish: 'stop' },
  ],
  [
    'a whole message where a delta was expected',
    sse({ choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }, done),
    { text: 'Hi' },
  ],
  [
    'a refusal is text',
    sse(chunk({ refusal: 'I ca' }), chunk({ content: null, refusal: 'nnot' }), stop, done),
    { text: 'I cannot' },
  ],
  [
    'special tokens are text like any other (Kimi-K2#89)',
    sse(chunk({ content: '<|tool_calls_section_begin|>' }), stop, done),
    { text: '<|tool_calls_section_begin|>' },
  ],
  [
    'content in parts',
    sse(chunk({ content: [{ type: 'text', text: 'H' }, { text: 'i' }] }), stop, done),
    { text: 'Hi' },
  ],

  // Reasoning.
  [
    '`reasoning_content` (DeepSeek, z.ai)',
    sse(chunk({ reasoning_content: 'Hm' }), chunk({ content: 'Hi', reasoning_content: null }), stop, done),
    { reasoning: 'Hm', text: 'Hi' },
  ],
  [
    '`reasoning` (Groq)',
    sse(chunk({ reasoning: 'H' }), chunk({ reasoning: 'm' }), hi, stop, done),
    { reasoning: 'Hm', text: 'Hi' },
  ],
  ['`reasoning_text`', sse(chunk({ reasoning_text: 'Hm' }), hi, stop, done), { reasoning: 'Hm' }],
  [
    '`reasoning_details` alone',
    sse(chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] }), hi, stop, done),
    { reasoning: 'Hm' },
  ],
  [
    'a summary in `reasoning_details`',
    sse(
      chunk({ reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm', index: 0 }] }),
      hi,
      stop,
      done,
    ),
    { reasoning: 'Hm' },
  ],
  [
    'reasoning under two names is taken once (OpenRouter)',
    sse(
      chunk({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }),
      hi,
      stop,
      done,
    ),
    { reasoning: 'Hm' },
  ],
  [
    'reasoning under three names is taken once',
    sse(chunk({ reasoning: 'Hm', reasoning_content: 'Hm', reasoning_text: 'Hm' }), hi, stop, done),
    { reasoning: 'Hm' },
  ],
  [
    'the first delta of reasoning is kept',
    sse(chunk({ reasoning: ' The' }), chunk({ reasoning: ' user' }), hi, stop, done),
    { reasoning: ' The user' },
  ],
  [
    'thinking in parts of the content (Mistral)',
    sse(
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
      chunk({
        content: [
          { type: 'thinking', thinking: 'm' },
          { type: 'text', text: 'Hi' },
        ],
      }),
      stop,
      done,
    ),
    { reasoning: 'Hmm', text: 'Hi' },
  ],

  // Server-sent events.
  [
    'a comment as a keepalive (OpenRouter)',
    `: OPENROUTER PROCESSING\n\n${sse(hi)}: ping\n\n${sse(stop, done)}`,
    { text: 'Hi' },
  ],
  [
    'a keepalive as data (opencode#50871)',
    `data: : keepalive\n\n${sse(hi)}data: : ping\n\n${sse(stop, done)}`,
    { text: 'Hi' },
  ],
  [
    'a keepalive as an event without data (llmgateway#2334)',
    `event: keepalive\n\n${sse(hi)}event: ping\n\n${sse(stop, done)}`,
    { text: 'Hi' },
  ],
  ['empty data', `data:\n\ndata: \n\n${sse(hi, stop, done)}`, { text: 'Hi' }],
  ['data that is null', sse('null', hi, stop, done), { text: 'Hi' }],
  [
    'a space before the field (simonw/llm)',
    sse(hi, stop, done).replaceAll('data:', ' data:'),
    { text: 'Hi' },
  ],
  [
    'names and ids of events (watsonx)',
    sse(hi, stop, done).replaceAll('data:', 'id: 1\nevent: message\ndata:'),
    { text: 'Hi' },
  ],
  ['CRLF (Gemini, Perplexity)', sse(hi, stop, done).replaceAll('\n', '\r\n'), { text: 'Hi' }],
  ['more empty lines than needed', sse(hi, stop, done).replaceAll('\n\n', '\n\n\n\n'), { text: 'Hi' }],
  [
    'a plain answer where a stream was asked for',
    JSON.stringify({
      ...hi,
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
      usage: used(7, 2),
    }),
    { text: 'Hi', finish: 'stop', usage: [7, 2], head: ['gen-1', 'm'] },
  ],
  [
    'a plain answer over many lines',
    JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }, null, 2),
    { text: 'Hi' },
  ],
]

for (const [name, stream, expected, provider = openrouter] of table) {
  test(name, () => checkReading(stream, expected, provider))
}
