/** How a request is written says what answers it only where its key says so too. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createMatcher, exactDigest, strictMatcher } from '../src/match.ts'
import { openNativeTape } from '../src/native/read.ts'
import { record } from '../src/index.ts'
import { ask, exchange, matcher, newTape, openJournal, recordAll } from './native-tape.ts'

const url = 'http://127.0.0.1/v1?key=sk-secret'
const json = { 'content-type': 'application/json' }
/** Ways to write a few questions. */
const question = fc.record({
  method: fc.constantFrom('POST', 'post', 'PUT'),
  headers: fc.constantFrom(json, {}, { 'Content-Type': 'Application/JSON' }),
  body: fc.constantFrom<string | Uint8Array<ArrayBuffer>>(
    '{"a":1,"b":2}',
    '{"b":2,"a":1}',
    ' {"a":1,"b":2}',
    '{"a":2}',
    'a=1&b=2',
    'b=2&a=1',
    '{"api_key":"sk-abcdefgh12345678"}',
    new TextEncoder().encode('{"a":1,"b":2}'),
    Uint8Array.of(255),
  ),
})

/** What is answered to each in turn: the place of the interaction, or that there is none. */
async function answers(file: string, asked: readonly RequestInit[]): Promise<readonly string[]> {
  const recorder = await record(file, { mode: 'replay' })
  const found: string[] = []
  for (const init of asked)
    found.push(
      await recorder.fetch(url, init).then(
        (response) => response.text(),
        () => 'none',
      ),
    )
  return found
}

test('requests find what they find on a tape that does not say how they were written', async (t) => {
  const [file, plain] = [newTape(t), newTape(t)]
  await fc.assert(
    fc.asyncProperty(fc.array(question, { maxLength: 6 }), fc.array(question), async (recorded, asked) => {
      let place = 0
      const recorder = await record(file, {
        mode: 'all',
        fetch: async () => new Response(String(place++)),
        redact: { allow: ['openai-key'] },
      })
      for (const init of recorded) await (await recorder.fetch(url, init)).text()
      await recorder.stop()
      const text = recorded.length === 0 ? '' : readFileSync(file, 'utf8')
      if (text === '') return
      writeFileSync(plain, text.replaceAll(/,"exact":"[\w-]{22}"/g, ''))
      const isSaid = recorded.some(({ body }) => typeof body === 'string' || body.length > 1)
      assert.equal(text !== readFileSync(plain, 'utf8'), isSaid)
      assert.deepEqual(await answers(file, asked), await answers(plain, asked))
      assert.deepEqual(await answers(file, recorded), await answers(plain, recorded))
    }),
    { numRuns: 50 },
  )
})

test('how a request is written means nothing without a key, and to another matcher', async (t) => {
  const file = newTape(t)
  const journal = await openJournal(file)
  recordAll(journal, [exchange('one', 'x'), exchange('two', 'y')])
  await journal.close()
  const exact = [exactDigest(ask('one')), exactDigest(ask('two'))]
  using tape = openNativeTape(file)
  assert.deepEqual([...tape.exactly(matcher).keys()], exact)
  assert.equal(tape.exactly(strictMatcher).size + tape.exactly(createMatcher()).size, 0)
  const text = readFileSync(file, 'utf8')
  for (const key of ['"key":null', '"at":null']) {
    writeFileSync(file, text.replace(/"key":"[\w-]+"/, key))
    using changed = openNativeTape(file)
    assert.deepEqual([...changed.exactly(matcher).keys()], exact.slice(1))
    assert.equal(changed.digestAt(0, matcher), tape.digestAt(0, matcher))
  }
})
