/** Which failures survive being said in a dialect and read again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialects, failure, type FailureCode } from '../src/index.ts'

/** What a client reads of each. Between a gateway and its upstream, OpenRouter has a word for what went wrong. */
const readAs = (dialect: string): Readonly<Record<FailureCode, FailureCode>> => {
  const broken = dialect === 'openai-chat' ? 'overloaded' : 'server'
  return {
    'invalid-request': 'invalid-request',
    'context-length': 'context-length',
    'content-filter': 'content-filter',
    auth: 'auth',
    payment: 'payment',
    permission: 'permission',
    'not-found': 'not-found',
    'too-large': 'too-large',
    unknown: 'server',
    'rate-limited': 'rate-limited',
    overloaded: 'overloaded',
    server: 'server',
    timeout: 'timeout',
    network: broken,
    truncated: broken,
    malformed: broken,
  }
}

for (const { name, client, server } of dialects)
  test(`${name} says them`, () => {
    const expected = readAs(name)
    const found = Object.keys(expected).map((code) => {
      const { status, headers, body } = server.encodeError(failure(code as FailureCode, 'Too big for me'))
      return [code, client.decodeError(status, new Headers(headers), body).code]
    })
    assert.deepEqual(Object.fromEntries(found), expected)
  })

test('words that say it are not said twice', () => {
  for (const message of [
    'prompt is too long: 9 > 5',
    'Request too large',
    'Output blocked by content filtering policy',
  ])
    for (const { client, server } of dialects) {
      const code = client.decodeError(400, new Headers(), JSON.stringify({ message })).code
      const { status, headers, body } = server.encodeError(failure(code, message))
      assert.equal(client.decodeError(status, new Headers(headers), body).message, message)
    }
})
