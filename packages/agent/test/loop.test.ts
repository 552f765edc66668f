/** The loop: what a transcript owes, in which order, and where it ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@playhead/wire'
import { agent, tool } from '../src/index.ts'
import { owed } from '../src/loop.ts'
import { ofType, plainModel, play, refuses, says, script } from './servers.ts'
import { anything, asking, call, called, done, echo, results, user } from './tools.ts'
const system: Message = { role: 'system', content: [{ type: 'text', text: 'Be brief' }] }

const owing: readonly [name: string, transcript: readonly Message[], owes: string][] = [
  ['nothing at all owes an answer', [], 'model'],
  ['a system message owes an answer', [system], 'model'],
  ['a question owes an answer', [user], 'model'],
  ['a tool call owes its result', [user, asking], 'tools'],
  ['a tool call without text owes its result', [user, { role: 'assistant', content: [call] }], 'tools'],
  ['a result owes an answer', [user, asking, results], 'model'],
  ['an answer owes nothing', [user, done], 'nothing'],
  ['an empty answer owes nothing', [user, { role: 'assistant', content: [] }], 'nothing'],
  ['an answer after tools owes nothing', [user, asking, results, done], 'nothing'],
  ['a question after an answer owes an answer', [user, done, user], 'model'],
]
for (const [name, transcript, owes] of owing) {
  test(name, () => assert.equal(owed(transcript).type, owes))
}

test('what is owed are the calls in their order, equal ids too', () => {
  const content = [call, { ...call, id: 'b' }, call]
  assert.deepEqual(owed([{ role: 'assistant', content }]), { type: 'tools', calls: content })
})

test('an answer that calls a tool and says "stop" is owed the result', async () => {
  const server = script(says({ ...called('a'), finishReason: 'stop' }), says({ text: 'Done' }))
  const { result } = await play(server, { tools: [echo('echo')] })
  assert.equal(result.text, 'Done')
  assert.equal(result.steps[0]?.toolResults.length, 1)
  assert.equal(result.ending, 'answer')
})

test('an answer that says "tool_calls" and calls none is an end', async () => {
  const { result } = await play(script(says({ text: 'Done', finishReason: 'tool_calls' })))
  assert.equal(result.text, 'Done')
  assert.equal(result.ending, 'answer')
  assert.equal(result.steps.length, 1)
})

for (const [reason, ending] of [
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
] as const) {
  test(`no tool runs after "${reason}"`, async () => {
    const ran: string[] = []
    const { result, events } = await play(
      script(says({ ...called('a'), text: 'I ', finishReason: reason })),
      {
        tools: [echo('echo', ran)],
      },
    )
    assert.deepEqual(ran, [])
    assert.equal(result.ending, ending)
    assert.equal(result.text, 'I ')
    assert.deepEqual(ofType(events, 'tool-result'), [])
    assert.equal(result.steps[0]?.message.content.at(-1)?.type, 'tool-call')
  })
}

test('a conversation whose last answer was cut off goes on by asking again', async () => {
  for (const finishReason of ['length', 'content_filter']) {
    const cutOff = says({ ...called('a'), text: 'Half', finishReason })
    const { result } = await play(script(cutOff), { tools: [echo('echo')] })
    const again = await play(script(says({ text: 'Whole' })), { tools: [echo('echo')] }, result.messages)
    assert.deepEqual([again.result.ending, again.result.text], ['answer', 'Whole'])
    assert.deepEqual(again.requests[0]?.body.messages, [{ content: 'Go', role: 'user' }])
  }
})

test('settings that JSON cannot carry are refused', () => {
  for (const settings of [
    { maxOutputTokens: Number.NaN },
    { maxOutputTokens: -5 },
    { temperature: Number.NaN },
    { topP: Number.POSITIVE_INFINITY },
    { seed: 'x' as unknown as number },
  ]) {
    const [name = ''] = Object.keys(settings)
    assert.throws(() => agent({ model: plainModel, ...settings }), {
      code: 'configuration',
      message: new RegExp(`^${name} is `),
    })
  }
})

test('a finish reason from the future with tool calls is owed their results', async () => {
  const server = script(says({ ...called('a'), finishReason: 'paused' }), says({ text: 'Done' }))
  const { result } = await play(server, { tools: [echo('echo')] })
  assert.equal(result.steps[0]?.finishReason, 'other')
  assert.equal(result.text, 'Done')
})

test('results stand in call order whatever the order in which tools finish', async () => {
  const finished: string[] = []
  const waiting = new Map<string, () => void>()
  const slow = tool({
    name: 'echo',
    description: 'waits until the one after it is done',
    input: anything,
    async run(_, { call: { id } }) {
      if (id !== 'c') await new Promise<void>((resolve) => waiting.set(id, resolve))
      finished.push(id)
      waiting.get(id === 'c' ? 'b' : 'a')?.()
      return id
    },
  })
  const { result, events, requests } = await play(
    script(says(called('a', 'b', 'c')), says({ text: 'Done' })),
    {
      tools: [slow],
    },
  )
  assert.deepEqual(finished, ['c', 'b', 'a'])
  const order = ['a', 'b', 'c']
  assert.deepEqual(
    ofType(events, 'tool-result').map((event) => event.call.id),
    order,
  )
  assert.deepEqual(
    result.steps[0]?.toolResults.map(({ id }) => id),
    order,
  )
  assert.deepEqual(
    requests[1]?.body.messages.slice(-3).map((message) => message.tool_call_id),
    order,
  )
})

test('calls with the same id get a result each', async () => {
  const server = script(
    says({
      calls: [
        ['x', 'one', '{}'],
        ['x', 'two', '{}'],
      ],
    }),
    says({ text: 'Done' }),
  )
  const { requests } = await play(server, { tools: [echo('one'), echo('two')] })
  assert.deepEqual(
    requests[1]?.body.messages.slice(-2).map(({ content, tool_call_id: id }) => [content, id]),
    [
      ['one {}', 'x'],
      ['two {}', 'x'],
    ],
  )
})

for (const [places, expected] of [
  [1, 1],
  [3, 3],
  [undefined, 8],
  [99, 12],
] as const) {
  test(`with maxParallelTools ${places}, ${expected} of 12 tools run at once, in call order`, async () => {
    let running = 0
    let most = 0
    const begun: string[] = []
    const counting = tool({
      name: 'echo',
      description: 'counts',
      input: anything,
      async run(_, context) {
        begun.push(context.call.id)
        running += 1
        most = Math.max(most, running)
        for (let tick = 0; tick < 3; tick += 1) await new Promise((resolve) => setImmediate(resolve))
        running -= 1
      },
    })
    const ids = Array.from({ length: 12 }, (_, index) => `call ${index}`)
    await play(script(says(called(...ids)), says({ text: 'Done' })), {
      tools: [counting],
      ...(places !== undefined && { maxParallelTools: places }),
    })
    assert.equal(most, expected)
    assert.deepEqual(begun, ids)
  })
}

test('20 steps are the most by default, and reaching them is a result', async () => {
  const server = script(...Array.from({ length: 30 }, (_, index) => says(called(`call ${index}`))))
  const { result, requests, events } = await play(server, { tools: [echo('echo')] })
  assert.equal(result.ending, 'step-limit')
  assert.equal(requests.length, 20)
  assert.equal(result.steps.length, 20)
  assert.equal(result.steps.at(-1)?.toolResults.length, 1)
  assert.equal(result.messages.at(-1)?.role, 'tool')
  assert.equal(ofType(events, 'finish').length, 1)
})

test('maxSteps 1 lets the model answer once and runs the tools that it asked for', async () => {
  const ran: string[] = []
  const { result } = await play(script(says(called('a'))), { tools: [echo('echo', ran)], maxSteps: 1 })
  assert.equal(result.ending, 'step-limit')
  assert.deepEqual(ran, ['a'])
})

test('an answer in the last step that is allowed is an answer', async () => {
  const server = script(says(called('a')), says({ text: 'Done' }))
  const { result } = await play(server, { tools: [echo('echo')], maxSteps: 2 })
  assert.equal(result.ending, 'answer')
})

test('attempts that fail are no steps', async () => {
  const { result } = await play(script(refuses(500), refuses(500), says({ text: 'Done' })), { maxSteps: 1 })
  assert.equal(result.ending, 'answer')
  assert.equal(result.steps.length, 1)
})

for (const [name, value] of [
  ['maxSteps', 0],
  ['maxSteps', 1.5],
  ['maxSteps', Number.NaN],
  ['maxRetries', -1],
  ['maxParallelTools', 0],
] as const) {
  test(`${name} ${value} is refused`, async () => {
    await assert.rejects(play(script(), { [name]: value }), {
      code: 'configuration',
      message: new RegExp(`${name} is ${value}: `),
    })
  })
}
