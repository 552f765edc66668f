/** Transcripts: their bytes on the wire, and going on where one was left. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@playhead/wire'
import { ofType, play, says, script } from './servers.ts'
import { asking, called, done, echo, results, user } from './tools.ts'

test('the second request begins with the bytes of the first', async () => {
  const server = script(
    says({ ...called('a', 'b'), text: 'Well, ' }),
    says(called('c')),
    says({ text: 'Done' }),
  )
  const { requests } = await play(server, {
    tools: [echo('echo')],
    instructions: 'Be brief',
    maxOutputTokens: 9,
  })
  const texts = requests.map(({ text }) => text)
  for (const [index, text] of texts.slice(1).entries()) {
    const [messages = '', rest = ''] = (texts[index] ?? '').split('],"model":')
    assert.ok(text.startsWith(`${messages},`), `${text} does not begin with ${messages}`)
    assert.ok(text.endsWith(`],"model":${rest}`), `${text} does not end with ${rest}`)
  }
})

test('two runs of equal agents send equal bytes', async () => {
  const texts = []
  for (const temperature of [0.5, 0.5]) {
    const server = script(says(called('a')), says({ text: 'Done' }))
    const { requests } = await play(server, { temperature, tools: [echo('echo')], seed: 1, stop: ['x'] })
    texts.push(requests.map(({ text }) => text))
  }
  assert.deepEqual(texts[0], texts[1])
})

for (const inputText of [
  '{ "a" :\t1 ,\n "b":2}',
  '{"a":1,"a":2}',
  String.raw`{"caf\u00e9":"\ud83d\ude00 \/ \u0000"}`,
  '{"n":1.0,"m":1e2,"big":12345678901234567890}',
  '{"é":"ü\u2028"}',
  '{"__proto__":{"a":1},"constructor":2}',
  '  {}  ',
  '{"a":',
  'null',
  '[1]',
]) {
  test(`the input ${JSON.stringify(inputText)} goes back byte for byte`, async () => {
    const server = script(says({ calls: [['a', 'echo', inputText]] }), says({ text: 'Done' }))
    const { requests, result } = await play(server, { tools: [echo('echo')] })
    assert.equal(requests[1]?.body.messages[1]?.tool_calls?.[0]?.function.arguments, inputText)
    const [part] = result.steps[0]?.message.content ?? []
    assert.equal(part?.type === 'tool-call' && part.inputText, inputText)
  })
}

test('a saved transcript that ends with a question goes on with the model', async () => {
  const { result, requests } = await play(script(says({ text: 'Again' })), {}, revived([user, done, user]))
  assert.deepEqual(
    requests[0]?.body.messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  )
  assert.equal(result.text, 'Again')
  assert.equal(result.messages.length, 4)
})

test('a saved transcript that ends with tool calls goes on with the tools', async () => {
  const ran: string[] = []
  const server = script(says({ text: 'Done' }))
  const { result, events, requests } = await play(
    server,
    { tools: [echo('echo', ran)] },
    revived([user, asking]),
  )
  assert.deepEqual(ran, ['a'])
  assert.deepEqual(
    events.map(({ type }) => type),
    ['tool-result', 'step', 'text', 'usage', 'finish'],
  )
  assert.equal(requests[0]?.body.messages[2]?.content, 'echo {}')
  assert.deepEqual(
    result.messages.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'assistant'],
  )
  assert.equal(result.steps.length, 1)
})

test('a saved transcript that ends with results goes on with the model', async () => {
  const { requests } = await play(script(says({ text: 'Done' })), {}, revived([user, asking, results]))
  assert.equal(requests.length, 1)
})

test('a saved transcript that ends with an answer calls nothing', async () => {
  const { result, requests, events } = await play(script(), {}, revived([user, asking, results, done]))
  assert.equal(requests.length, 0)
  assert.equal(result.text, 'Done')
  assert.equal(result.cost, '0')
  assert.deepEqual(
    events.map(({ type }) => type),
    ['finish'],
  )
})

function replies(): Response[] {
  return [
    says({ ...called('a', 'b'), text: 'One ' }),
    says({ calls: [['c', 'echo', '{"a": \t"\\u00e9","a":1}']] }),
    says({ text: 'Done' }),
  ]
}

test('a run that was stopped at its limit goes on from its messages as if it had never stopped', async () => {
  const options = { tools: [echo('echo')], instructions: 'Be brief' }
  const whole = await play(script(...replies()), options)
  for (const maxSteps of [1, 2]) {
    const first = await play(script(...replies().slice(0, maxSteps)), { ...options, maxSteps })
    const rest = await play(script(...replies().slice(maxSteps)), options, revived(first.result.messages))
    assert.deepEqual(rest.result.messages, whole.result.messages)
    assert.deepEqual(
      [...first.requests, ...rest.requests].map(({ text }) => text),
      whole.requests.map(({ text }) => text),
    )
  }
})

test('a call whose input is no JSON survives being saved', async () => {
  const server = script(says({ calls: [['a', 'echo', '{"a":']] }))
  const { result } = await play(server, { tools: [echo('echo')], maxSteps: 1 })
  const unanswered = revived(result.messages.slice(0, -1))
  const { events, requests } = await play(
    script(says({ text: 'Done' })),
    { tools: [echo('echo')] },
    unanswered,
  )
  assert.equal(ofType(events, 'tool-result')[0]?.result.isError, true)
  assert.equal(requests[0]?.body.messages[1]?.tool_calls?.[0]?.function.arguments, '{"a":')
})

test('instructions stand first, unless the conversation has its own', async () => {
  const options = { instructions: 'Be brief' }
  const fresh = await play(script(says({ text: 'Done' })), options, [user])
  const own = await play(script(says({ text: 'Done' })), options, [
    { role: 'system', content: [{ type: 'text', text: 'Be long' }] },
    user,
  ])
  assert.deepEqual(
    [fresh, own].map(({ requests }) => requests[0]?.body.messages.map(({ content }) => content)),
    [
      ['Be brief', 'Go'],
      ['Be long', 'Go'],
    ],
  )
})

test('an empty conversation is refused', async () => {
  await assert.rejects(play(script(), {}, []), { code: 'configuration', message: /no message/ })
})

test('messages that are handed in stay as they are', async () => {
  const messages = [user]
  const { result } = await play(script(says({ text: 'Done' })), {}, messages)
  assert.deepEqual(messages, [user])
  assert.equal(result.messages.length, 2)
})

function revived(messages: readonly Message[]): readonly Message[] {
  return JSON.parse(JSON.stringify(messages)) as readonly Message[]
}
