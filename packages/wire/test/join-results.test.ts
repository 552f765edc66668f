/** Results that follow each other are one message, however many they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect, dialects } from '../src/index.ts'

const many = Array.from({ length: 30_000 }, (_one, index) => `c${index}`)

const bodies: Readonly<Record<string, object>> = {
  'openai-chat': { messages: many.map((id) => ({ role: 'tool', tool_call_id: id, content: 'r' })) },
  'anthropic-messages': {
    messages: many.map((id) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id }] })),
  },
  cohere: { messages: many.map((id) => ({ role: 'tool', tool_call_id: id, content: 'r' })) },
  ollama: { messages: many.map((id) => ({ role: 'tool', tool_call_id: id, content: 'r' })) },
}

for (const [name, body] of Object.entries(bodies)) {
  test(`${name}: many results are one message, in a time that grows with their number`, () => {
    const { server } = dialects.find((dialect) => dialect.name === name) as Dialect
    const began = performance.now()
    const { messages } = server.decodeRequest(body, '')
    assert.ok(performance.now() - began < 1000)
    assert.deepEqual(
      messages.map(({ content }) => content.length),
      [many.length],
    )
  })
}
