/** A tape on which the same was asked of several hosts, as a gateway records a failover. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { record } from '../src/recorder.ts'
import { startServer } from '../src/serve/server.ts'
import { replayingShelves } from '../src/serve/shelves.ts'
import { newCassette } from './servers.ts'

const hosts = ['one.test', 'two.test']

test('what failed over to another host fails over again, each time', async (t) => {
  const to = newCassette(t, 'a.tape.jsonl')
  const recorder = await record(to, {
    mode: 'all',
    fetch: async (input) => new Response(new URL(input instanceof Request ? input.url : input).host),
  })
  for (const body of ['first', 'second'])
    for (const host of hosts)
      await (await recorder.fetch(`http://${host}/v1/x`, { method: 'POST', body })).text()
  await recorder.stop()
  const server = await startServer(replayingShelves(to, { repeat: true }))
  t.after(() => server.close(0))
  for (const body of ['first', 'second', 'first', 'second']) {
    for (const host of hosts) {
      const response = await fetch(`${server.url}/v1/x`, { method: 'POST', body })
      assert.equal(await response.text(), host)
    }
  }
})
