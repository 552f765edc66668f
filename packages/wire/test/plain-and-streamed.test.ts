/** A plain answer, and the stream that says the same, are the same answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, type Failure, openaiChat, openrouter } from '../src/index.ts'
import { corpora, skip } from './recordings.ts'
import { bytesOf, eventsOf, sse, textOfBytes } from './streams.ts'

interface Choice {
  readonly message: Readonly<Record<string, unknown>>
  readonly finish_reason: unknown
}

interface Completion {
  readonly choices?: readonly Choice[]
  readonly usage?: unknown
}

const head = { id: 'gen-1', model: 'm', provider: 'Chutes' }
const usage = {
  prompt_tokens: 7,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 3 },
  cost: 0.1,
}
const call = { id: 'a', index: 0, type: 'function', function: { name: 'add', arguments: '{"a": 2}' } }

const messages: readonly [name: string, message: Readonly<Record<string, unknown>>, finishReason: string][] =
  [
    ['text', { role: 'assistant', content: 'Olá, mundo 𝄞!' }, 'stop'],
    ['no text', { role: 'assistant', content: '' }, 'stop'],
    ['text in parts', { content: [{ type: 'text', text: 'Hi' }] }, 'stop'],
    ['a refusal', { content: null, refusal: 'I cannot' }, 'stop'],
    ['a tool call', { content: null, tool_calls: [call] }, 'tool_calls'],
    [
      'a tool call without input',
      { tool_calls: [{ ...call, function: { name: 'now', arguments: '' } }] },
      'stop',
    ],
    [
      'a tool call whose input is JSON',
      { tool_calls: [{ ...call, function: { name: 'add', arguments: { a: 2 } } }] },
      'stop',
    ],
    [
      'a tool call that is cut off',
      { tool_calls: [{ ...call, function: { name: 'add', arguments: '{"a"' } }] },
      'length',
    ],
    [
      'a signed tool call (Gemini)',
      { tool_calls: [{ ...call, extra_content: { google: { thought_signature: 'x' } } }] },
      'tool_calls',
    ],
    [
      'two tool calls',
      { content: 'Both.', tool_calls: [call, { ...call, id: 'b', index: 1 }] },
      'tool_calls',
    ],
    ['reasoning', { reasoning: 'Hm, I see.', content: 'Hi' }, 'stop'],
    ['reasoning_content', { reasoning_content: 'Hm, I see.', content: 'Hi' }, 'stop'],
    [
      'signed reasoning',
      {
        reasoning: 'Hm',
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0, signature: 's' }],
        content: 'Hi',
      },
      'stop',
    ],
    [
      'secret reasoning',
      {
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'x', index: 0 },
          { type: 'reasoning.encrypted', data: 'y', index: 0 },
        ],
        content: 'Hi',
      },
      'stop',
    ],
    [
      'thinking in parts (Mistral)',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
          { type: 'text', text: 'Hi' },
        ],
      },
      'stop',
    ],
    ['everything filtered away', { content: null }, 'content_filter'],
  ]

for (const [name, message, finish_reason] of messages) {
  test(`${name} is the same plain and streamed`, () => {
    checkSame({ ...head, choices: [{ message, finish_reason }], usage }, name)
  })
}

test('every recorded plain answer is the same when it is streamed', { skip }, () => {
  let count = 0
  for (const { name, response } of corpora) {
    const body = textOfBytes(response.body)
    if (response.status >= 400 || !body.trimStart().startsWith('{')) continue
    const wire = JSON.parse(body) as Completion
    // A server streams no choice, or one: more than one are not asked for.
    if (wire.choices?.length !== 1) continue
    checkSame(wire, name)
    count += 1
  }
  assert.ok(count > 300, `${count} plain answers`)
})

test('the details of a plain answer stay apart and whole, as they must go back', () => {
  const reasoning_details = [
    { type: 'reasoning.text', text: 'One', signature: 'a' },
    { type: 'reasoning.text', text: 'Two', signature: 'b' },
  ]
  const message = { content: 'Hi', reasoning_details }
  const answer = openaiChat.decodeResponse(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }))
  assert.ok(answer.type === 'answer')
  const request = { model: 'm', messages: [answer.message], stream: false }
  const sent = JSON.parse(openaiChat.encodeRequest(request, openrouter)) as { messages: unknown[] }
  assert.deepEqual(sent.messages, [{ content: 'Hi', role: 'assistant', reasoning_details }])
})

function checkSame(wire: Completion, name: string): void {
  const plain = openaiChat.decodeResponse(JSON.stringify(wire))
  assert.equal(plain.type, 'answer', name)
  assert.deepEqual(outcomeOf(streamOf(wire)), plain, name)
}

function outcomeOf(stream: string): Answer | Failure | undefined {
  const last = eventsOf([bytesOf(stream)], openrouter).at(-1)
  return last?.type === 'finish' ? last.answer : last?.type === 'error' ? last.failure : undefined
}

/** A server that streams an answer: reasoning, text and tool input in small deltas, then usage. */
function streamOf({ choices = [], usage, ...head }: Completion): string {
  const { message = {}, ...rest }: Partial<Choice> = choices[0] ?? {}
  const { content, reasoning, reasoning_content, reasoning_details, tool_calls, ...others } = message
  const deltas: unknown[] = [
    // Gateways that send details send the same words beside them.
    ...(reasoning_details === undefined ? split('reasoning', reasoning) : [{ reasoning, reasoning_details }]),
    ...split('reasoning_content', reasoning_content),
    ...(typeof content === 'string'
      ? split('content', content)
      : list(content).map((part) => ({ content: [part] }))),
    ...list(tool_calls).flatMap(toolDeltas),
    others,
  ]
  const chunk = (delta: unknown, finish_reason: unknown = null): unknown => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  })
  const last = { ...head, choices: [{ index: 0, delta: {}, ...rest }] }
  return sse(...deltas.map((delta) => chunk(delta)), last, { ...head, choices: [], usage }, '[DONE]')
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Deltas of three letters. */
function split(field: string, text: unknown): unknown[] {
  if (typeof text !== 'string') return []
  return (text.match(/.{1,3}/gsu) ?? []).map((piece) => ({ [field]: piece }))
}

/** A call's first delta has all but its input, which follows in pieces. */
function toolDeltas(wire: unknown, index: number): unknown[] {
  const { function: inner, ...rest } = wire as {
    readonly function: { readonly name: string; readonly arguments: unknown }
  }
  if (typeof inner.arguments !== 'string') return [{ tool_calls: [{ ...rest, index, function: inner }] }]
  return [
    { tool_calls: [{ ...rest, index, function: { name: inner.name, arguments: '' } }] },
    ...split('arguments', inner.arguments).map((piece) => ({ tool_calls: [{ index, function: piece }] })),
  ]
}
