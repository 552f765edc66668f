/** Another upstream goes on with an answer that broke off, and the client reads one answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AnswerHead,
  anthropicMessagesDialect,
  type AssistantMessage,
  custom,
  type Dialect,
  dialects,
  type ModelRequest,
  openaiChatDialect,
  openaiResponsesDialect,
  type StreamEvent,
  text,
  textOf,
  type Usage,
} from '@playhead/wire'
import { answerOf, decodeStream } from '../../../wire/test/laws/law.ts'
import { canContinue, continuation } from '../../src/relay/continuation.ts'
import type { ContinuableRelay, RelayContext } from '../../src/relay/relay.ts'
import { continuableRelay } from '../../src/relay/stream-relay.ts'
import { context, reset, textOf as textOfBytes } from './relaying.ts'

const second: RelayContext = { ...context, provider: 'Other\nhost' }
const head: AnswerHead = { id: 'upstream-1', model: 'upstream/model', created: 1 }

const used: Usage = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 }

/** What an upstream of a dialect says for these words; with its end or without. */
function speech(dialect: Dialect, words: readonly string[], isWhole: boolean): Uint8Array {
  const encoder = dialect.server.encodeStream(head)
  const events: StreamEvent[] = words.map((text) => ({ type: 'text', text }))
  const message: AssistantMessage = { role: 'assistant', content: [text(words.join(''))] }
  const answer = { ...head, type: 'answer', provider: null, message, finishReason: 'stop' } as const
  if (isWhole)
    events.push({
      type: 'finish',
      answer: { ...answer, rawFinishReason: null, usage: used, cost: null },
    })
  return Buffer.concat(events.map((event) => encoder.push(event)))
}

function broken(
  client: Dialect,
  upstream: Dialect,
  words: readonly string[],
): [ContinuableRelay, Uint8Array] {
  const relay = continuableRelay(client, upstream, custom, context)
  const bytes = relay.push(speech(upstream, words, false))
  return [relay, Buffer.concat([bytes, relay.end(reset)])]
}

function endingOf({ outcome }: ContinuableRelay): string | undefined {
  return outcome?.type
}

const spoken = new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'])

for (const client of dialects.filter(({ name }) => spoken.has(name))) {
  for (const [first, then] of [
    [openaiChatDialect, anthropicMessagesDialect],
    [anthropicMessagesDialect, openaiChatDialect],
    [client, client],
  ] as const) {
    test(`${client.name}: ${first.name} breaks off, ${then.name} goes on`, () => {
      const [relay, begun] = broken(client, first, ['One ', 'two '])
      assert.doesNotMatch(textOfBytes(begun), /reset/)
      assert.equal(endingOf(relay), 'failure')
      assert.equal(textOf(relay.continuable?.content ?? []), 'One two ')
      const mark = relay.continueWith(then, custom, second)
      assert.equal(textOfBytes(mark), ': continued by Other host\n')
      assert.equal(endingOf(relay), undefined)
      const rest = relay.push(speech(then, [' ', 'three'], true))
      const all = Buffer.concat([begun, mark, rest, relay.end()])
      const answer = answerOf(decodeStream(client, context.url, [all]))
      assert.ok(answer !== undefined, textOfBytes(all))
      assert.equal(textOf(answer.message.content), 'One two three')
      assert.equal(answer.message.content.length, 1)
      assert.deepEqual(answer.usage?.outputTokens, used.outputTokens)
      assert.equal(endingOf(relay), 'answer')
    })
  }

  test(`${client.name}: a failure that nobody goes on with is told`, () => {
    const [relay, begun] = broken(client, openaiChatDialect, ['One'])
    assert.ok(relay.outcome?.type === 'failure')
    const told = relay.fail(relay.outcome.failure)
    const last = decodeStream(client, context.url, [Buffer.concat([begun, told])]).at(-1)
    assert.equal(last?.type, 'error')
    assert.equal(relay.fail(reset).length, 0)
    assert.equal(relay.continuable, null)
  })
}

/** Some words, and tokens counted with them. */
function counted(words: string): Uint8Array {
  const usage = { prompt_tokens: 7, completion_tokens: 2 }
  return Buffer.from(`data: ${JSON.stringify({ usage, choices: [{ delta: { content: words } }] })}\n\n`)
}

