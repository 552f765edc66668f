/** Streamed reasoning is written as OpenRouter writes it: each delta in both fields, in the end what is left to say. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openaiChat, openaiChatDialect, openrouter, type StreamEvent } from '../../src/index.ts'
import { eventsOf, textOfBytes } from '../streams.ts'
import { eventsOfThought, streamedThoughts, thoughtWords } from '../streamed-thoughts.ts'

const { server } = openaiChatDialect

interface Delta {
  readonly reasoning?: string | null
  readonly reasoning_details?: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]
}

function write(events: readonly StreamEvent[]): Uint8Array[] {
  const encoder = server.encodeStream({ id: 'gen-1', model: 'm', created: 5 })
  return events.map((event) => encoder.push(event))
}

/** The deltas that say something of the reasoning. */
function deltasOf(bytes: readonly Uint8Array[]): Delta[] {
  const lines = bytes.map(textOfBytes).join('').split('\n\n')
  return lines
    .filter((line) => line.startsWith('data: {'))
    .map((line) => (JSON.parse(line.slice(6)) as { choices: [{ delta: Delta }] }).choices[0].delta)
    .filter(({ reasoning, reasoning_details: details }) => reasoning !== undefined || details !== undefined)
}

for (const thought of streamedThoughts) {
  const { name, words, end, data } = thought

  describe(`a thought ${name}`, () => {
    const bytes = write(eventsOfThought(thought))
    const deltas = deltasOf(bytes)
    const spoken = deltas.slice(0, deltas.length - end.length)

    test('each delta stands in both fields, and the words come once', () => {
      assert.ok(spoken.length > 1)
      assert.equal(spoken.map(({ reasoning }) => reasoning).join(''), thoughtWords)
      for (const { reasoning, reasoning_details: details } of spoken) {
        if (words === null) assert.equal(details, undefined)
        else {
          const field = details?.[0]?.type === 'reasoning.summary' ? 'summary' : 'text'
          assert.deepEqual(details, [{ ...words, [field]: reasoning }])
        }
      }
    })

    test('in the end comes what is left to say', () => {
      assert.deepEqual(
        deltas.slice(spoken.length),
        end.map((detail) => ({ reasoning: null, reasoning_details: [detail] })),
      )
    })

    test('it is one thought for who reads it, and comes back to where it is from', () => {
      const last = eventsOf(bytes, openrouter).at(-1)
      assert.ok(last?.type === 'finish')
      const [read, ...others] = last.answer.message.content
      assert.ok(read?.type === 'reasoning' && read.text === thoughtWords)
      assert.deepEqual(others, [{ type: 'text', text: 'Done.' }])
      const request = { model: 'm', messages: [last.answer.message], stream: false }
      const again = server.decodeRequest(JSON.parse(openaiChat.encodeRequest(request, openrouter)), '')
      const parts = again.messages[0]?.content ?? []
      const back = Object.assign({}, ...parts.map((part) => part.data)) as typeof data
      for (const [dialect, fields] of Object.entries(signed(data))) assert.deepEqual(back[dialect], fields)
    })
  })
}

test('what a client kept in deltas is one thought again', () => {
  for (const thought of streamedThoughts.slice(0, 4)) {
    const details = deltasOf(write(eventsOfThought(thought))).flatMap(
      (delta) => delta.reasoning_details ?? [],
    )
    const message = { role: 'assistant', content: 'Done.', reasoning_details: details }
    const [first, second] = server.decodeRequest({ messages: [message] }, '').messages[0]?.content ?? []
    assert.ok(first?.type === 'reasoning' && first.text === thoughtWords, thought.name)
    // Gemini's secret stands apart, as OpenRouter has it.
    const back = second?.type === 'reasoning' ? second.data : first.data
    for (const [dialect, fields] of Object.entries(signed(thought.data)))
      assert.deepEqual(back?.[dialect], fields, thought.name)
  }
})

/** What Bedrock says of a Claude is what Anthropic says. */
function signed(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { 'bedrock-converse': bedrock, 'openai-chat': _own, ...others } = data
  return bedrock === undefined ? others : { 'anthropic-messages': bedrock }
}
