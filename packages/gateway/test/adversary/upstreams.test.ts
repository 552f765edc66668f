/** Providers that break every rule: the process lives, the client is told, the ledger is right. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { DialectName } from '@playhead/wire'
import { configurationOf } from '../running.ts'
import {
  answer,
  cappedKey,
  frames,
  json,
  ledgerOf,
  type Play,
  question,
  standingOf,
  startAttack,
  stream,
} from './attacking.ts'

/** Says its head itself: Node would not. */
function raw(head: string, body = ''): Play {
  return (response) => void response.socket?.end(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
}

test('a header with a control character is a failure of the provider, not the end of the process', async () => {
  await using attack = await startAttack()
  attack.play = raw('HTTP/1.1 200 OK\r\ncontent-type: application/json; x=\u0001', JSON.stringify(answer()))
  assert.match(await attack.said(question()), /^502 /)
})

/** What providers say that they counted, and what is made of it. */
const counts: readonly (readonly [usage: object, input: number, output: number, cost: bigint])[] = [
  [{ prompt_tokens: 1.5, completion_tokens: 2.5 }, 2, 3, 8_000_000n],
  [{ prompt_tokens: 10, completion_tokens: 5, cost: -100 }, 10, 5, 20_000_000n],
  [{ prompt_tokens: 10, completion_tokens: 5, cost: '-1e-9' }, 10, 5, 20_000_000n],
  [{ prompt_tokens: 10, completion_tokens: 5, cost: 1e12 }, 10, 5, 2n ** 63n - 1n],
  [{ prompt_tokens: 10, completion_tokens: 5, cost: '1e999' }, 10, 5, 2n ** 63n - 1n],
  [{ prompt_tokens: 9e15, completion_tokens: 1e300 }, 1e12, 1e12, 3n * 10n ** 18n],
]

for (const [usage, input, output, cost] of counts) {
  for (const isStream of [false, true]) {
    test(`${JSON.stringify(usage)} is settled, once${isStream ? ', in a stream' : ''}`, async () => {
      await using attack = await startAttack({ kind: 'openrouter' })
      const { key, record } = await cappedKey(attack)
      const end = [frames.words('x'), frames.stop, frames.usage(usage), frames.done]
      attack.play = isStream ? stream(...end) : json(answer({ usage }))
      assert.match(await attack.said(question({ stream: isStream, max_tokens: 100 }), { key }), /^200 /)
      const ledger = await ledgerOf(attack, record)
      assert.equal(ledger.outcome, 'answered')
      assert.deepEqual([ledger.inputTokens, ledger.outputTokens, ledger.cost], [input, output, cost])
      const { spent, reserved } = await standingOf(attack, record)
      assert.deepEqual([spent, reserved], [cost, 0n])
    })
  }
}

test('a plain answer to a question for a stream becomes one, also behind a comment that kept it open', async () => {
  for (const keepAlive of [15_000, 20]) {
    const { server } = configurationOf('', {})
    await using attack = await startAttack({ changes: { server: { ...server, keepAlive } } })
    attack.play = (response, text, request) => {
      setTimeout(() => json(answer())(response, text, request), 100)
    }
    const said = await attack.said(question({ stream: true }))
    assert.match(said, /"content":"Hi"[\s\S]*"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/)
    assert.equal(said.includes(': PLAYHEAD'), keepAlive === 20)
  }
})

test('another endpoint that goes on with a plain answer ends the stream', async () => {
  await using attack = await startAttack({
    changes: { failover: { attempts: 2, afterFirstToken: 'continue' } },
  })
  attack.play = (response, text, request) => {
    if (attack.asked.length > 1) return json(answer())(response, text, request)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frames.words('Well, '), () => setTimeout(() => response.socket?.resetAndDestroy(), 20))
  }
  const said = await attack.said(question({ stream: true }))
  assert.match(said, /Well, [\s\S]*Hi[\s\S]*data: \[DONE\]\n\n$/)
})

test('what comes before the first token is not held without end', async () => {
  await using attack = await startAttack()
  const comment = `: ${'x'.repeat(1000)}\n\n`.repeat(1000)
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = (): void => {
      while (!response.destroyed) if (!response.write(comment)) return void response.once('drain', more)
    }
    more()
  }
  assert.match(await attack.said(question({ stream: true })), /^502 .*before the first token/)
})

