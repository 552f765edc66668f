/** Whatever was recorded, of whatever API: it is in a dialect or in none, and is read or refused with a place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect, dialectOf, dialects, type ModelRequest, WireError } from '../../src/index.ts'
import { parseJson } from '../../src/json.ts'
import { exchanges, type Recording, skip } from '../recordings.ts'
import { every, law, outcomeOf } from './law.ts'
import { refusals } from './refusals.ts'

law('every answer is read, or is a failure with a code', every, (recording) => {
  const outcome = outcomeOf(recording)
  assert.match(outcome.type, /^(answer|failure)$/)
  if (recording.response.status >= 400) assert.equal(outcome.type, 'failure')
})

law('every request is read, or refused with a place', every, (recording) => {
  const request = read(recording)
  if (!(request instanceof WireError)) return assert.ok(Array.isArray(request.messages))
  assert.notEqual(request.message, '')
})

law('no request that was answered is refused, but for those that are listed', answered, (recording) => {
  const request = read(recording)
  if (!(request instanceof WireError)) return
  const known = refusals.find(
    ({ dialect, path }) => dialect === recording.dialect.name && path.test(request.path),
  )
  assert.ok(known, request.message)
})

test('no dialect stumbles over what is not its own', { skip }, () => {
  for (const { url, requestBody } of exchanges) {
    const body = parseJson(requestBody)
    dialectOf(url, body)
    for (const dialect of dialects) {
      dialect.asksForStream(url, body)
      for (const odd of [body, undefined, null, 1, '', [], {}, [body]]) {
        assert.equal(typeof dialect.matches(url, odd), 'boolean')
        assert.equal(typeof dialect.matches('', odd), 'boolean')
      }
    }
  }
})

test('each exchange is in one dialect at most', { skip }, () => {
  for (const { name, url, requestBody } of exchanges) {
    const body = parseJson(requestBody)
    const found = dialects.filter((dialect) => dialect.matches(url, body)).map((dialect) => dialect.name)
    assert.ok(found.length <= 1, `${name} ${url}: ${found.join(', ')}`)
  }
})

test('each dialect has recordings, so that no law holds for want of any', { skip }, () => {
  for (const dialect of dialects) assert.ok(every(dialect).length > 0, dialect.name)
})

function answered(dialect: Dialect): readonly Recording[] {
  return every(dialect).filter(({ response }) => response.status < 400)
}

function read({ dialect, request, response }: Recording): ModelRequest | WireError {
  try {
    return dialect.server.decodeRequest(request, response.url)
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}
