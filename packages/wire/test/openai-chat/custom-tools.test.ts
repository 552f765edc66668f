/** OpenAI's custom tools, which take any text: https://platform.openai.com/docs/guides/function-calling#custom-tools */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropic,
  anthropicMessages,
  type ModelRequest,
  openai,
  openaiChat,
  openaiChatDialect,
  openaiResponses,
} from '../../src/index.ts'
import { chunk, eventsOf, eventsOfText, sse } from '../streams.ts'

const { server } = openaiChatDialect

/** A request with a call in its history, whose input this is. */
const body = (input: unknown): object => ({
  model: 'm',
  messages: [
    { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'run', input } }] },
  ],
})

const decode = (wire: object): ModelRequest => server.decodeRequest(wire, '')

const call = {
  type: 'tool-call',
  id: 'a',
  name: 'run',
  input: undefined,
  inputText: ' print(1)',
  data: { 'openai-chat': { type: 'custom' } },
}

test('a call in the history is a call whose input is any text, and goes back as it came', () => {
  const request = decode(body(' print(1)'))
  assert.deepEqual(request.messages[0]?.content, [call])
  assert.deepEqual(JSON.parse(openaiChat.encodeRequest(request, openai)), body(' print(1)'))
})

test('an empty input stays empty, and one that is no text is refused', () => {
  assert.deepEqual(JSON.parse(openaiChat.encodeRequest(decode(body('')), openai)), body(''))
  assert.throws(() => decode(body({})), /messages\[0\]\.tool_calls\[0\]\.custom\.input/)
})

test('elsewhere it is the call of a function', () => {
  const request = { ...decode(body(' print(1)')), maxOutputTokens: 5 }
  const claude = anthropicMessages.encodeRequest(request, anthropic)
  assert.match(claude, /"name":"run","input":\{"input":" print\(1\)"\}/)
  const responses = openaiResponses.encodeRequest(request, openai)
  assert.match(responses, /"type":"function_call","call_id":"a","name":"run","arguments":" print\(1\)"/)
})

test('a choice among tools says which kind of tool it is', () => {
  const wire = {
    ...body('5'),
    tools: [{ type: 'custom', custom: { name: 'run' } }],
    tool_choice: { type: 'custom', custom: { name: 'run' } },
  }
  const request = decode(wire)
  assert.deepEqual(request.toolChoice, { type: 'tool', name: 'run' })
  assert.deepEqual(JSON.parse(openaiChat.encodeRequest(request, openai)), wire)
})

test('a streamed call is the same as a plain one, and both are written as they came', () => {
  const whole = { id: 'a', type: 'custom', custom: { name: 'run', input: ' print(1)' } }
  const choice = { index: 0, message: { content: null, tool_calls: [whole] }, finish_reason: 'tool_calls' }
  const plain = openaiChat.decodeResponse(JSON.stringify({ id: 'gen-1', model: 'm', choices: [choice] }))
  assert.ok(plain.type === 'answer')
  assert.deepEqual(plain.message.content, [call])
  const head = { id: 'gen-1', model: 'm', created: 5 }
  assert.deepEqual(openaiChat.decodeResponse(server.encodeResponse(plain, head)), plain)

  const first = { index: 0, id: 'a', type: 'custom', custom: { name: 'run', input: '' } }
  const pieces = [' print', '(1)'].map((input) => ({ index: 0, custom: { input } }))
  const chunks = [first, ...pieces].map((delta) => chunk({ tool_calls: [delta] }))
  const events = eventsOfText(sse(...chunks, chunk({}, 'tool_calls'), '[DONE]'))
  const encoder = server.encodeStream(head)
  for (const stream of [events, eventsOf(events.map((event) => encoder.push(event)))]) {
    const last = stream.at(-1)
    assert.ok(last?.type === 'finish')
    assert.deepEqual(last.answer.message, plain.message)
    const inputs = stream.flatMap((event) => (event.type === 'tool-input' ? [event.text] : []))
    assert.deepEqual(inputs, ['', ' print', '(1)'])
  }
})
