import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seal, unseal } from '../../src/byok/seal.ts'
import { sealedAfter, unsealed } from '../../src/byok/sealed-keys.ts'

const secret = 'a secret of at least 32 characters'
const upstreamKey = 'gsk_0123456789abcdefghij'
const what = { keyId: 'AbCdEf012345', provider: 'groq' }

test('a sealed key shows nothing of the key, and is another text each time', () => {
  const [one, other] = [seal(upstreamKey, secret, what), seal(upstreamKey, secret, what)]
  assert.match(one, /^v1\.[\w-]+$/)
  assert.notEqual(one, other)
  const bytes = Buffer.from(one.slice(3), 'base64url')
  assert.ok(!bytes.includes(upstreamKey) && !bytes.includes(upstreamKey.slice(4)))
  assert.equal(unseal(one, secret, what), upstreamKey)
  assert.equal(unseal(other, secret, what), upstreamKey)
})

const sealed = seal(upstreamKey, secret, what)
const table: readonly [name: string, sealed: string, secret: string, what: typeof what][] = [
  ['with another secret', sealed, `${secret}.`, what],
  ['for another key', sealed, secret, { ...what, keyId: 'AbCdEf012346' }],
  ['for another provider', sealed, secret, { ...what, provider: 'anthropic' }],
  ['for names that only together are the same', sealed, secret, { keyId: 'AbCdEf01234', provider: '5groq' }],
  ['cut', sealed.slice(0, -4), secret, what],
  ['cut before its text begins', sealed.slice(0, 20), secret, what],
  ['empty', '', secret, what],
  ['not sealed at all', upstreamKey, secret, what],
  ['of another version', `v2.${sealed.slice(3)}`, secret, what],
]
for (const [name, text, other, place] of table)
  test(`a sealed key does not open ${name}`, () => assert.equal(unseal(text, other, place), null))

test('a sealed key of which any byte is changed does not open', () => {
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(unseal(`v1.${changed.toString('base64url')}`, secret, what), null, `byte ${at}`)
  }
})

test('keys are put in, exchanged and taken out; those that are not named stay', () => {
  const bare = { id: what.keyId, byok: null }
  const one = { ...bare, byok: sealedAfter(bare, { groq: 'g1', anthropic: 'a1' }, secret) }
  const two = { ...bare, byok: sealedAfter(one, { groq: 'g2', openai: null }, secret) }
  const three = { ...bare, byok: sealedAfter(two, { groq: null }, secret) }
  assert.deepEqual(unsealed(one, secret), [
    ['groq', 'g1'],
    ['anthropic', 'a1'],
  ])
  assert.deepEqual(unsealed(two, secret), [
    ['groq', 'g2'],
    ['anthropic', 'a1'],
  ])
  assert.equal(two.byok?.['anthropic'], one.byok?.['anthropic'])
  assert.deepEqual(unsealed(three, secret), [['anthropic', 'a1']])
  assert.equal(sealedAfter(three, { anthropic: null }, secret), null)
  assert.deepEqual(unsealed({ ...one, id: 'another' }, secret), [
    ['groq', null],
    ['anthropic', null],
  ])
})
