/** Keys, and what is said where there are none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { Environment } from '@playhead/wire'
import { AuthError, authorize, isReady, missingCredentials, waysIn } from '../src/index.ts'
import { providers } from '../../wire/src/provider-of.ts'
import type { Provider } from '../../wire/src/provider.ts'

const request = { url: 'https://model.test/', method: 'POST', headers: {}, body: '{}' }

function known(name: string): Provider {
  const provider = providers.get(name)
  assert.ok(provider !== undefined, name)
  return provider
}

for (const [name, environment, headers] of [
  ['groq', { GROQ_API_KEY: 'k' }, { authorization: 'Bearer k' }],
  ['anthropic', { ANTHROPIC_API_KEY: 'k' }, { 'x-api-key': 'k' }],
  ['google', { GEMINI_API_KEY: 'k' }, { 'x-goog-api-key': 'k' }],
  ['azure', { AZURE_API_KEY: 'k' }, { 'api-key': 'k' }],
  ['vertex', { GOOGLE_OAUTH_ACCESS_TOKEN: 'k' }, { authorization: 'Bearer k' }],
  [
    'bedrock',
    { AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
    { authorization: 'Bearer k' },
  ],
  ['ollama', {}, {}],
] as const satisfies readonly (readonly [string, Environment, object])[]) {
  test(`${name} is shown its key`, async () => {
    assert.deepEqual(await authorize(known(name), { environment })(request), headers)
    assert.ok(isReady(known(name), environment))
  })
}

test('a dialect may want the key in another header', async () => {
  const options = { environment: { GEMINI_API_KEY: 'k' }, dialect: 'openai-chat' }
  assert.deepEqual(await authorize(known('google'), options)(request), { authorization: 'Bearer k' })
})

for (const [name, message] of [
  ['groq', 'No key for groq: set GROQ_API_KEY'],
  [
    'bedrock',
    'No key for bedrock: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  ['vertex', 'No key for vertex: set GOOGLE_OAUTH_ACCESS_TOKEN, or GOOGLE_APPLICATION_CREDENTIALS'],
] as const) {
  test(`without any, ${name} says what to set`, async () => {
    const empty = Object.fromEntries(
      waysIn(known(name))
        .flat()
        .map((variable) => [variable, '']),
    )
    for (const environment of [{}, empty]) {
      assert.equal(isReady(known(name), environment), false)
      const refused = authorize(known(name), { environment })(request)
      await assert.rejects(refused, { name: 'AuthError', code: 'missing', message })
    }
    assert.equal(missingCredentials(known(name)).message, message)
  })
}

test('half of what is wanted is nothing', async () => {
  const environment = { AWS_ACCESS_KEY_ID: 'a' }
  assert.equal(isReady(known('bedrock'), environment), false)
  await assert.rejects(authorize(known('bedrock'), { environment })(request), { code: 'missing' })
})

for (const [name, variable] of [
  ['groq', 'GROQ_API_KEY'],
  ['vertex', 'GOOGLE_OAUTH_ACCESS_TOKEN'],
  ['bedrock', 'AWS_BEARER_TOKEN_BEDROCK'],
  ['bedrock', 'AWS_SESSION_TOKEN'],
] as const) {
  test(`a ${variable} that cannot stand in a header is refused and not shown`, async () => {
    const others = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }
    const environment = { ...(variable === 'AWS_SESSION_TOKEN' && others), [variable]: 'secret\r\nx: y' }
    await assert.rejects(authorize(known(name), { environment })(request), (error) => {
      assert.ok(error instanceof AuthError)
      assert.equal(error.code, 'invalid')
      assert.match(error.message, new RegExp(variable))
      assert.doesNotMatch(inspect(error), /secret/)
      return true
    })
  })
}
