/** What a recorded exchange was, also where it broke off. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Exchange, understand } from '../src/index.ts'
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

test('a request that cannot be read is its error', () => {
  const { request: asked } = understand({ request: { url, body: '{"messages":1}' }, response: null })
  assert.equal(asked instanceof Error && asked.message, 'messages: an array is needed')
})
