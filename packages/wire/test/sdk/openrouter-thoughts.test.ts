/** Streamed reasoning of every dialect, through the clients of OpenRouter and back in their next request. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import { generateText, type ModelMessage, streamText } from 'ai'
import {
  eventsOfThought,
  streamedThoughts,
  type StreamedThought,
  thoughtWords,
} from '../streamed-thoughts.ts'
import { said } from './answers.ts'
import { serve } from './server.ts'

const paced = (thought: StreamedThought) =>
  ({ type: 'paced', events: eventsOfThought(thought), seen: async () => {} }) as const

for (const thought of streamedThoughts) {
  describe(`a thought ${thought.name}`, () => {
    test('appears once, and what it must keep comes back: @openrouter/ai-sdk-provider', async () => {
      await using server = await serve(paced(thought), said)
      const model = createOpenRouter({ apiKey: 'sk-x', baseURL: `${server.origin}/api/v1` }).chat('m')
      const asked: ModelMessage = { role: 'user', content: 'Hello' }
      const result = streamText({ model, messages: [asked], maxRetries: 0 })
      await result.consumeStream()
      assert.deepEqual([await result.reasoningText, await result.text], [thoughtWords, 'Done.'])

      const { messages } = await result.response
      await generateText({ model, messages: [asked, ...messages, asked], maxRetries: 0 })
      const parts = server.requests[1]?.messages[1]?.content ?? []
      const data = Object.assign({}, ...parts.map((part) => part.data)) as typeof thought.data
      const { 'bedrock-converse': bedrock, 'openai-chat': _own, ...others } = thought.data
      const kept = bedrock === undefined ? others : { 'anthropic-messages': bedrock }
      for (const [dialect, fields] of Object.entries(kept)) assert.deepEqual(data[dialect], fields)
      // A signature is of the very words.
      if (kept['anthropic-messages'] !== undefined)
        assert.equal(parts[0]?.type === 'reasoning' && parts[0].text, thoughtWords)
    })

    test('appears once in either field: @openrouter/sdk', async () => {
      await using server = await serve(paced(thought))
      const client = new OpenRouter({ apiKey: 'sk-x', serverURL: `${server.origin}/api/v1` })
      const stream = await client.chat.send({
        chatRequest: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true },
      })
      assert.ok(!('choices' in stream))
      let reasoning = ''
      let details = ''
      for await (const { choices } of stream) {
        reasoning += choices[0]?.delta.reasoning ?? ''
        for (const detail of choices[0]?.delta.reasoningDetails ?? []) {
          if (detail.type === 'reasoning.text') details += detail.text ?? ''
          if (detail.type === 'reasoning.summary') details += detail.summary
        }
      }
      assert.deepEqual([reasoning, details], [thoughtWords, thought.words === null ? '' : thoughtWords])
    })
  })
}
