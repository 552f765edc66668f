/** Timeouts: what a run waits for, and for how long, in the machine's own time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '@playhead/tape'
import { agent, custom, type Timeouts } from '../src/index.ts'
import { Patience } from '../src/timeouts.ts'
import {
  chunksOf,
  failureOf,
  plainModel,
  play,
  says,
  script,
  scripted,
  serve,
  sse,
  streamOf,
} from './servers.ts'

const comment = ': still here\n\n'
const words = sse(chunksOf({ text: 'Half a word' }).slice(0, 1))

/** How a server begins, and then only keeps the connection alive. */
const table: readonly (readonly [
  name: string,
  timeouts: Partial<Timeouts>,
  begin: string | null,
  message: RegExp,
  requests: number,
])[] = [
  ['no head', { connect: 60 }, null, /No answer within 60 ms \(timeouts\.connect\)/, 2],
  ['a head and nothing else', { firstEvent: 60 }, '', /No event within 60 ms/, 2],
  ['only comments', { firstEvent: 60 }, comment, /No event within 60 ms/, 2],
  ['silence between events', { idle: 60 }, words, /No further event within 60 ms/, 1],
]

for (const [name, timeouts, begin, message, requests] of table) {
  test(`${name}: the attempt ends in a timeout, and the connection with it`, async () => {
    const open = new Set<object>()
    let asked = 0
    const server = await serve((_, response) => {
      asked += 1
      open.add(response)
      if (begin !== null) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`${begin}\n`)
      const alive = setInterval(() => begin !== null && response.write(comment), 10)
      response.on('close', () => {
        open.delete(response)
        clearInterval(alive)
      })
    })
    try {
      const model = custom('m', { baseUrl: server.baseUrl })
      const run = scripted({ model, timeouts, maxRetries: 1 }).run('Go', { clock: virtualClock() })
      const { failure } = await failureOf(run.result)
      assert.equal(failure?.code, 'timeout')
      assert.match(failure.message, message)
      assert.equal(asked, requests)
      while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    } finally {
      await server.close()
    }
  })
}

test('a fetch that ignores its signal is waited for no longer', async () => {
  const run = scripted({ timeouts: { connect: 30 }, maxRetries: 0 }).run('Go', {
    fetch: () => new Promise(() => {}),
    clock: virtualClock(),
  })
  assert.equal((await failureOf(run.result)).failure?.code, 'timeout')
})

test('what had come before a timeout is in the failure', async () => {
  const stalls = new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(words)) }),
  )
  const { failure } = await failureOf(play(script(stalls), { timeouts: { idle: 30 } }))
  assert.equal(failure?.code, 'timeout')
  assert.deepEqual(failure.partial?.content, [{ type: 'text', text: 'Half ' }])
})

test('a stream that is slow, but never that slow, is read to its end', async () => {
  const events = sse(chunksOf({ text: 'a b c d e f g h i j' })).split(/(?<=\n\n)/)
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const rest = [...events, 'data: [DONE]\n\n']
    const timer = setInterval(() => {
      const event = rest.shift()
      if (event !== undefined) return response.write(event)
      clearInterval(timer)
      response.end()
    }, 20)
  })
  try {
    const model = custom('m', { baseUrl: server.baseUrl })
    const { text } = await scripted({ model, timeouts: { idle: 200 } }).run('Go').result
    assert.equal(text, 'a b c d e f g h i j')
  } finally {
    await server.close()
  }
})

test('a reader that takes its time is no silence of the server’s', async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(streamOf({ text: 'a b c' }))
  })
  try {
    const model = custom('m', { baseUrl: server.baseUrl })
    const run = scripted({ model, timeouts: { connect: 60, firstEvent: 60, idle: 60 } }).run('Go')
    let text = ''
    for await (const event of run) {
      if (event.type !== 'text') continue
      text += event.text
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    assert.equal(text, 'a b c')
  } finally {
    await server.close()
  }
})

test('a reader that takes its time in the midst of a stream does not end it', async () => {
  const pieces = sse(chunksOf({ text: 'a b c' })).split(/(?<=\n\n)/)
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(piece))
      },
    },
    { highWaterMark: 0 },
  )
  const run = scripted({ timeouts: { idle: 60 } }).run('Go', { fetch: async () => new Response(body) })
  let text = ''
  for await (const event of run) {
    if (event.type !== 'text') continue
    text += event.text
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  assert.equal(text, 'a b c')
})

test('the whole run has a timeout of its own, tools included', async () => {
  const call = says({ calls: [['1', 'echo', '{}']] })
  const slow = script(call, async () => new Promise(() => {}))
  const error = await failureOf(play(slow, { timeouts: { run: 50 } }))
  assert.equal(error.code, 'timeout')
  assert.match(error.message, /more than 50 ms/)
})

test('what is no time is refused', () => {
  for (const idle of [0, -1, Number.NaN, '5' as unknown as number]) {
    assert.throws(() => agent({ model: plainModel, timeouts: { idle } }), /timeouts\.idle/)
  }
  assert.doesNotThrow(() => agent({ model: plainModel, timeouts: { idle: Number.POSITIVE_INFINITY } }))
})

test('pauses put the end off, and nothing is called after a stop', async () => {
  let ends = 0
  const patience = new Patience()
  patience.wait(40, () => (ends += 1))
  for (let index = 0; index < 12; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, 8))
    patience.pause()
    patience.resume()
  }
  assert.equal(ends, 0)
  patience.stop()
  await new Promise((resolve) => setTimeout(resolve, 80))
  assert.equal(ends, 0)
})

test('a run that is over leaves no timer behind', async () => {
  await play(script(new Response(streamOf({ text: 'Done' }))), { timeouts: { run: 60_000 } })
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, 0)
})
