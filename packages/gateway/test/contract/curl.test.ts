/** curl, as the first line that people try: what a gateway says on the wire. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { readSeeds } from '../recorded.ts'
import { refusal } from '../upstream.ts'
import { startWorld } from './world.ts'

const skip = spawnSync('curl', ['--version']).status === 0 ? false : 'there is no curl'
const world = await startWorld()
after(() => world[Symbol.asyncDispose]())
const { text } = await readSeeds()
const recorded = text.chutes

interface Said {
  readonly status: number
  readonly headers: string
  readonly body: string
}

async function curl(path: string, options: readonly string[], body?: object): Promise<Said> {
  const data = body === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(body)]
  const args = ['-sSN', '-D', '-', `${world.running.origin}${path}`, ...options, ...data]
  const { stdout } = await promisify(execFile)('curl', args)
  const [headers = '', ...rest] = stdout.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]), headers, body: rest.join('\r\n\r\n') }
}

const bearer = ['-H', `authorization: Bearer ${world.running.key}`]
const question = (): object => ({
  model: world.place().model,
  messages: [{ role: 'user', content: 'Add and multiply 2 and 3' }],
})

test('a plain answer is the bytes that the provider sent', { skip }, async () => {
  world.upstream.play({ type: 'answer', recorded })
  const { status, headers, body } = await curl('/v1/chat/completions', bearer, question())
  assert.equal(status, 200)
  assert.match(headers, /^content-type: application\/json/im)
  assert.match(headers, /^x-generation-id: gen-/im)
  assert.match(headers, /^x-request-id: /im)
  assert.equal((JSON.parse(body) as { usage: { cost: number } }).usage.cost, 0.00013718)
})

test('a stream is the bytes that the provider sent', { skip }, async () => {
  world.upstream.play({ type: 'answer', recorded })
  const { status, headers, body } = await curl('/api/v1/chat/completions', bearer, {
    ...question(),
    stream: true,
  })
  assert.equal(status, 200)
  assert.match(headers, /^content-type: text\/event-stream/im)
  assert.equal(body, recorded.frames.join(''))
})

test('a stream goes through a proxy and a cache unbuffered and uncompressed', { skip }, async () => {
  world.upstream.play({ type: 'answer', recorded })
  const options = [...bearer, '-H', 'accept-encoding: gzip, br']
  const { headers } = await curl('/v1/chat/completions', options, { ...question(), stream: true })
  assert.match(headers, /^cache-control: no-cache/im)
  assert.match(headers, /^x-accel-buffering: no/im)
  assert.doesNotMatch(headers, /^content-encoding/im)
})

test('each dialect has its own way to say who asks', { skip }, async () => {
  const { key } = world.running
  for (const options of [['-H', `x-api-key: ${key}`], ['-H', `x-goog-api-key: ${key}`], bearer]) {
    assert.equal((await curl('/v1/models', options)).status, 200, options[1]?.split(':')[0])
  }
  world.upstream.play({ type: 'answer', recorded })
  const path = `/v1beta/models/${world.place().model}:generateContent?key=${key}`
  assert.equal(
    (await curl(path, [], { contents: [{ parts: [{ text: 'Add 2 and 3' }] }] })).status,
    200,
    '?key=',
  )
})

test('nobody who does not say who he is learns more than that', { skip }, async () => {
  world.upstream.play(refusal(500, 'never asked'))
  for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings']) {
    const { status, body } = await curl(path, [], question())
    assert.equal(status, 401, path)
    assert.doesNotMatch(body, /moonshotai|chutes/)
  }
  for (const path of [
    '/v1/models',
    '/v1/key',
    '/v1/keys',
    '/v1/credits',
    '/v1/activity',
    '/v1/generation?id=x',
  ]) {
    assert.equal((await curl(path, [])).status, 401, path)
  }
  assert.equal(world.upstream.requests.length, 0)
})

test('what a request cost is to be had by its id', { skip }, async () => {
  world.upstream.play({ type: 'answer', recorded })
  const { headers } = await curl('/v1/chat/completions', bearer, question())
  const id = /^x-generation-id: (\S+)/im.exec(headers)?.[1] ?? assert.fail('no id')
  const { status, body } = await curl(`/v1/generation?id=${id}`, bearer)
  assert.equal(status, 200)
  const { data } = JSON.parse(body) as { readonly data: Readonly<Record<string, unknown>> }
  assert.deepEqual(
    [data['id'], data['upstream_id'], data['total_cost'], data['tokens_prompt'], data['tokens_completion']],
    [id, recorded.answer.id, 0.00013718, 273, 22],
  )
})
