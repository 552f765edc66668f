import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, type Place, startPlace } from './place.ts'

const chat = '/api/v1/chat/completions'

async function statusOf(place: Place, key: string): Promise<number> {
  const response = await ask(place, chat, key, { method: 'POST', body: '{}' })
  await response.text()
  return response.status
}

async function make(place: Place, body: unknown): Promise<{ readonly key: string; readonly hash: string }> {
  const response = await ask(place, '/v1/keys', place.admin, { method: 'POST', body })
  const { key, data } = (await response.json()) as { key: string; data: { hash: string } }
  assert.equal(response.status, 201)
  return { key, hash: data.hash }
}

test('a key works when it is made and no more at once when it is revoked', async () => {
  await using place = await startPlace()
  const { key, hash } = await make(place, { name: 'short-lived' })
  assert.equal(await statusOf(place, key), 200)
  assert.equal((await ask(place, `/v1/keys/${hash}`, place.admin, { method: 'DELETE' })).status, 200)
  assert.equal(await statusOf(place, key), 401)
  const events = place.log.map(({ event, key }) => [event, key])
  assert.deepEqual(events, [
    ['key made', hash],
    ['key revoked', hash],
  ])
})

test('a key that is disabled, or has expired, is refused in words that say so', async () => {
  await using place = await startPlace()
  const expires = new Date(place.clock.now + 1000).toISOString()
  const { key, hash } = await make(place, { name: 'a', expires_at: expires })
  const patch = async (body: unknown): Promise<void> => {
    assert.equal((await ask(place, `/v1/keys/${hash}`, place.admin, { method: 'PATCH', body })).status, 200)
  }
  const refusal = async (): Promise<string> => (await ask(place, '/v1/key', key)).text()
  assert.equal(await statusOf(place, key), 200)
  await patch({ disabled: true })
  assert.match(await refusal(), /"The key sent is disabled"/)
  await patch({ disabled: false })
  assert.equal(await statusOf(place, key), 200)
  place.clock.now += 1000
  assert.match(await refusal(), new RegExp(`expired at ${expires}`))
  await patch({ expires_at: null })
  assert.equal(await statusOf(place, key), 200)
})

test('what another process did to a key counts after 15 seconds at the latest', async () => {
  await using place = await startPlace()
  const { key, record } = await place.makeKey()
  assert.equal(await statusOf(place, key), 200)
  await place.store.deleteKey(record.id)
  assert.equal(await statusOf(place, key), 200)
  place.clock.now += 15_000
  assert.equal(await statusOf(place, key), 401)
  // One that is unknown is asked for again after a second.
  await place.store.insertKey(record)
  assert.equal(await statusOf(place, key), 401)
  place.clock.now += 1000
  assert.equal(await statusOf(place, key), 200)
})

test('limits are read as OpenRouter writes them, and as a list', async () => {
  await using place = await startPlace()
  const limits = [
    { of: 'requests', per: 'minute', most: 60 },
    { of: 'tokens', per: 'day', most: 1_000_000 },
  ]
  const { hash } = await make(place, { name: 'a', limit: '0.000000000001', limit_reset: 'daily', limits })
  const record = await place.store.findKey(hash)
  assert.deepEqual(record?.limits, [
    { of: 'money', per: 'day', most: 1n },
    { of: 'requests', per: 'minute', most: 60n },
    { of: 'tokens', per: 'day', most: 1_000_000n },
  ])
  const table: readonly [body: object, limits: readonly string[]][] = [
    [{ limit_reset: 'weekly' }, ['money week 1', 'requests minute 60', 'tokens day 1000000']],
    [{ limit: 2 }, ['money week 2000000000000', 'requests minute 60', 'tokens day 1000000']],
    [{ name: 'b' }, ['money week 2000000000000', 'requests minute 60', 'tokens day 1000000']],
    [{ limit_reset: null }, ['money ever 2000000000000', 'requests minute 60', 'tokens day 1000000']],
    [{ limits: [{ of: 'money', per: 'hour', most: 0.5 }] }, ['money hour 500000000000']],
    // The main limit is one of a day or longer.
    [{ limit: 1 }, ['money ever 1000000000000', 'money hour 500000000000']],
    [{ limit: null }, ['money hour 500000000000']],
    [{ limits: [] }, []],
  ]
  for (const [body, expected] of table) {
    await ask(place, `/v1/keys/${hash}`, place.admin, { method: 'PATCH', body })
    const after = (await place.store.findKey(hash))?.limits.map(({ of, per, most }) => `${of} ${per} ${most}`)
    assert.deepEqual(after, expected, JSON.stringify(body))
  }
})

