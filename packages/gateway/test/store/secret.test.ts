/** What keys are hashed with. */
import assert from 'node:assert/strict'
import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadSecret } from '../../src/store/secret.ts'
import { temporaryFolder } from './folder.ts'

const secret = 'a secret that is long enough, and more'

test('the environment’s secret is taken, and no file made', async (t) => {
  const home = await temporaryFolder(t)
  assert.equal(await loadSecret(home, { PLAYHEAD_SECRET: secret }), secret)
  assert.deepEqual(await readdir(home), [])
})

test('of many that start at once all have the same secret, which only its owner can read', async (t) => {
  const home = join(await temporaryFolder(t), 'home')
  const secrets = new Set(await Promise.all(Array.from({ length: 20 }, () => loadSecret(home, {}))))
  assert.equal(secrets.size, 1)
  assert.ok([...secrets].every((secret) => secret.length >= 43))
  assert.deepEqual(await readdir(home), ['secret'])
  assert.equal((await stat(join(home, 'secret'))).mode & 0o777, 0o600)
  assert.ok(secrets.has(await loadSecret(home, { PLAYHEAD_SECRET: '' })))
})

const refused = (error: unknown): boolean => {
  assert.match(String(error), /too short for a secret: it has 12 characters of at least 32/)
  assert.doesNotMatch(String(error), /canary/)
  return true
}

test('a secret that is too short is refused, without being said', async (t) => {
  const home = await temporaryFolder(t)
  await assert.rejects(loadSecret(home, { PLAYHEAD_SECRET: 'short-canary' }), refused)
  await writeFile(join(home, 'secret'), 'short-canary\n', { mode: 0o600 })
  await assert.rejects(loadSecret(home, {}), refused)
})

test('a secret that others can read is refused', async (t) => {
  const home = await temporaryFolder(t)
  await loadSecret(home, {})
  for (const mode of [0o640, 0o604]) {
    await chmod(join(home, 'secret'), mode)
    await assert.rejects(loadSecret(home, {}), /Others can read the secret .*chmod 600/)
  }
})

test('a folder that cannot be made is named', async (t) => {
  const home = await temporaryFolder(t)
  await writeFile(join(home, 'file'), '')
  await assert.rejects(loadSecret(join(home, 'file'), {}), /Could not read or make the secret .*file\/secret/)
})
