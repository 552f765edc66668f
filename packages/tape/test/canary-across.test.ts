/** A secret of one call is not told by another: on the tape, in a report, on the screen of a server. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { conversation } from '../../wire/src/index.ts'
import { openCassette, record, TapeError } from '../src/index.ts'
import { recordingShelves, type ServedExchange, startServer } from '../src/serve/index.ts'
import { cassetteNames, newCassette, serve } from './servers.ts'

const secret = 'cnry7f3a9b1c5e8d2046'
const rotated = 'cnry00112233445566778'
const redact = { env: {} }

function contentOf(file: string): string {
  const folder = join(file, '..')
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

function authorized(key: string): RequestInit {
  return { headers: { authorization: `Bearer ${key}` } }
}

/** A path whose only key is in it. */
function bot(key: string): string {
  return `/bot1234567890:AA${key.repeat(2).slice(0, 33)}/getMe`
}

/** A tool saw the key of another call and told it. */
function told(key: string): RequestInit {
  const messages = [{ role: 'user', content: `the tool said: ${key}` }]
  return { method: 'POST', body: JSON.stringify({ model: 'm', messages }) }
}

for (const name of cassetteNames) {
  test(`${name}: the key of one call is masked in the next, which replays with that key, another or none`, async (t) => {
    const file = newCassette(t, name)
    const base = await serve(t, (request, response) => {
      void text(request).then((body) => response.end(`ok ${body}`))
    })
    const recorder = await record(file, { redact })
    recorder.note({ before: 1 })
    await (await recorder.fetch(base, authorized(secret))).text()
    assert.match(await (await recorder.fetch(`${base}/v1/chat/completions`, told(secret))).text(), /cnry7f/)
    recorder.note({ saw: secret })
    await recorder.stop()
    assert.doesNotMatch(contentOf(file), /cnry7f/)
    for (const key of [secret, rotated]) {
      const replay = await record(file, { redact, mode: 'replay' })
      await (await replay.fetch(base, authorized(key))).text()
      const answer = await replay.fetch(`${base}/v1/chat/completions`, told(key))
      assert.match(await answer.text(), /REDACTED/)
    }
    const replay = await record(file, { redact, mode: 'replay' })
    assert.match(
      await (await replay.fetch(`${base}/v1/chat/completions`, told('REDACTED'))).text(),
      /REDACTED/,
    )
  })

  for (const meaning of [undefined, conversation]) {
    test(`${name}: the report of a miss does not tell the key of a call that was replayed, ${meaning?.name}`, async (t) => {
      const file = newCassette(t, name)
      const base = await serve(t, (_, response) => response.end('ok'))
      const options = { redact, ...(meaning && { meaning }) }
      const recorder = await record(file, options)
      await (await recorder.fetch(base, authorized(secret))).text()
      await (await recorder.fetch(`${base}/v1/chat/completions`, told('nothing'))).text()
      await recorder.stop()
      const replay = await record(file, { ...options, mode: 'replay' })
      await (await replay.fetch(base, authorized(rotated))).text()
      await assert.rejects(replay.fetch(`${base}/v1/chat/completions`, told(rotated)), (error: unknown) => {
        assert.ok(error instanceof TapeError)
        assert.match(error.message, /REDACTED/)
        assert.doesNotMatch(error.message, /cnry/)
        return true
      })
      const more = await record(file, { ...options, mode: 'new' })
      await (await more.fetch(base, authorized(rotated))).text()
      await (await more.fetch(`${base}/v1/chat/completions`, told(rotated))).text()
      await more.stop()
      assert.doesNotMatch(contentOf(file), /cnry/)
    })
  }

  test(`${name}: the path of a bot is masked and replays for another one`, async (t) => {
    const file = newCassette(t, name)
    const base = await serve(t, (request, response) => response.end(`no such path: ${request.url}`))
    const recorder = await record(file, { redact })
    assert.match(await (await recorder.fetch(base + bot(secret))).text(), /cnry/)
    await recorder.stop()
    assert.doesNotMatch(contentOf(file), /cnry/)
    const replay = await record(file, { redact, mode: 'replay' })
    assert.match(await (await replay.fetch(base + bot(rotated))).text(), /botREDACTED|path: \/botREDACTED/)
  })

  test(
    `${name}: what is too large when it is unpacked is no secret's way onto a tape`,
    { timeout: 30_000 },
    async (t) => {
      const file = newCassette(t, name)
      const base = await serve(t, (request, response) => request.resume().on('end', () => response.end('ok')))
      const large = Buffer.alloc(65 * 1024 * 1024)
      large.write(secret)
      const recorder = await record(file, { redact: { ...redact, values: [secret] } })
      const body = new Uint8Array(gzipSync(large))
      await (
        await recorder.fetch(base, { method: 'POST', body, headers: { 'content-encoding': 'gzip' } })
      ).text()
      await assert.rejects(recorder.stop(), /encoded-body \(request body\)/)
      assert.ok(
        !contentOf(file).includes(Buffer.from(body).subarray(0, 300).toString('base64').slice(40, 200)),
      )
      assert.match(contentOf(file), /REDACTED/)
    },
  )

  test(`${name}: an answer whose masked body is shorter than it says replays to node:http`, async (t) => {
    const file = newCassette(t, name)
    const base = await serve(t, (_, response) => {
      const body = `is ${secret}`
      response.writeHead(200, { 'content-length': body.length, location: `/a?token=${secret}` }).end(body)
    })
    const ask = async (mode: 'once' | 'replay'): Promise<string> => {
      const recorder = await record(file, { redact, mode })
      recorder.install()
      try {
        return await new Promise<string>((resolve, reject) => {
          get(base, authorized(secret) as { headers: Record<string, string> }, (response) => {
            text(response).then((body) => resolve(`${response.headers.location} ${body}`), reject)
          }).on('error', reject)
        })
      } finally {
        await recorder.stop()
      }
    }
    assert.equal(await ask('once'), `/a?token=${secret} is ${secret}`)
    assert.doesNotMatch(contentOf(file), /cnry/)
    assert.equal(await ask('replay'), '/a?token=REDACTED is REDACTED')
  })
}

