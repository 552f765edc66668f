/** A run as its caller sees it: events, a result, and what waits while nobody reads. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { custom, type Run, type RunEvent, tool } from '../src/index.ts'
import {
  eventsOf,
  ofType,
  refuses,
  says,
  script,
  scripted,
  serve,
  sse,
  streamed,
  streamOf,
} from './servers.ts'

const echo = tool({
  name: 'echo',
  description: 'd',
  input: { type: 'object' },
  run: (_, { call }) => call.id,
})

function replies(): Response[] {
  return [
    says({
      text: 'Let me see',
      calls: [
        ['a', 'echo', '{}'],
        ['b', 'echo', '{}'],
      ],
    }),
    says({ text: 'All is well' }),
  ]
}

function start(...answers: readonly Response[]): Run {
  const { fetch } = script(...(answers.length > 0 ? answers : replies()))
  return scripted({ tools: [echo] }).run('Go', { fetch })
}

test('the result alone drives a run', async () => {
  assert.equal((await start().result).text, 'All is well')
})

test('the result asked for twice is one run', async () => {
  const run = start()
  const [one, two] = await Promise.all([run.result, run.result])
  assert.equal(one, two)
  assert.equal(await run.result, one)
})

test('nothing happens before a run is asked for', async () => {
  const { fetch, requests } = script(...replies())
  scripted({ tools: [echo] }).run('Go', { fetch })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(requests.length, 0)
})

test('events come in the order that is written down', async () => {
  const events = await eventsOf(start())
  assert.deepEqual(
    events.map((event) =>
      event.type === 'step' || event.type === 'usage' ? `${event.type} ${event.index}` : event.type,
    ),
    (
      'step 0, text, text, text, tool-input, tool-input, tool-call, tool-call, usage 0, tool-result, tool-result, ' +
      'step 1, text, text, text, usage 1, finish'
    ).split(', '),
  )
})

test('the finish event carries the result, and comes once, last', async () => {
  const run = start()
  const events = await eventsOf(run)
  const [finish, ...more] = ofType(events, 'finish')
  assert.deepEqual(more, [])
  assert.equal(events.at(-1), finish)
  assert.equal(finish?.result, await run.result)
})

test('a failed run has no finish event', async () => {
  const { fetch } = script(refuses(400))
  const run = scripted().run('Go', { fetch })
  const events: RunEvent[] = []
  await assert.rejects(
    async () => {
      for await (const event of run) events.push(event)
    },
    { code: 'model' },
  )
  assert.deepEqual(
    events.map(({ type }) => type),
    ['step'],
  )
  await assert.rejects(run.result, { code: 'model' })
})

test('the result asked for first, then the events', async () => {
  const run = start()
  const { result } = run
  assert.equal((await eventsOf(run)).at(-1)?.type, 'finish')
  assert.equal((await result).text, 'All is well')
})

test('the events first, and the result asked for in their midst', async () => {
  const run = start()
  let result: Run['result'] | undefined
  for await (const event of run) if (event.type === 'usage') result ??= run.result
  assert.equal((await result)?.text, 'All is well')
})

test('events are read once', async () => {
  const run = start()
  await eventsOf(run)
  const again = { code: 'configuration', message: /are being read already/ }
  assert.throws(() => run[Symbol.asyncIterator](), again)
  const driven = start()
  await driven.result
  await assert.rejects(eventsOf(driven), again)
})

test('the last event is the result, and leaving there loses nothing', async () => {
  const run = start()
  for await (const event of run) if (event.type === 'finish') break
  assert.equal((await run.result).text, 'All is well')
})

test('leaving at the last event aborts nothing: what a tool has begun may go on', async () => {
  const signals: AbortSignal[] = []
  const begins = tool({
    name: 'echo',
    description: 'd',
    input: { type: 'object' },
    run: (_, { signal }) => signals.push(signal),
  })
  const run = scripted({ tools: [begins] }).run('Go', { fetch: script(...replies()).fetch })
  for await (const event of run) if (event.type === 'finish') break
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false, false],
  )
})

test('after its end an iterator stays at its end', async () => {
  const iterator = start()[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.deepEqual(await iterator.return?.(), { done: true, value: undefined })
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
})

test('after a failure an iterator is at its end', async () => {
  const iterator = start(refuses(400))[Symbol.asyncIterator]()
  await iterator.next()
  await assert.rejects(async () => iterator.next(), { code: 'model' })
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
})

test('events asked for all at once come in their order, each once', async () => {
  const expected = await eventsOf(start())
  const iterator = start()[Symbol.asyncIterator]()
  const asked = await Promise.all(Array.from({ length: expected.length + 5 }, async () => iterator.next()))
  assert.deepEqual(
    asked.flatMap(({ value }) => value?.type ?? []),
    expected.map(({ type }) => type),
  )
  assert.ok(asked.slice(expected.length).every(({ done }) => done))
})

test('readers side by side get every event once', async () => {
  const expected = await eventsOf(start())
  const iterator = start()[Symbol.asyncIterator]()
  const events: RunEvent[] = []
  const read = async (): Promise<void> => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      events.push(next.value)
  }
  await Promise.all([read(), read(), read()])
  assert.deepEqual(
    events.map(({ type }) => type),
    expected.map(({ type }) => type),
  )
})

test('an event asked for later never comes before one asked for earlier', async () => {
  const expected = await eventsOf(start())
  for (let delay = 0; delay < 40; delay += 1) {
    const iterator = start()[Symbol.asyncIterator]()
    const asked: ReturnType<typeof iterator.next>[] = []
    while (asked.length < expected.length) {
      asked.push(iterator.next(), iterator.next())
      for (let tick = 0; tick < delay; tick += 1) await Promise.resolve()
    }
    const types = (await Promise.all(asked)).flatMap(({ value }) => value?.type ?? [])
    assert.deepEqual(
      types,
      expected.map(({ type }) => type),
    )
  }
})

test('text arrives as it is said, not at the end', async () => {
  let say: ((text: string | null) => void) | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      say = (text) =>
        text === null ? controller.close() : controller.enqueue(new TextEncoder().encode(text))
    },
  })
  const events = ['One ', 'two']
  const iterator = start(new Response(body))[Symbol.asyncIterator]()
  assert.equal((await iterator.next()).value?.type, 'step')
  for (const text of events) {
    const next = iterator.next()
    say?.(sse([{ choices: [{ index: 0, delta: { content: text } }] }]))
    assert.deepEqual(await next, { done: false, value: { type: 'text', text } })
  }
  say?.(sse([{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]']))
  assert.equal((await iterator.next()).value?.type, 'usage')
})

test('the last words of a stream that stays open are not held back', async () => {
  const open = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(streamOf({ text: 'Done' }))),
  })
  const sleeps: (() => void)[] = []
  const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => sleeps.push(resolve)) }
  const { fetch } = script(new Response(open))
  const iterator = scripted().run('Go', { fetch, clock })[Symbol.asyncIterator]()
  assert.equal((await iterator.next()).value?.type, 'step')
  assert.deepEqual((await iterator.next()).value, { type: 'text', text: 'Done' })
  assert.equal(sleeps.length, 0)
  const usage = iterator.next()
  await new Promise((resolve) => setImmediate(resolve))
  for (const wake of sleeps) wake()
  assert.equal((await usage).value?.type, 'usage')
})

test('while its events are not read, a run pulls nothing', async () => {
  let pulls = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls += 1
        controller.enqueue(
          new TextEncoder().encode(sse([{ choices: [{ index: 0, delta: { content: 'word ' } }] }])),
        )
      },
    },
    { highWaterMark: 0 },
  )
  const run = start(new Response(body))
  const iterator = run[Symbol.asyncIterator]()
  for (let events = 0; events < 5; events += 1) await iterator.next()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(pulls, 4)
  await iterator.return?.()
})

test('while its events are not read, a run holds a server back over HTTP', async () => {
  const size = 256 * 1024 * 1024
  const word = sse([{ choices: [{ index: 0, delta: { content: 'x'.repeat(64 * 1024) } }] }])
  let written = 0
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const write = (): void => {
      while (written < size && !response.destroyed) {
        written += word.length
        if (!response.write(word)) return
      }
    }
    response.on('drain', write)
    write()
  })
  try {
    const run = scripted({ model: custom('m', { baseUrl: server.baseUrl }) }).run('Go')
    const iterator = run[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    let before = -1
    while (before < written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.ok(written < size / 4, `${written} bytes were sent to a run that nobody reads`)
    await iterator.return?.()
  } finally {
    await server.close()
  }
})

test('a run leaves no listener on the signal that it was given', async () => {
  const controller = new AbortController()
  const listeners = (): number => getEventListeners(controller.signal, 'abort').length
  const model = scripted({ tools: [echo] })
  for (let runs = 0; runs < 3; runs += 1) {
    model.run('Go', { ...script(), signal: controller.signal })
    await model.run('Go', { fetch: script(...replies()).fetch, signal: controller.signal }).result
    await assert.rejects(
      model.run('Go', { fetch: script(refuses(400)).fetch, signal: controller.signal }).result,
    )
    for await (const _ of model.run('Go', { fetch: script(...replies()).fetch, signal: controller.signal }))
      break
  }
  assert.equal(listeners(), 0)
})

test('an agent may run many times at once', async () => {
  const model = scripted({ tools: [echo] })
  const runs = Array.from({ length: 20 }, () => model.run('Go', { fetch: script(...replies()).fetch }).result)
  for (const result of await Promise.all(runs)) assert.equal(result.text, 'All is well')
})

test('a stream of many events keeps its order', async () => {
  const words = Array.from({ length: 5000 }, (_, index) => `${index} `)
  const stream = sse([
    ...words.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    '[DONE]',
  ])
  const events = ofType(await eventsOf(start(streamed(stream))), 'text')
  assert.equal(events.map(({ text }) => text).join(''), words.join(''))
})
