/** Recorders that begin on one cassette at the same time lose nothing of each other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Fetch, type Mode, record } from '../src/index.ts'
import { interactionsIn } from './cassettes.ts'
import { cassetteNames, newCassette } from './servers.ts'

const [yaml, native] = cassetteNames
const at = (path: string): string => `http://localhost/${path}`
const fetch: Fetch = async (input) => new Response(input instanceof Request ? input.url : input.toString())
const ask = async (recorder: { fetch: Fetch }, path: string): Promise<string> =>
  (await recorder.fetch(at(path))).text()

async function urlsIn(file: string): Promise<readonly string[]> {
  return (await interactionsIn(file)).map(({ request }) => request.url)
}

for (const mode of ['once', 'new'] as const satisfies readonly Mode[]) {
  test(`${mode}: what another recorded on a tape meanwhile stays on it`, async (t) => {
    const file = newCassette(t, native)
    const recorders = [await record(file, { mode, fetch }), await record(file, { mode, fetch })]
    for (const [index, recorder] of recorders.entries()) {
      assert.equal(await ask(recorder, String(index)), at(String(index)))
      await recorder.stop()
    }
    assert.deepEqual(await urlsIn(file), [at('0'), at('1')])
  })

  test(`${mode}: nothing is recorded over what another saved in a go-vcr file, and that is said`, async (t) => {
    const file = newCassette(t, yaml)
    const [one, other] = [await record(file, { mode, fetch }), await record(file, { mode, fetch })]
    await ask(one, 'one')
    await one.stop()
    const saved = readFileSync(file, 'utf8')
    assert.equal(await ask(other, 'other'), at('other'))
    await assert.rejects(other.stop(), { code: 'locked', message: /somebody else recorded on this cassette/ })
    assert.equal(readFileSync(file, 'utf8'), saved)
  })
}

test('a recorder that goes on after it stopped holds its go-vcr file again', async (t) => {
  const file = newCassette(t, yaml)
  const recorder = await record(file, { fetch })
  for (const path of ['one', 'two']) {
    await ask(recorder, path)
    await assert.rejects(record(file, { mode: 'new', fetch }), { code: 'locked' })
    await recorder.stop()
    await (await record(file, { mode: 'new', fetch })).stop()
  }
  assert.deepEqual(await urlsIn(file), [at('one'), at('two')])
  const other = await record(file, { mode: 'new', fetch })
  await ask(other, 'three')
  await other.stop()
  await ask(recorder, 'four')
  await assert.rejects(recorder.stop(), { code: 'locked' })
  assert.deepEqual(await urlsIn(file), [at('one'), at('two'), at('three')])
})
