import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKey, isKey } from '../src/keys.ts'

const secret = 'a secret of the gateway'
const about = { name: 'ada', createdAt: 0 }

test('a record that was proven by its key is proven by no other one, then as before', () => {
  const { key, record } = createKey(secret, about)
  const other = createKey(secret, about)
  const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
  for (const _ of [1, 2]) {
    assert.equal(isKey(wrong, record, secret), false)
    assert.equal(isKey(key, other.record, secret), false)
    assert.equal(isKey(key, record, secret), true)
    assert.equal(isKey(key, { ...record, hash: other.record.hash }, secret), false)
  }
})
