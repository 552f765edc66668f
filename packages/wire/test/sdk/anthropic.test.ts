/** The `@anthropic-ai/sdk` reads what the server half of `anthropic-messages` writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import Anthropic, { APIError } from '@anthropic-ai/sdk'
import { brokenOff, called, cutShort, limited, said, thought, words } from './answers.ts'
import { type ModelServer, type Reply, serve } from './server.ts'

const client = ({ origin }: ModelServer): Anthropic =>
  new Anthropic({ apiKey: 'sk-x', baseURL: origin, maxRetries: 0 })

const question = {
  model: 'm',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
  tools: [{ name: 'add', input_schema: { type: 'object' } }],
} satisfies Anthropic.MessageCreateParams

async function plain(reply: Reply): Promise<Anthropic.Message> {
  await using server = await serve(reply)
  return await client(server).messages.create(question)
}

async function streamed(reply: Reply): Promise<Anthropic.Message> {
  await using server = await serve(reply)
  return await client(server).messages.stream(question).finalMessage()
}

for (const [name, ask] of [
  ['a plain message', plain],
  ['a streamed message', streamed],
] as const) {
  test(`${name}: text, stop reason, usage`, async () => {
    const { content, stop_reason, usage, model, role } = await ask(said)
    assert.deepEqual([role, model, stop_reason], ['assistant', 'm', 'end_turn'])
    assert.deepEqual(
      content.map((block) => block.type === 'text' && block.text),
      [words],
    )
    assert.deepEqual([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens], [69, 128, 41])
  })

  test(`${name}: parallel tool uses`, async () => {
    const { content, stop_reason } = await ask(called)
    assert.equal(stop_reason, 'tool_use')
    assert.deepEqual(
      content.map(({ type }) => type),
      ['text', 'tool_use', 'tool_use'],
    )
    assert.deepEqual(
      content.flatMap((block) => (block.type === 'tool_use' ? [[block.id, block.name, block.input]] : [])),
      [
        ['call_a', 'add', { a: 2, b: 3 }],
        ['call_b', 'add', { a: 4, b: '🌍' }],
      ],
    )
  })

  test(`${name}: thinking stands before the text`, async () => {
    const [thinking, text] = (await ask(thought)).content
    assert.ok(thinking?.type === 'thinking' && text?.type === 'text')
    assert.deepEqual([thinking.thinking, text.text], ['Add them, then multiply.', words])
  })

  test(`${name}: one that was cut short says so`, async () => {
    assert.equal((await ask(cutShort)).stop_reason, 'max_tokens')
  })

  test(`${name}: an error has its status and its type`, async () => {
    await assert.rejects(ask(limited), (error) => {
      assert.ok(error instanceof APIError)
      assert.deepEqual([error.status, error.type], [429, 'rate_limit_error'])
      assert.match(error.message, /Slow down/)
      return true
    })
  })
}

test('a message that breaks off throws, behind what had come', async () => {
  await using server = await serve(brokenOff)
  const stream = client(server).messages.stream(question)
  let text = ''
  stream.on('text', (delta) => (text += delta))
  await assert.rejects(stream.finalMessage(), /Too much to do/)
  assert.equal(text, words)
})
