/** What limits are counted for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everybody, keyOfOwner, limitsOfAll, limitsOwnedBy, type Limit, ownerOf } from '../src/limits.ts'

const limit: Limit = { of: 'tokens', per: 'day', most: 9n }

test('the owner of a key’s limits says which key it is', () => {
  assert.equal(keyOfOwner(ownerOf('abc')), 'abc')
  assert.deepEqual(limitsOwnedBy({ id: 'abc', limits: [limit] }), [{ owner: 'key:abc', limit }])
})

test('the owner of the limits of the gateway is no key', () => {
  assert.equal(keyOfOwner(everybody), null)
  assert.deepEqual(limitsOfAll([limit]), [{ owner: 'all', limit }])
})
