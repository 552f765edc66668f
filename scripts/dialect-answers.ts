/** What an answer may say, row by row, to see what each dialect makes of it. */
import {
  type Answer,
  type AssistantPart,
  type Citation,
  type FinishReason,
  text,
  type Usage,
} from '../packages/wire/src/index.ts'
import type { AnswerProbe, Section } from './dialect-probes.ts'

const usage: Usage = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 }
const base: Answer = {
  type: 'answer',
  id: 'id-1',
  model: 'model',
  provider: null,
  message: { role: 'assistant', content: [text('Hello')] },
  finishReason: 'stop',
  rawFinishReason: null,
  usage,
  cost: null,
}
const call = { type: 'tool-call', id: 'call_1', name: 'add', input: { a: 2 }, inputText: '{"a":2}' } as const
const image = {
  type: 'media',
  mediaType: 'image/png',
  source: { type: 'base64', base64: 'iVBORw0KGgo=' },
} as const
const searched = [
  { type: 'provider-call', id: 'srv_1', name: 'web_search', input: { query: 'x' }, data: { elsewhere: {} } },
  {
    type: 'provider-result',
    id: 'srv_1',
    name: 'web_search',
    output: [],
    isError: false,
    data: { elsewhere: {} },
  },
] as const

export const answerSections: readonly Section<AnswerProbe>[] = [
  {
    title: 'Parts of an answer',
    probes: [
      parts('text', [text('Hello')]),
      parts('text in parts', [text('Hello'), text('there')]),
      parts('reasoning', [{ type: 'reasoning', text: 'Hm' }, text('Hello')]),
      parts('reasoning between texts', [text('Hello'), { type: 'reasoning', text: 'Hm' }, text('there')]),
      parts(
        'signature of another dialect',
        [{ type: 'reasoning', text: 'Hm', data: { elsewhere: { signature: 'x' } } }, text('Hello')],
        [{ type: 'reasoning', text: 'Hm' }, text('Hello')],
      ),
      calls('tool call', [call], 'call'),
      calls('several tool calls', [call, { ...call, id: 'call_2' }], 'call'),
      calls('text before a tool call', [text('Wait'), call], 'call'),
      calls('text behind a tool call', [call, text('Wait')], 'call'),
      calls('id of a call', [call], 'id'),
      calls('input byte for byte', [{ ...call, inputText: '{ "a": 2 }' }], 'inputText'),
      calls('input that is not JSON', [{ ...call, input: undefined, inputText: '{"a":' }], 'inputText'),
      parts('citation', [cited({})], [text('Hello')]),
      parts('quote of a citation', [cited({ quote: 'Hello' })], [cited({})]),
      parts('place of a citation', [cited({ start: 0, end: 5 })], [cited({})]),
      parts('image', [text('Hello'), image], [text('Hello')]),
      parts('provider call and result of another dialect', [...searched, text('Hello')]),
    ],
  },
  {
    title: 'Around an answer',
    probes: [
      whole('id', {}, ({ id }) => id, { id: 'other' }),
      whole('model', {}, ({ model }) => model, { model: 'other' }),
      whole('provider', { provider: 'Upstream' }, ({ provider }) => provider),
      whole('cost', { cost: '0.0001' }, ({ cost }) => cost),
      whole(
        'logprobs',
        { logprobs: [{ token: 'Hello', logprob: -0.5, top: [{ token: 'Hello', logprob: -0.5 }] }] },
        ({ logprobs }) => logprobs,
      ),
      ...(['stop', 'length', 'content-filter', 'error', 'other'] as const).map(finish),
      calls('finishReason: tool-calls', [call], 'finish'),
      whole('usage: none', { usage: null }, (answer) => answer.usage),
      whole('usage: input and output', {}, ({ usage }) => usage && [usage.inputTokens, usage.outputTokens], {
        usage: null,
      }),
      tokens('cachedInputTokens', 4),
      tokens('cacheWriteTokens', 3),
      tokens('reasoningTokens', 2),
    ],
  },
]

function whole(
  name: string,
  fields: Partial<Answer>,
  look: (answer: Answer) => unknown,
  without: Partial<Answer> = {},
): AnswerProbe {
  return { name, answer: { ...base, ...fields }, without: { ...base, ...without }, look }
}

function parts(
  name: string,
  content: readonly AssistantPart[],
  without: readonly AssistantPart[] = content.slice(-1),
): AnswerProbe {
  return whole(name, saying(content), (answer) => answer.message.content, saying(without))
}

function saying(content: readonly AssistantPart[]): Partial<Answer> {
  return { message: { role: 'assistant', content } }
}

function cited(more: Citation): AssistantPart {
  return { ...text('Hello'), citations: [{ url: 'https://example.com/', title: 'Example', ...more }] }
}

function calls(
  name: string,
  content: readonly AssistantPart[],
  looked: 'call' | 'id' | 'inputText' | 'finish',
): AnswerProbe {
  const message = { role: 'assistant', content } as const
  const looks: Record<typeof looked, (answer: Answer) => unknown> = {
    call: (answer) =>
      answer.message.content.map((part) => (part.type === 'tool-call' ? { ...part, id: '' } : part)),
    id: (answer) => answer.message.content.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])),
    inputText: (answer) =>
      answer.message.content.flatMap((part) => (part.type === 'tool-call' ? [part.inputText] : [])),
    finish: (answer) => answer.finishReason,
  }
  const without = {
    message: { role: 'assistant', content: content.filter(({ type }) => type !== 'tool-call') },
  } as const
  return whole(name, { message, finishReason: 'tool-calls' }, looks[looked], without)
}

function finish(finishReason: FinishReason): AnswerProbe {
  const without = finishReason === 'stop' ? 'length' : 'stop'
  return whole(`finishReason: ${finishReason}`, { finishReason }, (answer) => answer.finishReason, {
    finishReason: without,
  })
}

function tokens(
  name: 'cachedInputTokens' | 'cacheWriteTokens' | 'reasoningTokens',
  count: number,
): AnswerProbe {
  return whole(`usage: ${name}`, { usage: { ...usage, [name]: count } }, (answer) => answer.usage?.[name])
}
