/** What a client is told when nothing is left to try: what failed before, and who was not asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toldExclusions } from '../../src/generate/refusal.ts'
import type { Exclusion } from '../../src/route/route.ts'
import { modelsOf, providersOf, startGateway } from '../running.ts'
import { type Act, refusal, startUpstream } from '../upstream.ts'

interface Told {
  readonly status: number
  readonly shouldRetry: string | null
  readonly message: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Asks a model that is at `one` and at `two`, in this order, and both of them do this. */
async function ask(acts: Readonly<Record<'one' | 'two', Act>>, about: object = {}): Promise<Told> {
  await using one = await startUpstream()
  await using two = await startUpstream()
  one.play(acts.one)
  two.play(acts.two)
  await using running = await startGateway({
    providers: providersOf({ one: { baseUrl: one.baseUrl }, two: { baseUrl: two.baseUrl } }),
    models: modelsOf({
      'a/b': [
        ['one', ['1', '2']],
        ['two', ['1', '2']],
      ],
    }),
  })
  const response = await fetch(`${running.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.key}` },
    body: JSON.stringify({
      model: 'a/b',
      messages: [{ role: 'user', content: 'Hello' }],
      provider: { order: ['one', 'two'] },
      ...about,
    }),
  })
  const { error } = (await response.json()) as { error: { message: string; metadata?: object } }
  return {
    status: response.status,
    shouldRetry: response.headers.get('x-should-retry'),
    message: error.message,
    metadata: { ...error.metadata },
  }
}

const gone = refusal(404, 'No such model')

test('the errors before the last are told beside it', async () => {
  const { status, shouldRetry, message, metadata } = await ask({ one: refusal(401, 'Who?'), two: gone })
  assert.deepEqual([status, shouldRetry, message], [404, 'false', 'No such model'])
  assert.deepEqual(metadata['previous_errors'], [{ provider: 'one', code: 'auth', status: 401 }])
  assert.ok(!('excluded' in metadata))
})

test('an error that is the only one has none before it, and says who was left out', async () => {
  const { shouldRetry, metadata } = await ask({ one: gone, two: gone }, { provider: { ignore: ['two'] } })
  assert.equal(shouldRetry, null)
  assert.ok(!('previous_errors' in metadata))
  assert.deepEqual(metadata['excluded'], [
    { model: 'a/b', provider: 'two', code: 'ignore', reason: 'two is in provider.ignore' },
  ])
})

test('where nobody can be asked it is said why, and of whom', async () => {
  const { status, message, metadata } = await ask({ one: gone, two: gone }, { plugins: [{ id: 'web' }] })
  assert.equal(status, 400)
  assert.equal(message, 'No endpoint for a/b can be asked this: plugins: only OpenRouter has this')
  assert.deepEqual(
    metadata['excluded'],
    ['one', 'two'].map((provider) => ({
      model: 'a/b',
      provider,
      code: 'untranslatable',
      reason: 'plugins: only OpenRouter has this',
    })),
  )
})

test('a request that is wrong is so wherever it goes', async () => {
  const wrong = refusal(400, 'No such parameter')
  const { status, metadata } = await ask({ one: wrong, two: wrong }, { provider: { only: ['one'] } })
  assert.equal(status, 400)
  assert.ok(!('excluded' in metadata))
})

test('of many that were left out the first are told of, shortly, and how many there are', () => {
  const exclusion: Exclusion = {
    model: 'a/b',
    endpoint: 'one:a/b',
    provider: 'one',
    code: 'ignore',
    reason: 'x'.repeat(1000),
  }
  const told = toldExclusions(Array.from({ length: 50 }, () => exclusion))
  assert.equal(told['excluded_count'], 50)
  assert.ok(JSON.stringify(told).length < 5000)
})
