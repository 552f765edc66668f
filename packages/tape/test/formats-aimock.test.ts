/** What can be made of aimock's fixtures. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCassette } from '../src/formats/read.ts'

function read(fixtures: readonly object[]): ReturnType<typeof readCassette> {
  return readCassette(JSON.stringify({ fixtures }), 'a.json')
}

const match = { userMessage: 'What is 1 + 2?', model: 'gpt-4o' }

test('a text is the answer of a chat completion, asked with the words that the fixture looks for', () => {
  const response = { content: 'Three.', usage: { input_tokens: 7, output_tokens: 2, cost: 0.5 }, id: 'x' }
  const { request, response: answer } = read([{ match, response }]).at(0)
  assert.equal(request.url, 'https://api.openai.com/v1/chat/completions')
  assert.deepEqual(JSON.parse(String(request.body)), {
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'What is 1 + 2?' }],
  })
  assert.equal(answer?.status, 200)
  assert.deepEqual(JSON.parse(String(answer?.body)), {
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'gpt-4o',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Three.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9, cost: 0.5 },
  })
})

test('blocks are one text and the tool calls behind it', () => {
  const blocks = [
    { type: 'toolCall', name: 'add', arguments: { a: 1 } },
    { type: 'text', text: 'So' },
  ]
  const body = read([{ match, response: { blocks } }]).at(0).response?.body
  const [choice] = (JSON.parse(String(body)) as { choices: { message: object; finish_reason: string }[] })
    .choices
  assert.deepEqual(choice, {
    index: 0,
    message: {
      role: 'assistant',
      content: 'So',
      tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }],
    },
    finish_reason: 'tool_calls',
  })
})

test('recorded timings make a stream of as many frames at their times', () => {
  const recordedTimings = { ttftMs: 100, interChunkDelaysMs: [5, 6, 7, 8], totalDurationMs: 126 }
  const cassette = read([{ match, response: { content: 'one two', reasoning: 'hm' }, recordedTimings }])
  const { request, response } = cassette.at(0)
  assert.equal((JSON.parse(String(request.body)) as { stream?: boolean }).stream, true)
  assert.deepEqual(response?.headers, [['Content-Type', 'text/event-stream']])
  const frames = Array.from(
    cassette.piecesAt(0),
    ({ bytes, at }) => [Buffer.from(bytes).toString(), at] as const,
  )
  assert.deepEqual(
    frames.map(([, at]) => at),
    [100, 105, 111, 118, 126],
  )
  const deltas = frames.slice(0, -1).flatMap(([frame]) => {
    const data = JSON.parse(frame.slice('data: '.length)) as { choices: { delta: { content?: string } }[] }
    return data.choices.map(({ delta }) => delta)
  })
  assert.equal(deltas.map(({ content }) => content ?? '').join(''), 'one two')
  assert.equal(frames.at(-1)?.[0], 'data: [DONE]\n\n')
})

test('errors, and JSON that was kept as it was, stay what they are', () => {
  const cassette = read([
    { match, response: { error: { message: 'slow down' }, status: 429, retryAfter: 3 } },
    { match, response: { json: { a: [1] } } },
  ])
  const [limited, raw] = Array.from(cassette, ({ response }) => response)
  assert.deepEqual([limited?.status, limited?.body], [429, '{"error":{"message":"slow down"}}'])
  assert.deepEqual(limited?.headers.at(-1), ['Retry-After', '3'])
  assert.deepEqual([raw?.status, raw?.body], [200, '{"a":[1]}'])
})

test('what is lost is said, once for each kind', () => {
  const fixture = { match: { ...match, turnIndex: 0 }, response: { content: 'a' }, chaos: { dropRate: 1 } }
  const { warnings, length } = read([fixture, fixture, { match, response: { image: { url: 'u' } } }])
  assert.equal(length, 2)
  assert.deepEqual(
    warnings.map((warning) => warning.slice(0, 24)),
    [
      'aimock keeps no requests',
      '"turnIndex" of a fixture',
      '"chaos" of a fixture is ',
      'fixture 2 is no answer o',
    ],
  )
})
