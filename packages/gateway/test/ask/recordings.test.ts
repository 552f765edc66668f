/** What holds when recorded requests are put to every provider. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DialectName, dialects, isObject, openrouter, providers } from '@playhead/wire'
import { recordings, skip } from '../../../wire/test/recordings.ts'
import { ask, type Asked, UntranslatableError } from '../../src/ask/ask.ts'
import { membersOf } from '../../src/ask/edit-json.ts'
import type { Endpoint } from '../../src/endpoint.ts'
import { HttpError } from '../../src/http-error.ts'
import type { Question } from '../../src/question.ts'
import { readQuestion } from '../../src/question/read-question.ts'
import { endpointOf } from './endpoints.ts'

/** Those of clouds name their model in a URL of their own, which no route of the gateway has. */
const questions: readonly (readonly [name: string, question: Question])[] = recordings
  .filter(({ request }) => isObject(request) && request['anthropic_version'] === undefined)
  .map(({ name, dialect, requestBody, response }) => [
    name,
    readQuestion(dialect, new TextEncoder().encode(requestBody), response.url, {}),
  ])

const about = { requestId: 'req-1' }
const custom = endpointOf(providers.get('custom') ?? openrouter)

/** The members that may differ where nothing but the endpoint was chosen. */
const edited: ReadonlySet<string> = new Set([
  'model',
  'models',
  'provider',
  'usage',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
])

test(
  'in its own dialect a recorded request differs in what is listed, and in no other byte',
  { skip },
  () => {
    let same = 0
    for (const [name, question] of questions) {
      if (question.body['reasoning'] !== undefined || saysReasoning(question)) continue
      const { request, isSame } = ask(question, custom, about)
      assert.ok(isSame, name)
      assert.deepEqual(others(request.body), others(question.text), name)
      same++
    }
    assert.ok(same > 1200)
  },
)

function others(text: string): string[] {
  return membersOf(text)
    .filter(({ name }) => !edited.has(name))
    .map(({ start, end }) => text.slice(start, end))
}

function saysReasoning({ body: { messages } }: Question): boolean {
  return JSON.stringify(messages ?? null).includes('"reasoning')
}

test('what was recorded of OpenRouter goes there again byte for byte', { skip }, () => {
  let same = 0
  for (const { name, dialect, requestBody, response } of recordings) {
    if (!response.url.startsWith('https://openrouter.ai/')) continue
    const question = readQuestion(dialect, new TextEncoder().encode(requestBody), response.url, {})
    const endpoint = endpointOf(openrouter, { upstreamModel: question.models[0] ?? '' })
    const asked = ask(question, endpoint, about)
    assert.equal(asked.request.url, response.url, name)
    if (question.body['usage'] === undefined) continue
    assert.equal(asked.request.body, requestBody, name)
    same++
  }
  assert.ok(same > 300)
})

for (const { name } of dialects) {
  test(`a question in ${name} is put to every provider, or it is said why not`, { skip }, () => {
    const asked = questions.filter(([, question]) => question.dialect.name === name)
    const step = Math.ceil(asked.length / 60)
    let translated = 0
    for (const provider of providers.values()) {
      for (const dialect of provider.dialects) {
        const endpoint = endpointOf(provider, { dialects: [dialect] })
        for (const [recording, question] of asked.filter((_one, index) => index % step === 0)) {
          if (isAsked(question, endpoint, `${provider.name} ${dialect} ${recording}`, dialect)) translated++
        }
      }
    }
    assert.ok(translated > 0)
  })
}

function isAsked(
  question: Question,
  endpoint: ReturnType<typeof endpointOf>,
  name: string,
  dialect: DialectName,
): boolean {
  const { host } = endpoint.provider
  const asked = askOrWhyNot(question, endpoint, name)
  if (asked === null) return false
  const { request, dialect: spoken, isSame } = asked
  const body: unknown = JSON.parse(request.body)
  assert.equal(isSame, dialect === question.dialect.name && host === undefined, name)
  assert.ok(spoken.matches(request.url, body), `${name}: ${request.url}`)
  assert.equal(spoken.asksForStream(request.url, body), question.isStream, name)
  return true
}

function askOrWhyNot(question: Question, endpoint: Endpoint, name: string): Asked | null {
  try {
    return ask(question, endpoint, about)
  } catch (error) {
    assert.ok(error instanceof UntranslatableError || error instanceof HttpError, `${name}: ${String(error)}`)
    return null
  }
}
