/** Recorders of calls that run side by side, each in its own async context. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { install, openScope, withinScope } from '../src/install/install.ts'
import { all, askAll, askNode, saying } from './clients.ts'

test('scopes that run side by side keep to their own', async (t) => {
  t.after(install(saying('around')))
  const scopes = ['a', 'b', 'c'].map((name, index) =>
    withinScope(saying(name), async () => {
      await setTimeout(3 - index)
      const first = await askAll()
      await setTimeout(index)
      return [...first, ...(await askAll())]
    }),
  )
  assert.deepEqual(await askAll(), all('around'))
  assert.deepEqual(
    await Promise.all(scopes),
    ['a', 'b', 'c'].map((name) => [...all(name), ...all(name)]),
  )
})

test('a scope needs nobody who is installed, and ends with what ran in it', async () => {
  const before = globalThis.fetch
  const answers = await withinScope(saying('a'), async () => {
    const inner = await withinScope(saying('b'), () => askAll())
    return [...inner, ...(await askAll())]
  })
  assert.deepEqual(answers, [...all('b'), ...all('a')])
  assert.equal(globalThis.fetch, before)
})

async function runIn(name: string): Promise<readonly string[]> {
  const scope = openScope()
  await setTimeout(1)
  scope.fetch = saying(name)
  await setTimeout(1)
  const answers = await askAll()
  scope.close()
  await assert.rejects(askNode('http://nowhere.invalid/'))
  return answers
}

test('a scope that is opened holds for what follows, until it is closed', async () => {
  const before = globalThis.fetch
  assert.deepEqual(await Promise.all([runIn('a'), runIn('b')]), [all('a'), all('b')])
  assert.equal(globalThis.fetch, before)
})
