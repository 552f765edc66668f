/** The `openai` SDK reads what the server halves of `openai-chat` and `openai-responses` write. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI, { APIError } from 'openai'
import { called, calledFreely, cutShort, limited, brokenOff, said, thought, words } from './answers.ts'
import { openai, openaiChat } from '../../src/index.ts'
import { type ModelServer, type Reply, serve } from './server.ts'

const client = ({ origin }: ModelServer): OpenAI =>
  new OpenAI({ apiKey: 'sk-x', baseURL: `${origin}/v1`, maxRetries: 0 })

const tools = [
  {
    type: 'function',
    function: { name: 'add', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
  },
] as const

const messages = [{ role: 'user', content: 'Hello' }] as const

const functions = [
  { type: 'function', name: 'add', parameters: { type: 'object', properties: {} }, strict: false },
] as const

async function chat(reply: Reply): Promise<OpenAI.ChatCompletion> {
  await using server = await serve(reply)
  return await client(server).chat.completions.create({
    model: 'm',
    messages: [...messages],
    tools: [...tools],
  })
}

async function chatStream(reply: Reply): Promise<OpenAI.ChatCompletion> {
  await using server = await serve(reply)
  const options = {
    model: 'm',
    messages: [...messages],
    tools: [...tools],
    stream_options: { include_usage: true },
  }
  return await client(server).chat.completions.stream(options).finalChatCompletion()
}

async function respond(reply: Reply): Promise<OpenAI.Responses.Response> {
  await using server = await serve(reply)
  return await client(server).responses.create({ model: 'm', input: 'Hello', tools: [...functions] })
}

async function respondStream(reply: Reply): Promise<OpenAI.Responses.Response> {
  await using server = await serve(reply)
  return await client(server)
    .responses.stream({ model: 'm', input: 'Hello', tools: [...functions] })
    .finalResponse()
}

for (const [name, ask] of [
  ['a plain completion', chat],
  ['a streamed completion', chatStream],
] as const) {
  test(`${name}: text, finish reason, usage`, async () => {
    const { choices, usage, model } = await ask(said)
    assert.deepEqual([choices[0]?.message.content, choices[0]?.finish_reason, model], [words, 'stop', 'm'])
    assert.deepEqual([usage?.prompt_tokens, usage?.completion_tokens, usage?.total_tokens], [197, 41, 238])
    assert.equal(usage?.prompt_tokens_details?.cached_tokens, 128)
    assert.equal(usage?.completion_tokens_details?.reasoning_tokens, 7)
  })

  test(`${name}: parallel tool calls, their inputs byte for byte`, async () => {
    const choice = (await ask(called)).choices[0]
    assert.equal(choice?.finish_reason, 'tool_calls')
    assert.deepEqual(
      choice?.message.tool_calls?.map(
        (call) => call.type === 'function' && [call.id, call.function.name, call.function.arguments],
      ),
      [
        ['call_a', 'add', '{"a": 2, "b": 3}'],
        ['call_b', 'add', '{"a": 4, "b": "🌍"}'],
      ],
    )
  })

  test(`${name}: a custom tool's input is any text`, async () => {
    const choice = (await ask(calledFreely)).choices[0]
    assert.equal(choice?.finish_reason, 'tool_calls')
    assert.deepEqual(choice?.message.tool_calls, [
      { id: 'call_a', type: 'custom', custom: { name: 'run', input: words } },
    ])
  })

  test(`${name}: an error has its status, its code and when to come again`, async () => {
    await assert.rejects(ask(limited), (error) => {
      assert.ok(error instanceof APIError)
      const headers = error.headers as Headers | undefined
      assert.deepEqual([error.status, headers?.get('retry-after')], [429, '2'])
      assert.match(error.message, /Slow down/)
      return true
    })
  })
}

test('a custom tool, its choice, its call and its result are asked as they were said', async () => {
  await using server = await serve(said)
  const format = { type: 'grammar', grammar: { syntax: 'regex', definition: '.*' } } as const
  const call = { id: 'call_a', type: 'custom', custom: { name: 'run', input: words } } as const
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_a', content: '5' },
    ],
    tools: [{ type: 'custom', custom: { name: 'run', description: 'Runs it', format } }],
    tool_choice: { type: 'custom', custom: { name: 'run' } },
  } satisfies OpenAI.ChatCompletionCreateParams
  await client(server).chat.completions.create(body)
  const [request] = server.requests
  assert.ok(request !== undefined)
  assert.deepEqual(request.messages[1]?.content, calledFreely.message.content)
  assert.deepEqual(request.toolChoice, { type: 'tool', name: 'run' })
  assert.deepEqual(JSON.parse(openaiChat.encodeRequest(request, openai)), body)
})

test('a plain completion: reasoning stands beside the text', async () => {
  const message = (await chat(thought)).choices[0]?.message
  assert.equal(message?.content, words)
  assert.equal(
    (message as { readonly reasoning?: string } | undefined)?.reasoning,
    'Add them, then multiply.',
  )
})

test('a completion that was cut short says so', async () => {
  assert.equal((await chat(cutShort)).choices[0]?.finish_reason, 'length')
})

test('a completion that breaks off throws, behind what had come', async () => {
  await using server = await serve(brokenOff)
  const stream = await client(server).chat.completions.create({
    model: 'm',
    messages: [...messages],
    stream: true,
  })
  let text = ''
  await assert.rejects(async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  }, /Too much to do/)
  assert.equal(text, words)
})

for (const [name, ask] of [
  ['a plain response', respond],
  ['a streamed response', respondStream],
] as const) {
  test(`${name}: text, status, usage`, async () => {
    const { output_text, status, usage, model } = await ask(said)
    assert.deepEqual([output_text, status, model], [words, 'completed', 'm'])
    assert.deepEqual([usage?.input_tokens, usage?.output_tokens, usage?.total_tokens], [197, 41, 238])
    assert.equal(usage?.input_tokens_details.cached_tokens, 128)
    assert.equal(usage?.output_tokens_details.reasoning_tokens, 7)
  })

  test(`${name}: parallel tool calls, their inputs byte for byte`, async () => {
    const calls = (await ask(called)).output.filter((item) => item.type === 'function_call')
    assert.deepEqual(
      calls.map(({ call_id, name, arguments: input }) => [call_id, name, input]),
      [
        ['call_a', 'add', '{"a": 2, "b": 3}'],
        ['call_b', 'add', '{"a": 4, "b": "🌍"}'],
      ],
    )
  })

  test(`${name}: reasoning is an item before the text`, async () => {
    const [reasoning, message] = (await ask(thought)).output
    assert.ok(reasoning?.type === 'reasoning' && message?.type === 'message')
    assert.match(JSON.stringify(reasoning), /Add them, then multiply\./)
  })

  test(`${name}: one that was cut short is incomplete`, async () => {
    const { status, incomplete_details } = await ask(cutShort)
    assert.deepEqual([status, incomplete_details?.reason], ['incomplete', 'max_output_tokens'])
  })

  test(`${name}: an error has its status`, async () => {
    await assert.rejects(ask(limited), (error) => error instanceof APIError && error.status === 429)
  })
}

test('a streamed response that breaks off is failed, behind what had come', async () => {
  await using server = await serve(brokenOff)
  const stream = await client(server).responses.create({ model: 'm', input: 'Hello', stream: true })
  let text = ''
  const ends: string[] = []
  await assert.rejects(async () => {
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') text += event.delta
      if (event.type === 'response.failed') throw new Error(event.response.error?.message)
      ends.push(event.type)
    }
  }, /Too much to do/)
  assert.equal(text, words)
  assert.ok(!ends.includes('response.completed'))
})
