/** The fault wall: Playhead stands it whole, and what only passes bytes on does not. */
import assert from 'node:assert/strict'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readSeeds } from '../recorded.ts'
import { refusal, startUpstream } from '../upstream.ts'
import { ask } from './ask.ts'
import { startWall } from './before-playhead.ts'
import { faults } from './faults.ts'
import { renderPage, score } from './render-wall.ts'
import { runWall, type WallRow } from './run-wall.ts'

test('there are sixteen faults, each by its own name', () => {
  assert.equal(new Set(faults.map(({ name }) => name)).size, 16)
})

test('Playhead stands all of them, and docs/fault-wall.md shows it', async () => {
  await using wall = await startWall()
  const rows = await runWall(wall.target, wall.upstreams)
  assert.deepEqual(problemsOf(rows), [])
  assert.equal(score(rows), '16 of 16')
  const page = await readFile(new URL('../../../../docs/fault-wall.md', import.meta.url), 'utf8')
  assert.equal(page, renderPage(rows), 'npm run fault-wall -- --write')
})

test('a prompt that is too long for one model goes to the next that the client names', async () => {
  await using wall = await startWall()
  const { target, upstreams } = wall
  const { text } = await readSeeds()
  const [one, other] = faults.map((fault) => target.model(fault, 'json'))
  upstreams.primary.play({
    type: 'choose',
    choose: ({ text: asked }) =>
      asked.includes(`"${one}"`)
        ? refusal(400, 'Too long', { code: 'context_length_exceeded' })
        : { type: 'answer', recorded: text.chutes },
  })
  const messages = [{ role: 'user', content: 'Add 2 and 3' }]
  const seen = await ask(target, 'json', { ...target.body, model: one, models: [other], messages })
  assert.deepEqual([seen.status, seen.text], [200, text.chutes.text])
  assert.deepEqual([upstreams.primary.requests.length, upstreams.fallback.requests.length], [2, 0])
})

test('a proxy that passes on what its only upstream says stands those alone that ask for no more', async () => {
  await using primary = await startUpstream()
  await using fallback = await startUpstream()
  await using proxy = await startProxy(primary.baseUrl)
  const rows = await runWall(
    { baseUrl: proxy.baseUrl, key: 'x', patience: 300, model: () => 'm', body: {}, hasAccount: false },
    { primary, fallback },
  )
  assert.deepEqual(
    rows.flatMap(({ fault, verdict }) => (verdict === 'fail' ? [] : [`${fault.name}: ${verdict}`])),
    ['context length: pass', 'content filter: pass', 'accounting of the fallback: n/a'],
  )
})

function problemsOf(rows: readonly WallRow[]): string[] {
  return rows.flatMap(({ fault, results }) =>
    results.flatMap(({ form, problem }) => (problem === null ? [] : [`${fault.name} (${form}): ${problem}`])),
  )
}

async function startProxy(upstream: string): Promise<AsyncDisposable & { readonly baseUrl: string }> {
  const server = createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming
    const outgoing = send(new URL(url, upstream), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
