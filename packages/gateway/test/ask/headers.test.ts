/** Which headers a question goes out with. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropic,
  anthropicMessagesDialect as messages,
  type Dialect,
  openaiChatDialect as chat,
  openrouter,
  type Provider,
  together,
} from '@playhead/wire'
import { askOf, said } from './asking.ts'

const credentials = {
  authorization: 'Bearer sk-ph-secret',
  'x-api-key': 'sk-ph-secret',
  'x-goog-api-key': 'sk-ph-secret',
  cookie: 'session=secret',
  host: 'gateway.test',
  connection: 'keep-alive, x-title',
  'transfer-encoding': 'chunked',
  'content-length': '7',
  'x-forwarded-for': '10.0.0.1',
  'x-session-id': 'mine',
  'anthropic-beta': 'fine-grained',
  'anthropic-version': '2024-01-01',
  'openai-beta': 'assistants=v2',
  'http-referer': 'https://app.test',
  'x-title': 'App',
}
const everywhere = ['accept', 'accept-encoding', 'content-type', 'user-agent', 'x-request-id']
const passed: readonly (readonly [provider: Provider, dialect: Dialect, names: readonly string[]])[] = [
  [together, chat, ['openai-beta']],
  [openrouter, chat, ['http-referer', 'openai-beta', 'x-title']],
  [anthropic, messages, ['anthropic-beta', 'anthropic-version']],
]
for (const [provider, dialect, names] of passed) {
  test(`of a client’s headers ${provider.name} gets ${names.join(', ')}`, () => {
    const { request } = askOf(
      { model: 'a', messages: said, max_tokens: 1 },
      { provider, dialect, about: { headers: credentials } },
    )
    assert.deepEqual(Object.keys(request.headers).toSorted(), [...everywhere, ...names].toSorted())
    assert.doesNotMatch(JSON.stringify(request), /secret/)
    assert.equal(request.headers['x-request-id'], 'req-1')
    assert.match(request.headers['user-agent'] ?? '', /^playhead\/\d+\.\d+\.\d+/)
  })
}
