/** A stream that ends before its terminal signal is an error, never a short success. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custom, openai, openrouter, type Provider, providerOf, type StreamEvent } from '../src/index.ts'
import { type Recording, seedStreams } from './recordings.ts'
import { bytesOf, chunk, eventsOf, eventsOfText, single, sse, textOfBytes } from './streams.ts'

for (const recording of seedStreams) {
  test(`${recording.name} cut off after any byte is an error until its end was seen`, () => {
    const { body } = recording.response
    for (let length = 0; length <= body.length; length++) checkPrefix(recording, body.subarray(0, length))
  })
}

const said = sse(chunk({ content: 'Hello' }))
const finished = said + sse(chunk({}, 'stop'))
const called = sse(
  chunk(
    { tool_calls: [{ index: 0, id: 'a', function: { name: 'add', arguments: '{"a": 1}' } }] },
    'tool_calls',
  ),
)
const inBand = sse({ error: { code: 502, message: 'Bad gateway' } })

/** Each row: a stream, its provider, and what it ends with: a finish reason or a failure's code. */
const table: readonly [name: string, stream: string, provider: Provider, end: string][] = [
  ['nothing at all', '', openrouter, 'truncated'],
  ['nothing at all, where a finish reason is enough', '', custom, 'truncated'],
  ['[DONE] with nothing before it', sse('[DONE]'), openrouter, 'truncated'],
  ['[DONE] with nothing before it, where a finish reason is enough', sse('[DONE]'), custom, 'truncated'],
  ['only keepalives and [DONE]', `: ping\n\n: ping\n\n${sse('[DONE]')}`, openrouter, 'truncated'],
  ['a role and [DONE]', sse(chunk({ role: 'assistant', content: '' }), '[DONE]'), openrouter, 'truncated'],
  ['a finish reason without [DONE], where [DONE] is owed', finished, openrouter, 'truncated'],
  ['a finish reason without [DONE] at OpenAI', finished, openai, 'truncated'],
  ['a finish reason without [DONE], where it is enough', finished, custom, 'stop'],
  ['a tool call without [DONE], where it is owed', called, openrouter, 'truncated'],
  ['a tool call without [DONE], where it is not', called, custom, 'tool-calls'],
  ['text without a finish reason', said, custom, 'truncated'],
  ['text and [DONE] without a finish reason', said + sse('[DONE]'), openrouter, 'other'],
  ['[DONE] without a line end', `${finished}data: [DONE]`, openrouter, 'stop'],
  ['[DONE] with one line end', `${finished}data: [DONE]\n`, openrouter, 'stop'],
  ['[DONE] without a space', `${finished}data:[DONE]\n\n`, openrouter, 'stop'],
  ['[DONE] between spaces', `${finished}data:  [DONE] \n\n`, openrouter, 'stop'],
  ['half of [DONE]', `${finished}data: [DO`, openrouter, 'truncated'],
  ['half of [DONE], where a finish reason is enough', `${finished}data: [DO`, custom, 'stop'],
  ['half a usage chunk after the finish reason', `${finished}data: {"usage":{"prompt`, custom, 'stop'],
  [
    'half a usage chunk after the finish reason, with a line end',
    `${finished}data: {"usage":{"prompt\n`,
    custom,
    'stop',
  ],
  ['half a usage chunk, where [DONE] is owed', `${finished}data: {"usage":{"prompt`, openrouter, 'truncated'],
  ['half a chunk', `${said}data: {"choices":[{"del`, custom, 'truncated'],
  ['half a bare JSON error', '{\n  "error": {\n    "code": 4', openrouter, 'truncated'],
  ['half of its first line', 'data: {"choices":[{"del', custom, 'truncated'],
  ['half of its first field', 'dat', custom, 'truncated'],
  ['fields without data', 'event: message\nid: 1\nretry: 3\n\n', custom, 'truncated'],
  ['fields that are not known, then a chunk that is cut off', 'more: x\n\ndata: {"cho', custom, 'truncated'],
  ['a page', '<!DOCTYPE html>\n<h1>Welcome</h1>\n', openrouter, 'malformed'],
  ['a page on one line', '<html>Welcome</html>', custom, 'malformed'],
  ['a page with a script that looks like JSON', '<script>\n{ let a = 1 }\n</script>', custom, 'malformed'],
  ['a text', 'upstream connect error or disconnect/reset before headers', custom, 'malformed'],
  ['random bytes', '\u001f\ufffd\b\u0000\ufffd\n\ufffd', custom, 'malformed'],
  ['an error', said + inBand, openrouter, 'server'],
  ['an error without a line end', (said + inBand).trimEnd(), openrouter, 'server'],
  ['an error after a finish reason', finished + inBand, custom, 'server'],
  ['more after [DONE]', `${finished}${sse('[DONE]')}${inBand}`, openrouter, 'stop'],
  ['a finish reason that is an error', said + sse(chunk({}, 'error'), '[DONE]'), openrouter, 'server'],
]

