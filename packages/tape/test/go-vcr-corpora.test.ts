/** The laws of the go-vcr format, over real cassettes. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { binaryTag, CORE_SCHEMA, load } from 'js-yaml'
import { corporaFiles } from '../../../test/corpora.ts'
import { readAnyYaml } from '../src/go-vcr/read-any-yaml.ts'
import { readYaml } from '../src/go-vcr/read-yaml.ts'
import { readGoVcr } from '../src/go-vcr/read.ts'
import { writeGoVcr } from '../src/go-vcr/write.ts'
import { answered } from './cassettes.ts'

const { files, skip } = corporaFiles('go-vcr', 'yaml')
const seeds = ['baseten', 'retry'].map((name) =>
  join(import.meta.dirname, `../../../examples/calculator/${name}.yaml`),
)

/** The files for which `holds` does not hold. */
function failing(
  paths: readonly string[],
  holds: (text: string, file: string) => boolean,
): readonly string[] {
  return paths.filter((path) => !holds(readFileSync(path, 'utf8'), path))
}

function isRewrittenSame(text: string, file: string): boolean {
  return writeGoVcr(readGoVcr(text, file)) === text
}

test('the seeds, read and written again, are the same files', () => {
  assert.deepEqual(failing(seeds, isRewrittenSame), [])
})

test('every recorded cassette, read and written again, is the same file', { skip }, () => {
  assert.ok(files.length > 0)
  assert.deepEqual(failing(files, isRewrittenSame), [])
})

test(
  'every recorded cassette is in the part of YAML that is read fast, with the same values',
  { skip },
  () => {
    for (const file of files) {
      const text = readFileSync(file, 'utf8')
      assert.deepEqual(readYaml(text), readAnyYaml(text, file), file)
    }
  },
)

interface IndependentMessage {
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly [field: string]: unknown
}

interface IndependentCassette {
  readonly interactions: readonly {
    readonly request: IndependentMessage
    readonly response: IndependentMessage
  }[]
}

function pairs(headers: IndependentMessage['headers']): readonly (readonly [string, string])[] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )
}

test('an independent parser finds the same interactions in every cassette', { skip }, () => {
  for (const file of [...seeds, ...files]) {
    const text = readFileSync(file, 'utf8')
    const expected = load(text, { schema: CORE_SCHEMA.withTags(binaryTag) }) as IndependentCassette
    const { interactions } = readGoVcr(text, file)
    assert.equal(interactions.length, expected.interactions.length, file)
    for (const [position, { request, response }] of interactions.map(answered).entries()) {
      const other = expected.interactions[position]
      assert.deepEqual([request.method, request.url], [other?.request['method'], other?.request['url']], file)
      assert.deepEqual(
        [request.body, response.body],
        [other?.request.body ?? '', other?.response.body ?? ''],
        file,
      )
      assert.deepEqual(
        [response.status, `${response.status} ${response.statusText}`],
        [other?.response['code'], other?.response['status']],
        file,
      )
      assert.deepEqual(request.headers, pairs(other?.request.headers), file)
      assert.deepEqual(response.headers, pairs(other?.response.headers), file)
    }
  }
})
