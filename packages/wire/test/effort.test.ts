/** A budget is an effort where only efforts are known, and the same one in every dialect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ModelRequest, openai, openaiChat, openaiResponses } from '../src/index.ts'

for (const [budget, effort] of [
  [0, 'none'],
  [2048, 'low'],
  [8192, 'medium'],
  [8193, 'high'],
] as const) {
  test(`a budget of ${budget} is the effort ${effort}`, () => {
    const request: ModelRequest = { model: 'm', messages: [], reasoning: { budget }, stream: false }
    const chat = JSON.parse(openaiChat.encodeRequest(request, openai)) as Record<string, unknown>
    assert.equal(chat['reasoning_effort'], effort)
    const response = JSON.parse(openaiResponses.encodeRequest(request, openai)) as Record<string, unknown>
    assert.deepEqual(response['reasoning'], { effort })
  })
}