test('what cannot be a key is refused by the name of the field, and nothing is made', async () => {
  await using place = await startPlace()
  const table: readonly [body: unknown, message: RegExp][] = [
    ['{', /^The body is not JSON/],
    ['[]', /^The body must be an object/],
    ['null', /^The body must be an object/],
    [{}, /^name must be given/],
    [{ name: '' }, /^name /],
    [{ name: 7 }, /^name /],
    [{ name: 'a', nmae: 'b' }, /^nmae is no field of a key/],
    [{ name: 'a', constructor: 1 }, /^constructor is no field/],
    [{ name: 'a', limit: -1 }, /^limit must be an amount/],
    [{ name: 'a', limit: 'ten' }, /^limit must be an amount/],
    [{ name: 'a', limit_reset: 'hourly' }, /^limit_reset must be daily, weekly, monthly or null/],
    [{ name: 'a', limits: {} }, /^limits must be a list/],
    [{ name: 'a', limits: [{ of: 'love', per: 'day', most: 1 }] }, /^limits\[0\]\.of must be/],
    [{ name: 'a', limits: [{ of: 'tokens', per: 'year', most: 1 }] }, /^limits\[0\]\.per must be/],
    [{ name: 'a', limits: [{ of: 'tokens', per: 'day', most: 1.5 }] }, /^limits\[0\]\.most must be a whole/],
    [
      { name: 'a', limits: [{ of: 'tokens', per: 'day', most: 1, soft: true }] },
      /^limits\[0\]\.soft is no field/,
    ],
    [
      {
        name: 'a',
        limits: [
          { of: 'tokens', per: 'day', most: 1 },
          { of: 'tokens', per: 'day', most: 2 },
        ],
      },
      /^limits has two limits of tokens per day/,
    ],
    [{ name: 'a', expires_at: 'soon' }, /^expires_at must be a time/],
    [{ name: 'a', models: 'all' }, /^models must be a list/],
    [{ name: 'a', models: [1] }, /^models\[0\] must be a name/],
    [{ name: 'a', record: 2 }, /^record must be a share/],
    [{ name: 'a', disabled: 'no' }, /^disabled must be true or false/],
    [{ name: 'a', include_byok_in_limit: 'no' }, /^include_byok_in_limit must be true or false/],
    [{ name: 'a', byok: 'gsk_canary' }, /^byok must be an object$/],
    [{ name: 'a', byok: { groq: 7 } }, /^byok\.groq must be a key of this provider, or null$/],
    [{ name: 'a', byok: { groq: '' } }, /^byok\.groq is refused: this is no key/],
    [{ name: 'a', byok: { groq: 'gsk_canary\r\nx: y' } }, /^byok\.groq is refused: this is no key[^_]*$/],
    [{ name: 'a', byok: { grok: 'gsk_canary' } }, /^byok\.grok is refused: there is no provider[^_]*$/],
    [{ name: 'a', byok: { constructor: 'k' } }, /^byok\.constructor is refused/],
    [{ name: 'a', byok: { ollama: 'k' } }, /^byok\.ollama is refused: this provider asks for no key/],
    [{ name: 'a', byok: { azure: 'k' } }, /^byok\.azure is refused: its address needs AZURE_RESOURCE_NAME/],
  ]
  for (const [body, message] of table) {
    const response = await ask(place, '/api/v1/keys', place.admin, { method: 'POST', body })
    const { error } = (await response.json()) as { error: { message: string; code: number } }
    assert.equal(response.status, 400, JSON.stringify(body))
    assert.match(error.message, message)
    assert.equal(error.code, 400)
  }
  assert.equal((await place.store.listKeys()).length, 2)
})