test('tokens of all upstreams are summed, also of three', () => {
  const relay = continuableRelay(openaiChatDialect, openaiChatDialect, custom, context)
  const out = [relay.push(counted('a ')), relay.end()]
  for (const words of ['b ', 'c ']) {
    out.push(relay.continueWith(openaiChatDialect, custom, second), relay.push(counted(words)), relay.end())
  }
  out.push(relay.continueWith(openaiChatDialect, custom, second))
  out.push(relay.push(speech(openaiChatDialect, ['d'], true)))
  const answer = answerOf(decodeStream(openaiChatDialect, '', [Buffer.concat(out)]))
  assert.ok(answer !== undefined)
  assert.equal(textOf(answer.message.content), 'a b c d')
  assert.deepEqual([answer.usage?.inputTokens, answer.usage?.outputTokens], [31, 11])
  assert.ok(relay.outcome?.type === 'answer')
  assert.equal(relay.outcome.usage?.outputTokens, 5, 'each upstream is accounted for by itself')
})

/** Some words, of which the first three have a source. */
function annotated(content: string, url: string): Uint8Array {
  const citation = { url, title: '', start_index: 0, end_index: 3 }
  const delta = { content, annotations: [{ type: 'url_citation', url_citation: citation }] }
  return Buffer.from(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`)
}

test('a text with sources is gone on with as one text, and its later sources stand where they belong', () => {
  const relay = continuableRelay(openaiResponsesDialect, openaiChatDialect, custom, context)
  const out = [relay.push(annotated('One ', 'http://a')), relay.end(reset)]
  out.push(relay.continueWith(openaiChatDialect, custom, second), relay.push(annotated('two', 'http://b')))
  out.push(
    relay.push(Buffer.from('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')),
  )
  const answer = answerOf(decodeStream(openaiResponsesDialect, '', [Buffer.concat(out)]))
  assert.ok(answer !== undefined)
  const [part, ...more] = answer.message.content
  assert.ok(part?.type === 'text' && more.length === 0)
  assert.equal(part.text, 'One two')
  assert.deepEqual(
    part.citations?.map(({ url, start, end }) => [url, start, end]),
    [
      ['http://a', 0, 3],
      ['http://b', 4, 7],
    ],
  )
})

test('nobody goes on with a tool call, not even one that has only begun', () => {
  const call = { index: 0, id: 'call_1', function: { name: 'add', arguments: '{"a' } }
  const relay = continuableRelay(openaiChatDialect, openaiChatDialect, custom, context)
  relay.push(speech(openaiChatDialect, ['Let me add'], false))
  relay.push(Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] })}\n\n`))
  relay.end(reset)
  assert.equal(relay.continuable, null)
  assert.throws(() => relay.continueWith(openaiChatDialect, custom, second), /broke off within its text/)
})

const partials: readonly [name: string, content: AssistantMessage['content'] | null, can: boolean][] = [
  ['nothing', null, false],
  ['no part', [], false],
  ['blanks', [text(' \n')], false],
  ['text', [text('Hi')], true],
  ['reasoning alone', [{ type: 'reasoning', text: 'Hm' }], false],
  ['reasoning and text', [{ type: 'reasoning', text: 'Hm' }, text('Hi')], true],
  [
    'an image',
    [{ type: 'media', mediaType: 'image/png', source: { type: 'base64', base64: '' } }, text('Hi')],
    false,
  ],
]
for (const [name, content, can] of partials) {
  test(`${can ? 'can' : 'cannot'} be continued: ${name}`, () => {
    assert.equal(canContinue(content && { role: 'assistant', content }), can)
  })
}

test('the rest is asked for with the text so far, without what no other model takes', () => {
  const request: ModelRequest = {
    model: 'm',
    stream: true,
    maxOutputTokens: 100,
    messages: [{ role: 'user', content: [text('Count')] }],
  }
  const partial: AssistantMessage = {
    role: 'assistant',
    content: [{ type: 'reasoning', text: 'Hm' }, text('One '), text('two \n')],
  }
  const { messages, maxOutputTokens, ...others } = continuation(request, partial, 30)
  assert.deepEqual(messages, [
    ...request.messages,
    { role: 'assistant', content: [{ type: 'text', text: 'One two' }] },
  ])
  assert.deepEqual([maxOutputTokens, others], [70, { model: 'm', stream: true }])
  assert.equal(continuation(request, partial, 200).maxOutputTokens, 1)
})