for (const [name, stream, provider, end] of table) {
  test(`${name} ends with ${end}, however it is cut`, () => {
    const events = eventsOfText(stream, provider)
    assert.deepEqual(eventsOf(single(bytesOf(stream)), provider), events)
    checkEvents(events, name)
    const last = events.at(-1)
    assert.equal(
      last?.type === 'finish' ? last.answer.finishReason : last?.type === 'error' && last.failure.code,
      end,
    )
  })
}

test('what came instead of a stream is said in short', () => {
  const last = eventsOfText(`<!DOCTYPE html>${'x'.repeat(1000)}\n<p>\n`).at(-1)
  assert.ok(last?.type === 'error')
  assert.equal(
    last.failure.message,
    `The answer is not a stream of events: "<!DOCTYPE html>${'x'.repeat(65)}"`,
  )
  assert.equal(last.failure.retryable, true)
})

test('no tool call comes out of a stream that broke off', () => {
  const { type } = eventsOfText(called, openrouter).find((event) => event.type === 'tool-call') ?? {
    type: 'none',
  }
  assert.equal(type, 'none')
})

test('what had been used when it broke off is part of the failure', () => {
  const used = {
    usage: { prompt_tokens: 7, completion_tokens: 2, cost: 1.5e-7 },
    ...chunk({ content: 'Hi' }),
  }
  const last = eventsOfText(sse(used), openrouter).at(-1)
  assert.ok(last?.type === 'error')
  assert.equal(last.failure.usage?.inputTokens, 7)
  assert.equal(last.failure.cost, '0.00000015')
})

/** The answer must be whole exactly when the provider's terminal signal is in the prefix. */
function checkPrefix({ name, response }: Recording, prefix: Uint8Array): void {
  const provider = providerOf(response.url)
  const message = `${name} cut off after ${prefix.length} bytes`
  const events = eventsOf([prefix], provider)
  checkEvents(events, message)
  const last = events.at(-1)
  if (hasEnded(textOfBytes(prefix), provider)) {
    assert.equal(last?.type, 'finish', message)
  } else {
    assert.ok(last?.type === 'error', message)
    assert.equal(last.failure.code, 'truncated', message)
    assert.equal(last.failure.retryable, true, message)
  }
}

/** Reads the text by itself: whether a line says `[DONE]`, or where that is enough, a finish reason. */
function hasEnded(text: string, provider: Provider): boolean {
  return text.split('\n').some((line) => {
    if (line === 'data: [DONE]') return true
    return (
      provider.quirks.streamEnd === 'finish-reason' &&
      line.startsWith('data: {') &&
      hasFinishReason(line.slice(6))
    )
  })
}

function hasFinishReason(json: string): boolean {
  try {
    const { choices = [] } = JSON.parse(json) as { choices?: { finish_reason?: unknown }[] }
    return choices.some(({ finish_reason }) => typeof finish_reason === 'string' && finish_reason !== '')
  } catch {
    return false
  }
}

function checkEvents(events: readonly StreamEvent[], message: string): void {
  const ends = events.filter(({ type }) => type === 'finish' || type === 'error')
  assert.equal(ends.length, 1, message)
  assert.equal(events.at(-1), ends[0], message)
}
