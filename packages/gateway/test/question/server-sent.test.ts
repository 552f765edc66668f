/** Which streams comments can stand in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect,
  type Dialect,
  geminiDialect,
  openaiChatDialect,
  openaiResponsesDialect,
} from '@playhead/wire'
import { isServerSent } from '../../src/question/server-sent.ts'

const gemini = '/v1beta/models/m:streamGenerateContent'

const table: readonly (readonly [dialect: Dialect, url: string, isServerSent: boolean])[] = [
  [openaiChatDialect, '/v1/chat/completions', true],
  [openaiResponsesDialect, '/v1/responses', true],
  [anthropicMessagesDialect, '/v1/messages', true],
  [geminiDialect, `${gemini}?alt=sse`, true],
  [geminiDialect, `${gemini}?key=x&alt=sse`, true],
  [geminiDialect, `${gemini}?%24alt=sse`, true],
  [geminiDialect, gemini, false],
  [geminiDialect, `${gemini}?xalt=sse`, false],
]
for (const [dialect, url, isSo] of table) {
  test(`a stream of ${dialect.name} at ${url} ${isSo ? 'is' : 'is not'} server-sent events`, () =>
    assert.equal(isServerSent({ dialect, url }), isSo))
}
