/** The whole way over HTTP: the platform's fetch against a server on this machine. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { z } from 'zod'
import { agent, custom, tool } from '../src/index.ts'
import {
  assertAborted,
  chunksOf,
  eventsOf,
  ofType,
  type Said,
  scripted,
  type SentBody,
  serve,
  soon,
  sse,
  streamOf,
} from './servers.ts'

const weather = tool({
  name: 'weather',
  description: 'Says what the weather is like',
  input: z.object({ city: z.string() }),
  run: ({ city }) => ({ city, sky: '☀️', degrees: 21 }),
})

/** The conversation: first a tool call, and with its result the answer. */
function said({ messages }: SentBody): Said {
  const last = messages.at(-1)
  if (last?.role !== 'tool') {
    return {
      text: 'Ich schaue nach… ',
      calls: [['call 1', 'weather', '{"city":"Zürich 🏔"}']],
      usage: [20, 10],
      cost: 0.1,
    }
  }
  return { text: `Schön, 天気 👩‍🚀: ${String(last.content)}`, usage: [40, 20], cost: 0.2 }
}

const cuts: readonly [name: string, write: (response: ServerResponse, bytes: Buffer) => Promise<void>][] = [
  ['at once', async (response, bytes) => void response.end(bytes)],
  ['a byte at a time', (response, bytes) => writeCut(response, bytes, 1)],
  ['in pieces of 7 bytes', (response, bytes) => writeCut(response, bytes, 7)],
]

async function writeCut(response: ServerResponse, bytes: Buffer, size: number): Promise<void> {
  response.socket?.setNoDelay(true)
  for (let place = 0; place < bytes.length; place += size) {
    await new Promise<void>((resolve) => {
      response.write(bytes.subarray(place, place + size), () => resolve())
    })
    // Now and then, so that pieces arrive on their own.
    if (place % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  response.end()
}

for (const [name, write] of cuts) {
  test(`a conversation of two steps with a tool, its answers written ${name}`, async () => {
    const bodies: SentBody[] = []
    const heads: (string | undefined)[] = []
    const server = await serve((body, response, request) => {
      bodies.push(body)
      heads.push(
        `${request.method} ${request.url}`,
        request.headers.authorization,
        request.headers['content-type'],
      )
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      void write(response, Buffer.from(streamOf(said(body))))
    })
    try {
      const model = custom('m', { baseUrl: server.baseUrl, apiKey: 'sk-local' })
      const run = agent({ model, instructions: 'Antworte kurz', tools: [weather] }).run('Wie ist das Wetter?')
      const events = await eventsOf(run)
      const result = await run.result
      const json = '{"city":"Zürich 🏔","sky":"☀️","degrees":21}'
      assert.equal(result.text, `Schön, 天気 👩‍🚀: ${json}`)
      assert.equal(result.cost, '0.3')
      assert.equal(result.usage.inputTokens, 60)
      assert.equal(result.ending, 'answer')
      assert.deepEqual(ofType(events, 'tool-result')[0]?.result.output, [{ type: 'text', text: json }])
      assert.deepEqual(heads.slice(0, 3), [
        'POST /v1/chat/completions',
        'Bearer sk-local',
        'application/json',
      ])
      assert.equal(bodies.length, 2)
      assert.equal(bodies[1]?.messages[2]?.tool_calls?.[0]?.function.arguments, '{"city":"Zürich 🏔"}')
      assert.equal(bodies[0]?.['stream'], true)
    } finally {
      await server.close()
    }
  })
}

test('a server that answers with plain JSON where a stream was asked for is understood', async () => {
  const server = await serve((_, response) => {
    response.setHeader('content-type', 'application/json')
    const message = { role: 'assistant', content: 'Done' }
    response.end(
      JSON.stringify({ id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }),
    )
  })
  try {
    const run = agent({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go')
    assert.equal((await run.result).text, 'Done')
  } finally {
    await server.close()
  }
})

test('a redirect is not followed: the question stays where it was sent', async () => {
  let asked = 0
  const server = await serve((_, response) => {
    asked += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  try {
    const run = agent({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go')
    await assert.rejects(run.result, { code: 'model', message: 'custom: HTTP status 307' })
    assert.equal(asked, 1)
  } finally {
    await server.close()
  }
})

test('one connection serves all steps: each answer is read to its end', async () => {
  // Between a body's end and the moment that its connection is free lies one round of the event loop.
  const resting = tool({ ...weather, input: z.object({}), run: () => new Promise(setImmediate) })
  const ports = new Set<number | undefined>()
  const server = await serve((body, response, request) => {
    ports.add(request.socket.remotePort)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(streamOf(said(body)))
  })
  try {
    await agent({ model: custom('m', { baseUrl: server.baseUrl }), tools: [resting] }).run('Go').result
    assert.equal(ports.size, 1)
  } finally {
    await server.close()
  }
})

/** A server that says some words and then waits until its client has gone. */
async function waitingServer() {
  const gone = Promise.withResolvers<void>()
  const heard: SentBody[] = []
  const server = await serve((body, response) => {
    heard.push(body)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(sse(chunksOf({ text: 'Half a word' }).slice(0, 2)))
    response.on('close', () => gone.resolve())
  })
  return { ...server, gone: gone.promise, heard }
}

test('leaving the loop early closes the connection', async () => {
  const server = await waitingServer()
  try {
    const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go')
    for await (const event of run) if (event.type === 'text') break
    await soon(server.gone)
    await assertAborted(run.result)
  } finally {
    await server.close()
  }
})

test('a signal closes the connection', async () => {
  const server = await waitingServer()
  try {
    const controller = new AbortController()
    const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go', {
      signal: controller.signal,
    })
    await assertAborted(
      (async () => {
        for await (const event of run) if (event.type === 'text') controller.abort()
      })(),
    )
    await soon(server.gone)
    assert.equal(server.heard.length, 1)
  } finally {
    await server.close()
  }
})

test('a signal closes the connection before a head has come', async () => {
  const gone = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const server = await serve((_, response) => {
    response.on('close', () => gone.resolve())
    asked.resolve()
  })
  try {
    const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go')
    run.result.catch(() => {})
    await soon(asked.promise)
    run.abort()
    await soon(gone.promise)
    await assertAborted(run.result)
  } finally {
    await server.close()
  }
})
