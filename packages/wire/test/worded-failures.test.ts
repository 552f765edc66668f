/** Bad requests by their words alone: some say what was wrong, others only quote what was asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRetryable, openaiChat } from '../src/index.ts'

for (const [message, code] of [
  ['Rate limit reached', 'rate-limited'],
  ['API rate limit exceeded', 'rate-limited'],
  ['rpm rate limit', 'rate-limited'],
  ['Output blocked by content filtering policy', 'content-filter'],
  ['blocked by a content filter: No', 'content-filter'],
  ["Unknown parameter: 'rate limit'", 'invalid-request'],
  ['Invalid value: "my rate limit exceeded"', 'invalid-request'],
  ['Invalid rate limit parameter', 'invalid-request'],
  ['Invalid content filter parameter', 'invalid-request'],
  ["Invalid parameter: 'content filter'", 'invalid-request'],
  ['The tool "content filter" was not found', 'invalid-request'],
] as const) {
  test(`${message} is ${code}`, () => {
    const body = JSON.stringify({ error: { message, type: 'invalid_request_error' } })
    const failure = openaiChat.decodeError(400, new Headers(), body)
    assert.deepEqual([failure.code, failure.message, failure.retryable], [code, message, isRetryable(code)])
  })
}
