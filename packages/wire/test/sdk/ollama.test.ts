/** The `ollama` package reads what the server half of `ollama` writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChatResponse, Ollama } from 'ollama'
import { brokenOff, called, cutShort, limited, said, thought, words } from './answers.ts'
import { type Reply, serve } from './server.ts'

const question = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] }

async function plain(reply: Reply): Promise<readonly ChatResponse[]> {
  await using server = await serve(reply)
  return [await new Ollama({ host: server.origin }).chat(question)]
}

async function streamed(reply: Reply): Promise<readonly ChatResponse[]> {
  await using server = await serve(reply)
  const lines: ChatResponse[] = []
  for await (const line of await new Ollama({ host: server.origin }).chat({ ...question, stream: true }))
    lines.push(line)
  return lines
}

const join = (lines: readonly ChatResponse[], field: 'content' | 'thinking'): string =>
  lines.map(({ message }) => message[field] ?? '').join('')

for (const [name, ask] of [
  ['plain', plain],
  ['streamed', streamed],
] as const) {
  test(`${name}: text, end, usage`, async () => {
    const lines = await ask(said)
    const last = lines.at(-1)
    assert.deepEqual([join(lines, 'content'), last?.done, last?.done_reason], [words, true, 'stop'])
    assert.deepEqual([last?.prompt_eval_count, last?.eval_count], [197, 41])
  })

  test(`${name}: tool calls`, async () => {
    const calls = (await ask(called)).flatMap(({ message }) => message.tool_calls ?? [])
    assert.deepEqual(
      calls.map((call) => [call.function.name, call.function.arguments]),
      [
        ['add', { a: 2, b: 3 }],
        ['add', { a: 4, b: '🌍' }],
      ],
    )
  })

  test(`${name}: thinking`, async () => {
    const lines = await ask(thought)
    assert.deepEqual([join(lines, 'thinking'), join(lines, 'content')], ['Add them, then multiply.', words])
  })

  test(`${name}: cut short`, async () => {
    assert.equal((await ask(cutShort)).at(-1)?.done_reason, 'length')
  })

  test(`${name}: an error`, async () => {
    await assert.rejects(ask(limited), /Slow down/)
  })
}

test('a stream that breaks off throws', async () => {
  await assert.rejects(streamed(brokenOff), /Too much to do/)
})
