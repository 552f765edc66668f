/** A request that is read, written again by the same dialect, and read again is the same request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custom, dialects, type ModelRequest, type Provider, providerOf, WireError } from '../../src/index.ts'
import type { Unread } from '../../src/json.ts'
import { type Recording, recordings, skip } from '../recordings.ts'
import { every, law } from './law.ts'
import { normalisations } from './normalisations.ts'

law('a request survives being written and read again', every, (recording) => {
  const request = read(recording)
  if (request === undefined) return
  assert.deepEqual(readAgain(recording, request), request)
})

law('a request survives JSON', every, (recording) => {
  const request = read(recording)
  if (request === undefined) return
  assert.deepEqual(JSON.parse(JSON.stringify(request)), request)
  assert.equal(
    rewritten(recording, JSON.parse(JSON.stringify(request)) as ModelRequest),
    rewritten(recording, request),
  )
})

law('a request that is written again is the recorded one, but for what is listed', every, (recording) => {
  const request = read(recording)
  if (request === undefined) return
  const body = JSON.parse(rewritten(recording, request)) as Unread
  assert.deepEqual(
    normalised(recording.dialect.name, body),
    normalised(recording.dialect.name, recording.request as Unread),
  )
})

for (const { name, client, server } of dialects) {
  for (const [index, one] of (normalisations[name] ?? []).entries()) {
    const { example } = one
    if (example !== undefined) {
      test(`${name}: "${one.name}" makes the same of an example`, () => {
        const request = server.decodeRequest(structuredClone(example), '')
        const body = JSON.parse(client.encodeRequest(request, custom)) as Unread
        assert.deepEqual(normalised(name, body), normalised(name, example))
        assert.notDeepEqual(normalised(name, body, index), normalised(name, example, index))
      })
      continue
    }
    test(`${name}: "${one.name}" is still needed`, { skip }, () => {
      const isNeeded = recordings.some((recording) => {
        const request = recording.dialect.name === name ? read(recording) : undefined
        if (request === undefined) return false
        const body = JSON.parse(rewritten(recording, request)) as Unread
        const sent = recording.request as Unread
        return !same(
          normalised(recording.dialect.name, body, index),
          normalised(recording.dialect.name, sent, index),
        )
      })
      assert.ok(isNeeded)
    })
  }
}

/** Undefined for what is refused: `typed.test.ts` looks at that. */
function read({ dialect, request, response }: Recording): ModelRequest | undefined {
  try {
    return dialect.server.decodeRequest(structuredClone(request), response.url)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function rewritten({ dialect, response }: Recording, request: ModelRequest): string {
  return dialect.client.encodeRequest(request, providerFor(response.url))
}

function readAgain(recording: Recording, request: ModelRequest): ModelRequest {
  const { dialect, response } = recording
  const provider = providerFor(response.url)
  const url = `${provider.baseUrl}${dialect.client.path(request, provider)}`
  return dialect.server.decodeRequest(JSON.parse(rewritten(recording, request)), url)
}

/** The provider without what it adds to every body on its own. */
function providerFor(url: string): Provider {
  const provider = providerOf(url)
  return { ...provider, quirks: { ...provider.quirks, body: {} } }
}

/** A body in the one way that is chosen; without one of the normalisations to see whether it is needed. */
function normalised(dialect: string, body: Unread, without?: number): Unread {
  const all = normalisations[dialect] ?? []
  return all.reduce(
    (sofar, one, index) => (index === without ? sofar : one.apply(sofar)),
    structuredClone(body),
  )
}

function same(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b)
    return true
  } catch {
    return false
  }
}
