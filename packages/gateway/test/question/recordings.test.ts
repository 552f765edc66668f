/** What holds of every recorded request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isObject } from '@playhead/wire'
import { allExpected, type Recording, recordings, skip } from '../../../wire/test/recordings.ts'
import { readQuestion } from '../../src/question/read-question.ts'
import type { Question } from '../../src/question.ts'

/** Those of clouds name their model in a URL of their own, which no route of the gateway has. */
const ours = recordings.filter(
  ({ request }) => isObject(request) && request['anthropic_version'] === undefined,
)

const counted = allExpected.filter(({ recording }) => ours.includes(recording))

function read({ dialect, requestBody, response }: Recording): Question {
  return readQuestion(dialect, new TextEncoder().encode(requestBody), response.url, {})
}

test('every recorded request is read', { skip }, () => {
  assert.ok(ours.length > 1400)
  for (const recording of ours) {
    const question = read(recording)
    assert.deepEqual(question.body, recording.request, recording.name)
    assert.equal(question.isStream, recording.isStream, recording.name)
  }
})

/** Agents behind the name of a model: what they tell themselves is in no request. */
const agents = /^groq\/compound/

test('no prompt had more tokens than its bound', { skip }, () => {
  let bounded = 0
  for (const { recording, inputTokens } of counted) {
    const { inputTokensBound, models } = read(recording)
    if (typeof inputTokens !== 'number' || inputTokensBound === null || agents.test(models[0] ?? '')) continue
    bounded++
    assert.ok(inputTokens <= inputTokensBound, `${recording.name}: ${inputTokens} > ${inputTokensBound}`)
  }
  assert.ok(bounded > 900)
})

test('no answer had more tokens than its request allows', { skip }, () => {
  let limited = 0
  for (const { recording, outputTokens } of counted) {
    const { maxOutputTokens } = read(recording)
    if (maxOutputTokens === null || typeof outputTokens !== 'number') continue
    limited++
    assert.ok(outputTokens <= maxOutputTokens, `${recording.name}: ${outputTokens} > ${maxOutputTokens}`)
  }
  assert.ok(limited > 500)
})
