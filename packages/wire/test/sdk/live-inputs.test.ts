/** Tool inputs reach every client piece by piece: the server says nothing more until the client has seen a piece. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { OpenRouter } from '@openrouter/sdk'
import { streamText } from 'ai'
import OpenAI from 'openai'
import type { StreamEvent } from '../../src/index.ts'
import { clients } from './ai-clients.ts'
import { called, overloaded } from './answers.ts'
import { eventsOf, type Reply, serve } from './server.ts'

/** As soon as a client is behind, such a test waits for ever. */
const timeout = 20_000

const inputs = ['{"a": 2, "b": 3}', '{"a": 4, "b": "🌍"}']

/** A reply that goes on when `see` was called, once for each piece. */
function paced(events: readonly StreamEvent[]): { readonly reply: Reply; readonly see: () => void } {
  let pieces = 0
  let next: (() => void) | undefined
  return {
    reply: {
      type: 'paced',
      events,
      seen: () => {
        pieces -= 1
        return pieces >= 0 ? Promise.resolve() : new Promise((resolve) => (next = resolve))
      },
    },
    see: () => {
      pieces += 1
      next?.()
    },
  }
}

/** Reads the paced answer, calling `see` with each piece of an input; gives what the client made of the whole. */
type Read = (origin: string, see: (call: number | string, piece: string) => void) => Promise<unknown>

const messages: { role: 'user'; content: string }[] = [{ role: 'user', content: 'Hello' }]

const readers: Readonly<Record<string, Read>> = {
  'openai, chat completions': async (origin, see) => {
    const client = new OpenAI({ apiKey: 'x', baseURL: `${origin}/v1`, maxRetries: 0 })
    const stream = client.chat.completions.stream({ model: 'm', messages })
    stream.on('chunk', ({ choices }) => {
      for (const { index, function: delta } of choices[0]?.delta.tool_calls ?? [])
        see(index, delta?.arguments ?? '')
    })
    const { choices } = await stream.finalChatCompletion()
    return choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)
  },
  'openai, responses': async (origin, see) => {
    const client = new OpenAI({ apiKey: 'x', baseURL: `${origin}/v1`, maxRetries: 0 })
    const stream = client.responses.stream({ model: 'm', input: 'Hello' })
    stream.on('response.function_call_arguments.delta', ({ item_id, delta }) => see(item_id, delta))
    const { output } = await stream.finalResponse()
    return output.flatMap((item) => (item.type === 'function_call' ? [item.arguments] : []))
  },
  '@anthropic-ai/sdk': async (origin, see) => {
    const client = new Anthropic({ apiKey: 'x', baseURL: origin, maxRetries: 0 })
    const stream = client.messages.stream({ model: 'm', max_tokens: 9, messages })
    const blocks: Anthropic.ContentBlock[] = []
    stream.on('inputJson', (piece) => see(blocks.length, piece))
    stream.on('contentBlock', (block) => void blocks.push(block))
    await stream.finalMessage()
    assert.deepEqual(
      blocks.map(({ type }) => type),
      ['text', 'tool_use', 'tool_use'],
    )
    return blocks.flatMap((block) =>
      block.type === 'tool_use' ? [JSON.stringify(block.input).replaceAll(/(?<=[:,])"?/g, ' $&')] : [],
    )
  },
  '@openrouter/sdk': async (origin, see) => {
    const client = new OpenRouter({ apiKey: 'x', serverURL: `${origin}/api/v1` })
    const stream = await client.chat.send({ chatRequest: { model: 'm', messages, stream: true } })
    assert.ok(!('choices' in stream))
    const whole: string[] = []
    for await (const { choices } of stream) {
      for (const { index, function: delta } of choices[0]?.delta.toolCalls ?? []) {
        whole[index] = (whole[index] ?? '') + (delta?.arguments ?? '')
        see(index, delta?.arguments ?? '')
      }
    }
    return whole
  },
}

for (const [name, read] of Object.entries(readers)) {
  test(`${name} sees each piece of an input as it comes`, { timeout }, async () => {
    const { reply, see } = paced(eventsOf(called))
    await using server = await serve(reply)
    const seen = new Map<number | string, string>()
    const whole = await read(server.origin, (call, piece) => {
      seen.set(call, (seen.get(call) ?? '') + piece)
      if (piece !== '') see()
    })
    assert.deepEqual([...seen.values()], inputs)
    assert.deepEqual(whole, inputs)
  })
}

/** The clients of dialects whose tool inputs come in pieces. */
for (const { name, model } of clients.filter((client) => client.name !== 'gemini')) {
  describe(`ai, ${name}`, () => {
    test('sees each piece of an input as it comes', { timeout }, async () => {
      const { reply, see } = paced(eventsOf(called))
      await using server = await serve(reply)
      const { fullStream } = streamText({ model: model(server.origin), prompt: 'Hello', maxRetries: 0 })
      const seen = new Map<string, string>()
      for await (const part of fullStream) {
        if (part.type === 'tool-input-start') seen.set(part.id, '')
        if (part.type !== 'tool-input-delta' || part.delta === '') continue
        seen.set(part.id, (seen.get(part.id) ?? '') + part.delta)
        see()
      }
      assert.deepEqual([...seen.values()], inputs)
    })

    test('takes a call in whose middle the stream breaks off for none', { timeout }, async () => {
      const events = eventsOf(called)
      const second = events.findIndex((event) => event.type === 'tool-input' && event.text !== '') + 1
      const broken: StreamEvent[] = [...events.slice(0, second), { type: 'error', failure: overloaded }]
      const { reply, see } = paced(broken)
      see()
      await using server = await serve(reply)
      const { fullStream } = streamText({
        model: model(server.origin),
        prompt: 'Hello',
        maxRetries: 0,
        onError: () => {},
      })
      const calls: unknown[] = []
      let finishReason = 'none'
      for await (const part of fullStream) {
        if (part.type === 'tool-call' && part.invalid !== true) calls.push(part)
        if (part.type === 'finish') finishReason = part.finishReason
      }
      assert.deepEqual(calls, [])
      assert.ok(!['stop', 'length', 'tool-calls'].includes(finishReason), finishReason)
    })
  })
}
