/** The `ai` package with its providers reads what every server half writes, and asks what every one understands. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { APICallError, generateText, jsonSchema, type ModelMessage, streamText, tool, type ToolSet } from 'ai'
import { type Client, clients } from './ai-clients.ts'
import { brokenOff, called, cutShort, limited, said, thought, words } from './answers.ts'
import { type ModelServer, type Reply, serve } from './server.ts'

const tools: ToolSet = {
  // The package's own types do not hold with exact optional properties.
  add: tool({
    description: 'Adds two numbers',
    inputSchema: jsonSchema({
      type: 'object',
      properties: { a: { type: 'number' } },
      required: ['a'],
    }),
  }) as ToolSet[string],
}

/** A conversation with everything that most dialects can say. */
const conversation: ModelMessage[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: words },
      { type: 'image', image: 'iVBORw0KGgo=', mediaType: 'image/png' },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'Both.' },
      { type: 'tool-call', toolCallId: 'call_a', toolName: 'add', input: { a: 2 } },
      { type: 'tool-call', toolCallId: 'call_b', toolName: 'add', input: { a: 3 } },
    ],
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 'call_a', toolName: 'add', output: { type: 'text', value: '5' } },
      { type: 'tool-result', toolCallId: 'call_b', toolName: 'add', output: { type: 'text', value: '6' } },
    ],
  },
]

interface Read {
  readonly text: string
  readonly reasoning: string
  /** The inputs of the tool calls. */
  readonly calls: readonly unknown[]
  readonly finishReason: string
  readonly usage: readonly (number | undefined)[]
}

async function plain({ model }: Client, { origin }: ModelServer): Promise<Read> {
  const result = await generateText({ model: model(origin), prompt: 'Hello', tools, maxRetries: 0 })
  return {
    text: result.text,
    reasoning: result.reasoningText ?? '',
    calls: result.toolCalls.map(({ input }) => input as unknown),
    finishReason: result.finishReason,
    usage: [result.usage.inputTokens, result.usage.outputTokens],
  }
}

async function streamed({ model }: Client, { origin }: ModelServer): Promise<Read> {
  let failed: unknown
  const result = streamText({
    model: model(origin),
    prompt: 'Hello',
    tools,
    maxRetries: 0,
    onError: ({ error }) => {
      failed = error
    },
  })
  await result.consumeStream()
  if (failed !== undefined) throw failed
  const usage = await result.usage
  return {
    text: await result.text,
    reasoning: (await result.reasoningText) ?? '',
    calls: (await result.toolCalls).map(({ input }) => input as unknown),
    finishReason: await result.finishReason,
    usage: [usage.inputTokens, usage.outputTokens],
  }
}

for (const client of clients) {
  describe(client.name, () => {
    for (const [name, ask] of [
      ['plain', plain],
      ['streamed', streamed],
    ] as const) {
      const read = async (reply: Reply): Promise<Read> => {
        await using server = await serve(reply)
        return await ask(client, server)
      }

      test(`${name}: text, finish reason, usage`, async () => {
        const { text, finishReason, usage } = await read(said)
        assert.deepEqual([text, finishReason, usage], [words, 'stop', [197, 41]])
      })

      test(`${name}: parallel tool calls`, async () => {
        const { calls, finishReason } = await read(called)
        assert.equal(finishReason, 'tool-calls')
        assert.deepEqual(calls, [
          { a: 2, b: 3 },
          { a: 4, b: '🌍' },
        ])
      })

      test(`${name}: reasoning`, { skip: !client.reasons && 'this client shows none' }, async () => {
        const { text, reasoning } = await read(thought)
        assert.deepEqual([reasoning, text], ['Add them, then multiply.', words])
      })

      test(`${name}: cut short`, async () => {
        assert.equal((await read(cutShort)).finishReason, 'length')
      })

      test(`${name}: an error has its status and its words`, async () => {
        await assert.rejects(read(limited), (error) => {
          assert.ok(APICallError.isInstance(error), String(error))
          assert.equal(error.statusCode, 429)
          // OpenRouter's client prefers the upstream's own words.
          assert.match(error.message, /Slow down|too many/)
          return true
        })
      })
    }

    test('a stream that breaks off is no clean end', async () => {
      await using server = await serve(brokenOff)
      // Two of these clients skip an error inside a stream; then they must find no reason to have finished.
      const end = await streamed(client, server).then(
        ({ finishReason }) => finishReason,
        (error: unknown) => error,
      )
      assert.ok(typeof end !== 'string' || !['stop', 'length', 'tool-calls'].includes(end), String(end))
    })

    test('a conversation arrives whole', async () => {
      await using server = await serve(said)
      const isBlind = client.name === 'cohere'
      const messages = isBlind ? conversation.slice(1) : conversation
      await generateText({
        model: client.model(server.origin),
        system: 'Be brief.',
        messages: isBlind ? [{ role: 'user', content: words }, ...messages] : messages,
        tools,
        maxRetries: 0,
        maxOutputTokens: 100,
      })
      const [request] = server.requests
      assert.deepEqual(
        request?.messages.map(({ role }) => role),
        ['system', 'user', 'assistant', 'tool'],
      )
      const [system, user, assistant, results] = request?.messages ?? []
      assert.equal(system?.content[0]?.type === 'text' && system.content[0].text, 'Be brief.')
      assert.equal(user?.content[0]?.type === 'text' && user.content[0].text, words)
      if (!isBlind) {
        const image = user?.content[1]
        assert.deepEqual(image?.type === 'media' && [image.mediaType, image.source], [
          'image/png',
          { type: 'base64', base64: 'iVBORw0KGgo=' },
        ])
      }
      const calls = assistant?.content.filter((part) => part.type === 'tool-call') ?? []
      assert.deepEqual(
        calls.map(({ name, input }) => [name, input]),
        [
          ['add', { a: 2 }],
          ['add', { a: 3 }],
        ],
      )
      const outputs = results?.content.flatMap((part) =>
        part.type === 'tool-result'
          ? [[part.id, part.output[0]?.type === 'text' && part.output[0].text]]
          : [],
      )
      assert.deepEqual(
        outputs,
        calls.map(({ id }, index) => [id, ['5', '6'][index]]),
      )
      assert.equal(request?.maxOutputTokens, 100)
      assert.deepEqual(
        request?.tools?.map((one) => one.type === 'function' && one.name),
        ['add'],
      )
    })
  })
}
