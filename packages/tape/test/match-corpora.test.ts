/** Keys over real cassettes: two requests share one exactly when somebody else says that they are the same. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { corporaFiles } from '../../../test/corpora.ts'
import type { Body, RecordedRequest } from '../src/index.ts'
import { readGoVcr } from '../src/go-vcr/read.ts'
import { digest, strictMatcher } from '../src/match.ts'

const { files, skip } = corporaFiles('go-vcr', 'yaml')
const seeds = ['baseten', 'retry'].map((name) =>
  join(import.meta.dirname, `../../../examples/calculator/${name}.yaml`),
)

function requestsIn(file: string): readonly RecordedRequest[] {
  return readGoVcr(readFileSync(file, 'utf8'), file).interactions.map(({ request }) => request)
}

test('any two requests have one key exactly when they are the same', { skip }, () => {
  const requests = [...seeds, ...files].flatMap(requestsIn)
  const whats = new Map<string, string>()
  const keys = new Map<string, string>()
  for (const request of requests) {
    const key = digest(strictMatcher.key(request))
    const what = describe(request)
    assert.equal(whats.get(key) ?? what, what)
    assert.equal(keys.get(what) ?? key, key, what)
    whats.set(key, what)
    keys.set(what, key)
  }
  // Both happen, many times.
  assert.ok(keys.size > 900 && requests.length - keys.size > 100, `${keys.size} of ${requests.length}`)
})

/** All of a request that counts, by somebody else's way of writing it down. */
function describe({ method, url, body }: RecordedRequest): string {
  const whole = { depth: Infinity, maxArrayLength: null, maxStringLength: null, sorted: true }
  return inspect([method, withoutKey(url), valueOf(body)], whole)
}

function withoutKey(url: string): string {
  return url.replace(/([?&]key)=[^&]*/, '$1')
}

/** JSON by its value, forms by their pairs, anything else as it is. */
function valueOf(body: Body): unknown {
  if (typeof body !== 'string') return [...body]
  try {
    return { json: JSON.parse(body) as unknown }
  } catch {
    if (!/^[^\s{]+=\S*$/.test(body)) return body.replaceAll(boundaryIn(body), 'boundary')
    const pairs = new URLSearchParams(body)
    pairs.sort()
    return { form: [...pairs] }
  }
}

function boundaryIn(body: string): string {
  return /^--(\S+)\r\n/.exec(body)?.[1] ?? '\0'
}

test('a key does not care how JSON is written', { skip }, () => {
  let count = 0
  for (const file of [...seeds, ...files]) {
    for (const request of requestsIn(file)) {
      const { body } = request
      if (typeof body !== 'string' || !body.startsWith('{')) continue
      const turned = JSON.stringify(turn(JSON.parse(body)), null, 1 + (count % 3))
      assert.equal(strictMatcher.key({ ...request, body: turned }), strictMatcher.key(request), file)
      count += 1
    }
  }
  assert.ok(count > 1000, `${count}`)
})

function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, child]) => [key, turn(child)]),
  )
}

test('the keys of a tape stay: one that changes needs a new name of its matcher', () => {
  const keys = seeds.flatMap((file) => requestsIn(file).map((request) => digest(strictMatcher.key(request))))
  assert.equal(strictMatcher.name, 'strict')
  assert.deepEqual(keys, [
    '2xM49cFIuNuEoKm-U-UvWE',
    'jlhqm7Y5lQadIRUxUyG93J',
    'H1cPQFZs6weRgjpFyjylKp',
    'n4Jh7ZN8g0duZzJ07Exaxg',
    'n4Jh7ZN8g0duZzJ07Exaxg',
  ])
})