test('a server tells nobody the key in a path, nor that of a request whose answer failed', async (t) => {
  const file = newCassette(t, 'a.tape.jsonl')
  const base = await serve(t, (_, response) => response.end('ok'))
  const seen: ServedExchange[] = []
  const shelves = recordingShelves([{ prefix: '/v1', url: base }], file, { redact })
  const server = await startServer(shelves, { onExchange: (exchange) => seen.push(exchange) })
  for (const path of ['/v1/models?key=', '/elsewhere?api_key=', '/other/'])
    await (await fetch(server.url + path + secret, { headers: { 'x-api-key': secret } })).text()
  await server.close()
  assert.deepEqual(
    seen.map(({ path }) => path),
    ['/v1/models?key=REDACTED', '/elsewhere?api_key=REDACTED', '/other/REDACTED'],
  )
  assert.ok(seen[1]?.problem?.includes('/elsewhere'))
  assert.doesNotMatch(JSON.stringify(seen) + contentOf(file), /cnry/)
})

const broken: readonly (readonly [name: string, content: string])[] = [
  ['a.har', `{"log":{"entries":[{"request":{"url":"http://a/?key=${secret}" ${secret}`],
  ['b.json', `[{"scope":"http://a","status": ${secret}}]`],
  ['c.yaml', `version: 2\ninteractions:\n  - id: 0\n    request:\n        body: "\\q${secret}"\n`],
  ['d.yaml', `version: 2\ninteractions:\n  - id: ${secret}\n    request: {url: ${secret}}\n`],
  ['e.yaml', `interactions:\n- request:\n    body: ${secret}\n    uri: [${secret}\n`],
  ['f.tape.jsonl', `{"type":"tape","version":"${secret}"}\n`],
]

for (const [name, content] of broken) {
  test(`the error of a broken ${name} quotes nothing of it, however it is printed`, async (t) => {
    const file = newCassette(t, name)
    writeFileSync(file, content)
    await assert.rejects(openCassette(file), (error: unknown) => {
      assert.ok(error instanceof TapeError)
      assert.doesNotMatch(inspect(error, { depth: 9 }), /cnry/)
      return true
    })
  })
}
