/** Names of models in URLs: those that would lead elsewhere are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessages,
  bedrockConverse,
  custom,
  type DialectClient,
  gemini,
  type Provider,
} from '../src/index.ts'

const atBedrock: Provider = { ...custom, host: 'bedrock' }
const atVertex: Provider = { ...custom, host: 'vertex' }

const places: readonly (readonly [name: string, dialect: DialectClient, provider: Provider])[] = [
  ['anthropic-messages at Bedrock', anthropicMessages, atBedrock],
  ['anthropic-messages at Vertex AI', anthropicMessages, atVertex],
  ['bedrock-converse', bedrockConverse, atBedrock],
  ['gemini', gemini, custom],
  ['gemini at Vertex AI', gemini, atVertex],
]

function pathOf(model: string, dialect: DialectClient, provider: Provider): string {
  return dialect.path({ model, messages: [], stream: false }, provider)
}

for (const [name, dialect, provider] of places) {
  test(`${name}: a name that leads elsewhere is refused`, () => {
    for (const model of ['..', '.', '../x', 'models/..', 'a/../../b', 'a\\..\\b', './a', '', '\uD800'])
      assert.throws(() => pathOf(model, dialect, provider), {
        name: 'WireError',
        code: 'unsupported',
        path: 'model',
      })
  })

  test(`${name}: what is written into the URL stays at its place`, () => {
    for (const model of ['a..b', 'a?b', 'a#b', '%2e%2e', '..%2F..', 'a b', '...', '.a']) {
      const path = pathOf(model, dialect, provider)
      assert.equal(new URL(`https://host/base${path}`).href, `https://host/base${path}`)
    }
  })
}

const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
const claude = 'us.anthropic.claude-opus-4-6-v1:0'

for (const [model, dialect, provider, path] of [
  [arn, bedrockConverse, atBedrock, `/model/${encodeURIComponent(arn)}/converse`],
  [claude, bedrockConverse, atBedrock, '/model/us.anthropic.claude-opus-4-6-v1%3A0/converse'],
  [arn, anthropicMessages, atBedrock, `/model/${encodeURIComponent(arn)}/invoke`],
  ['claude@20240620', anthropicMessages, atVertex, '/publishers/anthropic/models/claude@20240620:rawPredict'],
  ['..', anthropicMessages, custom, '/messages'],
  ['tunedModels/x', gemini, custom, '/tunedModels/x:generateContent'],
  ['models/gemini-2.5-pro', gemini, custom, '/models/gemini-2.5-pro:generateContent'],
  ['google/gemini-2.5-pro', gemini, custom, '/models/google/gemini-2.5-pro:generateContent'],
] as const) {
  test(`${model} is asked at ${path}`, () => {
    assert.equal(pathOf(model, dialect, provider), path)
  })
}
