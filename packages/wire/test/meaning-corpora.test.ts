/** What requests mean, over all recordings: they are told apart as an independent comparison does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { conversation, WireError } from '../src/index.ts'
import { isObject, parseJson, type Unread } from '../src/json.ts'
import { normalisations } from './laws/normalisations.ts'
import { type Recording, recordings, skip } from './recordings.ts'

function meaningOf({ requestBody, response }: Recording): object | undefined {
  return conversation.of({ method: 'POST', url: response.url, body: requestBody })
}

function written(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: null, maxStringLength: null, sorted: true })
}

/** The body in the one way that the laws of requests choose, inputs of tools by their values, and what a URL asks. */
function independent({ dialect, request, response }: Recording): string {
  const body = (normalisations[dialect.name] ?? []).reduce<Unread>(
    (sofar, one) => one.apply(sofar),
    structuredClone(request) as Unread,
  )
  const [, inUrl = ''] = /\/models?\/([^?]+)/.exec(response.url) ?? []
  return `${dialect.name} ${inUrl} ${written(parsed(body))}`
}

function parsed(value: unknown, key = ''): unknown {
  if (key === 'arguments' && typeof value === 'string') return parseJson(value) ?? value
  if (Array.isArray(value)) return value.map((child) => parsed(child))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, parsed(child, name)]))
}

function isReadable({ dialect, request, response }: Recording): boolean {
  try {
    dialect.server.decodeRequest(structuredClone(request), response.url)
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}

test('two requests mean the same exactly when the laws of requests make one of them', { skip }, () => {
  const byMeaning = new Map<string, string>()
  const byBody = new Map<string, string>()
  const readable = recordings.filter(isReadable)
  for (const recording of readable) {
    const meaning = `${recording.dialect.name} ${written(meaningOf(recording))}`
    const body = independent(recording)
    assert.equal(byMeaning.get(meaning) ?? body, body, recording.name)
    assert.equal(byBody.get(body) ?? meaning, meaning, recording.name)
    byMeaning.set(meaning, body)
    byBody.set(body, meaning)
  }
  assert.ok(byBody.size > 1000 && readable.length - byBody.size > 100)
})

test('what a request means does not depend on how it is written', { skip }, () => {
  for (const recording of recordings) {
    const requestBody = JSON.stringify(turned(recording.request), null, 2)
    const meaning = meaningOf({ ...recording, requestBody })
    assert.equal(written(meaning), written(meaningOf(recording)), recording.name)
    assert.deepEqual(conversation.explain(meaning, meaningOf(recording)), [], recording.name)
  }
})

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (!isObject(value)) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([key, child]) => [key, turned(child)]))
}

test('a meaning is JSON', { skip }, () => {
  for (const recording of recordings) {
    const meaning = meaningOf(recording)
    if (meaning === undefined) continue
    assert.deepEqual(JSON.parse(JSON.stringify(meaning)), meaning, recording.name)
  }
})

test('a request that is refused has no meaning, and every other one has', { skip }, () => {
  for (const recording of recordings)
    assert.equal(meaningOf(recording) !== undefined, isReadable(recording), recording.name)
})

test('any two of one dialect are explained, unless they mean the same', { skip }, () => {
  const readable = recordings.filter(isReadable)
  for (const [index, recording] of readable.entries()) {
    const other = readable[index + 1]
    if (other?.dialect !== recording.dialect) continue
    const [a, b] = [meaningOf(recording), meaningOf(other)]
    const lines = conversation.explain(a, b)
    assert.equal(lines.length === 0, written(a) === written(b), `${recording.name} ${other.name}`)
    for (const line of lines) {
      assert.ok(line.length < 400 && line.isWellFormed(), line)
      assert.doesNotMatch(line, /\p{Cc}/u)
    }
  }
})
