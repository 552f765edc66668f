/** Every client reads what every dialect's providers really said, and its own dialect's as from the provider itself. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { DialectName } from '@playhead/wire'
import { corporaFiles } from '../../../../test/corpora.ts'
import { recordedAt } from '../recorded.ts'
import { modelsOf, providersOf, startGateway } from '../running.ts'
import { startUpstream } from '../upstream.ts'
import { forms } from './client.ts'
import { clients } from './clients.ts'

/** Recorded streams by dialect: two tool calls at once, or as many as there are, and what was said after their results. */
const recordings: Readonly<Record<string, { readonly file: string; readonly own: RegExp }>> = {
  'openai-chat': { file: 'TestOpenAICommon/gpt-4o-mini/multi_tool_streaming.cbf4d35370', own: /chat/ },
  'openai-responses': {
    file: 'TestOpenAIResponsesCommon/openai-gpt-5/multi_tool_streaming.20340c3fe2',
    own: /responses/,
  },
  'anthropic-messages': {
    file: 'TestAnthropicCommon/claude-sonnet-4/multi_tool_streaming.20dd844338',
    own: /anthropic/,
  },
  gemini: {
    file: 'TestGoogleCommon/vertex-gemini-2-5-pro/multi_tool_streaming.0c4f0b2926',
    own: /google/,
  },
}

const { files, skip } = corporaFiles('go-vcr/fantasy', 'yaml')
const upstream = await startUpstream()
const names = Object.keys(recordings)
const origin = new URL(upstream.baseUrl).origin
const running = await startGateway({
  providers: providersOf(
    Object.fromEntries(
      names.map((name) => [name, { baseUrl: `${origin}/${name}`, dialects: [name as DialectName] }]),
    ),
  ),
  models: modelsOf(Object.fromEntries(names.map((name) => [`m/${name}`, [[name, ['1', '1']]]]))),
})
after(async () => {
  await running[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

describe('recorded answers', { skip }, () => {
  for (const [dialect, { file, own }] of Object.entries(recordings)) {
    for (const client of clients) {
      for (const form of forms) {
        test(`${client.name}, ${form}, reads ${dialect}`, async () => {
          for (const index of [0, 1]) {
            const path = files.find((one) => one.endsWith(`${file}.yaml`)) ?? assert.fail(`no ${file}`)
            const recorded = await recordedAt(path, index)
            const { message, usage } = recorded.answer
            upstream.play({ type: 'answer', recorded })
            const read = await client.ask(
              { origin: running.origin, key: running.key, model: `m/${dialect}` },
              form,
            )
            assert.equal(read.text, recorded.text)
            assert.deepEqual(
              read.calls,
              message.content.flatMap((part) => (part.type === 'tool-call' ? [[part.name, part.input]] : [])),
            )
            assert.equal(read.usage?.[1], usage?.outputTokens)
            if (!own.test(client.name)) continue
            const direct = await client.ask({ origin, key: 'x', model: 'gemini-2.5-pro' }, form)
            // Beside an answer that says no cost the gateway writes its own.
            assert.deepEqual({ ...read, cost: null }, { ...direct, cost: null })
          }
        })
      }
    }
  }
})
