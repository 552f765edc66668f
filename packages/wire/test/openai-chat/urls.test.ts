/** Chat completions under other paths than their own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialectOf, openaiChatDialect } from '../../src/index.ts'

const messages = [{ role: 'user', content: 'Hi' }]

const paths: readonly [path: string, model: string, isStream: boolean][] = [
  ['/v1/chat/completions', '', false],
  ['/serving-endpoints/databricks-claude/invocations', 'databricks-claude', false],
  ['/ml/v1/text/chat?version=2024-10-08', '', false],
  ['/ml/v1/text/chat_stream?version=2024-10-08', '', true],
  ['/v1/agents/completions', '', false],
  ['/v1/projects/p/locations/l/publishers/mistralai/models/mistral-small:rawPredict', 'mistral-small', false],
  ['/v1/projects/p/locations/l/publishers/mistralai/models/m:streamRawPredict', 'm', true],
  ['/model/openai.gpt-oss-20b-1%3A0/invoke', 'openai.gpt-oss-20b-1:0', false],
  ['/model/openai.gpt-oss-20b-1:0/invoke-with-response-stream', 'openai.gpt-oss-20b-1:0', true],
  ['/v1/chat', '', false],
  ['/v1/text/chatcompletion_v2', '', false],
  ['/api/v2/cortex/inference:complete', '', false],
]

for (const [path, model, isStream] of paths)
  test(`${path} is one`, () => {
    const url = `https://host${path}`
    assert.equal(dialectOf(url, { messages }), openaiChatDialect)
    assert.equal(openaiChatDialect.asksForStream(url, { messages }), isStream)
    const request = openaiChatDialect.server.decodeRequest({ messages }, url)
    assert.deepEqual([request.model, request.stream], [model, isStream])
  })

test('a model that has another name in the body (watsonx)', () => {
  const body = { model_id: 'ibm/granite', messages }
  const url = 'https://us-south.ml.cloud.ibm.com/ml/v1/text/chat'
  assert.equal(openaiChatDialect.server.decodeRequest(body, url).model, 'ibm/granite')
})

test('code that is filled in has an answer of the dialect, but is no conversation (Mistral)', () => {
  const url = 'https://api.mistral.ai/v1/fim/completions'
  const body = { model: 'codestral', prompt: 'def f(', suffix: 'return a' }
  assert.equal(dialectOf(url, body), openaiChatDialect)
  assert.throws(() => openaiChatDialect.server.decodeRequest(body, url), { path: 'messages' })
})

test('what else is asked for at such paths is none', () => {
  for (const [path, body] of [
    ['/serving-endpoints/bge/invocations', { input: ['Hi'] }],
    ['/v1/chat', { message: 'Hi' }],
    ['/model/meta.llama3/invoke', { prompt: 'Hi' }],
    ['/ml/v1/text/generation', { input: 'Hi' }],
  ] as const)
    assert.equal(dialectOf(`https://host${path}`, body), null, path)
})
