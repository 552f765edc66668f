/** `playhead tape from`: a generation of the gateway becomes a cassette. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { openCassette } from '@playhead/tape'
import { jsonLines, newFolder, playhead, start } from './command.ts'
import { fillLedger, idOf } from './ledger-fixture.ts'
import { finalText } from './provider.ts'
import { recordGateway } from './recorded-gateway.ts'

describe('playhead tape from', { concurrency: 2 }, () => {
  test('copies the attempts of a generation, in order, and says how to replay them', async (t) => {
    const { args, env, generations } = await recordGateway(t, [finalText], 'streamed')
    const [id = ''] = generations
    const out = join(newFolder(t), 'failure.tape.jsonl')
    const { code, stdout, stderr } = await playhead(['tape', 'from', id, out, ...args], { env })
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(stdout.startsWith(`${out}: 2 interactions of ${id}, which was answered\n`), stdout)
    assert.ok(stdout.includes(`playhead replay ${out}`))
    using cassette = (await openCassette(out)) ?? assert.fail()
    assert.deepEqual(
      Array.from(cassette, ({ response }) => response?.status),
      [429, 200],
    )
    const again = await playhead(['tape', 'from', id, out, ...args], { env })
    assert.equal(again.code, 2)
    assert.match(again.stderr, /--force writes over it/)
    assert.equal((await playhead(['tape', 'from', id, out, '--force', ...args], { env })).code, 0)
  })

  test('what it copied answers a client byte for byte', async (t) => {
    const { args, env, generations } = await recordGateway(t, [finalText], 'streamed')
    const out = join(newFolder(t), 'failure.tape.jsonl')
    await playhead(['tape', 'from', generations[0] ?? '', out, ...args], { env })
    using cassette = (await openCassette(out)) ?? assert.fail()
    const replaying = start(['replay', out, '--port', '0', '--json'])
    t.after(() => replaying.kill('SIGKILL'))
    const [line] = (await once(replaying.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(String(line)) as { readonly url: string }
    const { request, response } = cassette.at(0)
    const answer = await fetch(url + new URL(request.url).pathname, {
      method: 'POST',
      body: String(request.body),
    })
    assert.deepEqual([answer.status, await answer.text()], [429, response?.body])
  })

  const forms: readonly (readonly [says: string, more: readonly string[], ending: string, format: string])[] =
    [
      ['a name', ['a.yaml'], 'a.yaml', 'go-vcr'],
      ['--format', ['a', '--format', 'go-vcr'], 'a', 'go-vcr'],
    ]
  for (const [says, [name = '', ...more], ending, format] of forms)
    test(`${says} says the format`, async (t) => {
      const { args, env, generations } = await recordGateway(t, [finalText], 'streamed')
      const out = join(newFolder(t), name)
      const told = await playhead(['tape', 'from', generations[0] ?? '', out, ...more, ...args, '--json'], {
        env,
      })
      const [{ file, format: said, interactions } = {}] = jsonLines(told.stdout)
      assert.deepEqual([basename(String(file)), said, interactions], [ending, format, 2])
      using cassette = (await openCassette(out)) ?? assert.fail()
      assert.equal(cassette.format, format)
    })

  test('an ending that says another format than --format is refused', async (t) => {
    const { args, env, generations } = await recordGateway(t, [finalText], 'streamed')
    const out = join(newFolder(t), 'a.har')
    const told = await playhead(['tape', 'from', generations[0] ?? '', out, '--format', 'tape', ...args], {
      env,
    })
    assert.equal(told.code, 2)
    assert.match(told.stderr, /its name says har, --format says tape/)
    assert.ok(!existsSync(out))
    const nameless = await playhead(
      ['tape', 'from', generations[0] ?? '', join(newFolder(t), 'a'), ...args],
      { env },
    )
    assert.match(nameless.stderr, /its name says no format/)
  })

  test('what was not recorded says how it would have been', async (t) => {
    const home = newFolder(t)
    const { key } = await fillLedger(home, 1)
    const { code, stderr } = await playhead(['tape', 'from', idOf(0), '--home', home])
    assert.equal(code, 2)
    assert.match(stderr, /was not recorded: .*record: \{ share: 1 \}/)
    assert.ok(stderr.includes(key.id))
    const none = await playhead(['tape', 'from', 'gen-none', '--home', home])
    assert.equal(none.code, 2)
    assert.match(none.stderr, /there is no generation gen-none/)
  })

  test('a tape that is broken is said, and no recording is written over itself', async (t) => {
    const { args, env, generations, home } = await recordGateway(t, [finalText], 'streamed')
    const [id = ''] = generations
    const [{ from: file } = {}] = jsonLines(
      (await playhead(['tape', 'from', id, join(home, 'a.tape.jsonl'), '--json', ...args], { env })).stdout,
    )
    writeFileSync(String(file), 'no tape')
    const broken = await playhead(['tape', 'from', id, join(home, 'b.tape.jsonl'), ...args], { env })
    assert.equal(broken.code, 1)
    assert.ok(!existsSync(join(home, 'b.tape.jsonl')))
    const itself = await playhead(['tape', 'from', id, String(file), '--force', ...args], { env })
    assert.match(itself.stderr, /it is this very recording/)
  })
})
