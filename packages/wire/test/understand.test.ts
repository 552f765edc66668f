/** What a recorded exchange was, also where it broke off. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Exchange, understand, WireError } from '../src/index.ts'
import { outcomeOf } from './laws/law.ts'
import { isStreamed, type Recording, recordings, skip } from './recordings.ts'

function exchangeOf({ requestBody, response }: Recording, body = response.body): Exchange {
  const { url, status, headers } = response
  const list = [...(headers as Headers)]
  return { request: { url, body: requestBody }, response: { status, headers: list, body } }
}

test('what was asked, what came, and how: as the dialects decode it', { skip }, () => {
  for (const recording of recordings) {
    const { dialect, outcome, isStream } = understand(exchangeOf(recording))
    assert.equal(dialect, recording.dialect, recording.name)
    assert.deepEqual(outcome, outcomeOf(recording), recording.name)
    if (recording.response.status < 400) assert.equal(isStream, isStreamed(recording), recording.name)
  }
})

test('an answer that broke off is a failure that says so, unless all of it had come', { skip }, () => {
  let count = 0
  for (const recording of recordings) {
    const { body } = recording.response
    const whole = understand(exchangeOf(recording)).outcome
    const abort = { type: 'abort' }
    assert.deepEqual(understand({ ...exchangeOf(recording), ending: abort }).outcome, whole, recording.name)
    if (whole?.type !== 'answer') continue
    for (const part of [0, 0.3, 0.7]) {
      const cut = body.slice(0, Math.floor(body.length * part))
      const { outcome } = understand({ ...exchangeOf(recording, cut), ending: abort })
      assert.equal(outcome?.type === 'failure' && outcome.code, 'truncated', `${recording.name} ${part}`)
      count += 1
    }
  }
  assert.ok(count > 1000)
})

const url = 'https://a/v1/chat/completions'
const request = { url, body: '{"model":"m","messages":[]}' }

test('no head: the connection failed, or somebody left', () => {
  const failed = understand({
    request,
    response: null,
    ending: { type: 'error', message: 'read ECONNRESET' },
  })
  assert.ok(failed.outcome?.type === 'failure')
  assert.deepEqual([failed.outcome.code, failed.outcome.message], ['network', 'read ECONNRESET'])
  for (const type of ['abort', 'unfinished']) {
    const { outcome, isStream } = understand({ request, response: null, ending: { type } })
    assert.equal(outcome?.type === 'failure' && outcome.code, 'truncated')
    assert.equal(isStream, false)
  }
})

test('what is in no dialect is nothing, or an error in anybody’s words', () => {
  const other = { url: 'https://a/', body: Uint8Array.of(255) }
  const response = { status: 200, headers: [], body: 'hi' }
  assert.deepEqual(understand({ request: other, response }), {
    dialect: null,
    isStream: false,
    model: null,
    request: null,
    outcome: null,
  })
  assert.equal(understand({ request: other, response: null }).outcome, null)
  const refused = {
    status: 429,
    headers: [['Retry-After', ' 2 ']] as const,
    body: '{"error":{"message":"Slow"}}',
  }
  const { outcome } = understand({ request: other, response: refused })
  assert.ok(outcome?.type === 'failure')
  assert.deepEqual([outcome.code, outcome.message, outcome.retryAfter], ['rate-limited', 'Slow', 2000])
})

test('a response that is fetched later is an answer to no question', () => {
  const body = JSON.stringify({
    status: 'completed',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
  })
  const response = { status: 200, headers: [['content-type', 'application/json']] as const, body }
  const fetched = { url: 'https://a/v1/responses/resp_1', body: '' }
  const { dialect, request: asked, outcome } = understand({ request: fetched, response })
  assert.deepEqual([dialect?.name, asked], ['openai-responses', null])
  assert.ok(outcome?.type === 'answer')
  assert.deepEqual(outcome.message.content.length, 1)
  assert.equal(understand({ request: { ...fetched, method: 'DELETE' }, response }).dialect, null)
  const items = { ...fetched, url: `${fetched.url}/input_items` }
  assert.equal(understand({ request: items, response }).dialect, null)
})

test('the model: the one that answered, or began to, or was asked', () => {
  const named = (body: string): string | null =>
    understand({ request, response: { status: 200, headers: [['content-type', stream]], body } }).model
  const stream = 'text/event-stream'
  const chunk = 'data: {"model":"n","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
  assert.equal(named(chunk), 'n')
  assert.equal(named(`${chunk}data: {"error":{"message":"No"}}\n\n`), 'n')
  assert.equal(named('data: {"error":{"message":"No"}}\n\n'), 'm')
})

test('a model is known though what it was asked is not', () => {
  for (const [asked, body, model] of [
    [url, '{"model":"m","messages":1}', 'm'],
    ['https://a/v1beta/models/g-1:streamGenerateContent?alt=sse', '{"contents":1}', 'g-1'],
    ['https://a/model/eu.x-v1%3A0/converse-stream', '{"messages":1}', 'eu.x-v1:0'],
    ['https://a/model/x-v1:0/converse', '{"messages":1}', 'x-v1:0'],
    [url, '{"messages":1}', null],
  ] as const) {
    const { request: read, model: found } = understand({ request: { url: asked, body }, response: null })
    assert.ok(read instanceof WireError)
    assert.equal(found, model, asked)
  }
})

test('a request in no dialect may name its model', () => {
  const asked = { url: 'https://a/v1beta/interactions', body: '{"model":"m","input":"Hi"}' }
  const { dialect, model } = understand({ request: asked, response: null })
  assert.deepEqual([dialect, model], [null, 'm'])
})

test('a request that cannot be read is its error', () => {
  const { request: asked } = understand({ request: { url, body: '{"messages":1}' }, response: null })
  assert.equal(asked instanceof Error && asked.message, 'messages: an array is needed')
})
