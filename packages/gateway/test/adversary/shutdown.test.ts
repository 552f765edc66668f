/** The gateway ends, its store does not answer, its log is gone: what was spent is known all the same. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { LogEntry } from '../../src/log.ts'
import { configurationOf } from '../running.ts'
import { createPlace } from '../serving.ts'
import {
  type Attack,
  answer,
  cappedKey,
  frames,
  json,
  question,
  standingOf,
  startAttack,
} from './attacking.ts'

/** A word now and then, for ever. */
function endless(attack: Attack): void {
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(() => response.write(frames.words('word ')), 5)
    response.on('close', () => clearInterval(timer))
  }
}

/** Outcomes in the ledger's file, when nobody has it open. */
function outcomesIn(home: string): readonly unknown[] {
  const database = new DatabaseSync(join(home, 'ledger.sqlite'), { readOnly: true })
  const rows = database
    .prepare('select outcome, output_tokens > 0 as has_tokens from playhead_generation')
    .all()
  database.close()
  return rows.map((row) => ({ ...row }))
}

test('a question that arrives while the gateway ends is told so, and settled', async () => {
  const { server } = configurationOf('', {})
  await using attack = await startAttack({ changes: { server: { ...server, drain: 300 } } })
  endless(attack)
  const { running } = attack
  const body = JSON.stringify(question({ stream: true }))
  const socket = connect(Number(new URL(running.origin).port), '127.0.0.1')
  let said = ''
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
  socket.on('error', () => {})
  const head = `POST /api/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${running.key}\r\n`
  await new Promise<void>((resolve) =>
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`, () => resolve()),
  )
  // The key is looked at before the body is: then the connection is at work.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closing = running.gateway.close()
  socket.write(body.slice(9))
  await closing
  assert.match(said, /word [\s\S]*"error":[\s\S]*shutting down/)
  assert.deepEqual(outcomesIn(running.home), [{ outcome: 'failed', has_tokens: 1 }])
})

test('streams that are under way end with an error and are settled before the store is closed', async () => {
  const { server } = configurationOf('', {})
  await using attack = await startAttack({ changes: { server: { ...server, drain: 100 } } })
  endless(attack)
  const asked = Array.from({ length: 20 }, () => attack.ask(question({ stream: true })))
  const answers = await Promise.all(asked)
  const inProcess = await attack.running.gateway.fetch(
    new Request('http://gateway/api/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${attack.running.key}` },
      body: JSON.stringify(question({ stream: true })),
    }),
  )
  await attack.running.gateway.close()
  for (const response of [...answers, inProcess]) assert.match(await response.text(), /shutting down/)
  const outcomes = outcomesIn(attack.running.home)
  assert.equal(outcomes.length, 21)
  for (const outcome of outcomes) assert.deepEqual(outcome, { outcome: 'failed', has_tokens: 1 })
})

test('a store that is locked when an answer is settled gets to know of it later', async () => {
  await using attack = await startAttack()
  const { key, record } = await cappedKey(attack)
  const other = new DatabaseSync(join(attack.running.home, 'ledger.sqlite'))
  attack.play = (response, text, request) => {
    other.exec('begin immediate')
    json(answer())(response, text, request)
  }
  assert.match(await attack.said(question({ max_tokens: 9 }), { key }), /^200 /)
  const locked = await standingOf(attack, record)
  assert.ok(locked.reserved > 0n)
  const told = (): LogEntry | undefined =>
    attack.running.log.find(({ event }) => event === 'generation not settled')
  while (told() === undefined) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(typeof told()?.requestId, 'string')
  other.exec('rollback')
  other.close()
  let standing = await standingOf(attack, record)
  while (standing.reserved > 0n) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    standing = await standingOf(attack, record)
  }
  assert.equal(standing.spent, 20_000_000n)
})

test('a process whose log nobody reads any more goes on', async () => {
  await using attack = await startAttack({ kind: 'openrouter' })
  attack.play = json(answer())
  await using place = await createPlace({ upstreams: { acme: attack.provider }, models: ['m/m'], limits: [] })
  const serving = await place.serve()
  const { child, baseUrl } = serving
  child.stderr?.destroy()
  child.stdout?.destroy()
  for (let count = 0; count < 5; count++) {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${place.key}` },
      body: JSON.stringify(question()),
    })
    assert.equal(response.status, 200)
    await response.text()
  }
  await serving.stop()
  assert.equal(child.exitCode, 0)
})