test('a line without an end is cut off, in whatever dialect', async () => {
  for (const dialect of ['openai-chat', 'anthropic-messages'] satisfies DialectName[]) {
    await using attack = await startAttack({ dialects: [dialect] })
    const piece = 'x'.repeat(1024 * 1024)
    attack.play = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: "')
      const more = (): void => {
        while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more)
      }
      more()
    }
    assert.match(await attack.said(question({ stream: true })), /^502 .*more than/)
  }
})

test('what comes behind the end of a stream is nobody’s', async () => {
  await using attack = await startAttack()
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frames.words('x') + frames.stop + frames.usage({ prompt_tokens: 1, completion_tokens: 2 }))
    response.write(frames.done, () => setTimeout(() => response.write(frames.words('more')), 20))
  }
  const said = await attack.said(question({ stream: true }))
  assert.match(said, /data: \[DONE\]\n\n$/)
  assert.ok(!said.includes('more'))
})

test('JSON as deep as it gets breaks nothing', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const object = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const said = JSON.stringify(answer())
  const bodies = [
    deep,
    `{"error":{"message":${deep},"metadata":{"raw":${object}}}}`,
    said.replace('"content":"Hi"', `"content":"Hi","annotations":${deep},"reasoning_details":${deep}`),
    said.replace('"content":"Hi"', `"content":${deep}`),
    said.replace('"usage":{', `"usage":{"details":${object},`),
  ]
  for (const path of ['chat/completions', 'messages', 'responses']) {
    await using attack = await startAttack()
    for (const body of bodies) {
      for (const isStream of [false, true]) {
        attack.play = isStream
          ? stream(frames.words('x'), `data: ${body}\n\n`, frames.stop, frames.done)
          : json(body)
        const asked = question({ max_tokens: 9, input: 'Hello', stream: isStream })
        assert.match(await attack.said(asked, { path }), /^(200|5\d\d) /)
      }
    }
    assert.deepEqual(
      attack.running.log.filter(({ level }) => level === 'error'),
      [],
    )
  }
})

test('a provider that repeats what it was sent holds nobody up', async () => {
  // Quadratic, each of these takes minutes.
  for (const piece of ['a', 'a-', '*', 'a***-', 'sk-', '<']) {
    await using attack = await startAttack()
    const message = piece.repeat(Math.ceil(1_000_000 / piece.length))
    attack.play = stream(frames.words('x'), `data: ${JSON.stringify({ error: { message, code: 500 } })}\n\n`)
    assert.match(await attack.said(question({ stream: true })), /^200 /)
    attack.play = json({ error: { message: message.slice(0, 60_000) } }, {}, 400)
    assert.match(await attack.said(question()), /^400 /)
  }
})

test('a redirect is not followed with our key', async () => {
  await using attack = await startAttack()
  await using elsewhere = await startAttack()
  for (const status of [301, 302, 303, 307, 308]) {
    attack.play = raw(`HTTP/1.1 ${status} Moved\r\nlocation: ${elsewhere.provider}/chat/completions`)
    assert.match(await attack.said(question()), /^5\d\d /)
  }
  assert.deepEqual(elsewhere.asked, [])
})

test('every status that HTTP can write is an answer, on tape too', async () => {
  for (const record of [0, 1]) {
    for (const status of [204, 205, 299, 304, 418, 600, 999]) {
      await using attack = await startAttack()
      const { key } = await attack.running.createKey({ record })
      attack.play = raw(`HTTP/1.1 ${status} X`)
      assert.match(await attack.said(question(), { key }), /^[45]\d\d /, `${status} on tape: ${record}`)
    }
  }
})

test('a stream that nobody asked to be packed is unpacked', async () => {
  await using attack = await startAttack()
  const packed = gzipSync(frames.words('Hi') + frames.stop + frames.done)
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
    for (const byte of packed) response.write(Buffer.of(byte))
    response.end()
  }
  assert.match(await attack.said(question({ stream: true })), /"content":"Hi"[\s\S]*data: \[DONE\]/)
})

test('headers of a provider do not reach the client', async () => {
  await using attack = await startAttack()
  attack.play = json(answer(), {
    'set-cookie': 'a=b',
    server: 'acme',
    'access-control-allow-origin': '*',
    'x-generation-id': 'gen-forged',
    location: 'http://elsewhere.test/',
  })
  const { headers } = await attack.ask(question())
  for (const name of ['set-cookie', 'server', 'access-control-allow-origin', 'location'])
    assert.equal(headers.get(name), null)
  assert.match(headers.get('x-generation-id') ?? '', /^gen-\d+-/)
})
