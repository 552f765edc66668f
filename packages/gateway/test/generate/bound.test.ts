/** The most that a request can take, and what it likely takes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundAt } from '../../src/generate/bound.ts'
import { inputTokensBound } from '../../src/question/input-bound.ts'
import { question } from '../route/world.ts'
import { configurationOf } from '../running.ts'

const configuration = configurationOf('/nowhere', {})

test('what a prompt likely has is a quarter of its own bytes, without the room for what is put around it', () => {
  const body = { messages: [{ role: 'user', content: 'Hello' }] }
  const text = JSON.stringify(body)
  const most = inputTokensBound(body)
  assert.ok(most !== null && most > text.length + 200)
  const asked = question({}, { text, inputTokensBound: most })
  assert.equal(boundAt(asked, [], configuration).likelyInputTokens, Math.ceil(text.length / 4))
})

test('what no model reads is not counted', () => {
  const text = JSON.stringify({ metadata: 'x'.repeat(10_000) })
  const asked = question({}, { text, inputTokensBound: 300 })
  assert.equal(boundAt(asked, [], configuration).likelyInputTokens, 75)
})
