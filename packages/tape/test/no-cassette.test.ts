/** Files that are nobody's cassettes are told so, and not that they are broken ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TapeError } from '../src/error.ts'
import { isNoCassette } from '../src/formats/no-cassette.ts'
import { readCassette } from '../src/formats/read.ts'

/** What a shell's `*` names besides cassettes. Words of a parser would say that they are broken. */
const nobodys: readonly [sentence: string, content: string | Uint8Array][] = [
  ['any text', 'hello'],
  ['any JSON', '{"name": "x"}'],
  ['a list', '[1, 2, 3]'],
  ['null', 'null'],
  ['a README', '# Title\n\nThe request: [this\n\n```yaml\nversion: 2\ninteractions: []\n```\n'],
  ['a README that begins with a badge', '[![ci](a)](b)\n\n- `{"request": 1}`\n'],
  ['a program', 'export const request = {\n  a: `x`,\n}\n'],
  ['settings with a remark', '{ // a remark\n  "strict": true\n}\n'],
  ['lines of JSON', '{"a": 1}\n{"b": 2}\n'],
  ['YAML with tags of its own', 'Resources:\n  A: !Ref b\n'],
  ['several documents of others', 'a: 1\n---\nb: 2\n'],
  ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1')],
  ['a document', '%PDF-1.4\n%\n'],
]

for (const [sentence, content] of nobodys) {
  test(`${sentence}: no cassette, and it is said what is one`, () => {
    assert.throws(
      () => readCassette(content, 'a'),
      (error) => {
        assert.ok(error instanceof TapeError && isNoCassette(error))
        assert.match(error.message, /^a: it is .*no cassette.*go-vcr.*docs\/recording\.md/)
        return !/YAML|JSON|:\d+:/.test(error.message)
      },
    )
  })
}

test('a cassette in another encoding is one, which cannot be read', () => {
  assert.throws(
    () => readCassette(Buffer.from('---\nversion: 2\ninteractions: [] # é\n', 'latin1'), 'a'),
    (error) =>
      error instanceof TapeError &&
      !isNoCassette(error) &&
      error.message === 'a: it is not UTF-8 text, as every cassette is; save it as such.',
  )
})

test('a text that only begins like a cassette is seen through in bounded time', () => {
  for (const text of [`${' \n'.repeat(1_000_000)}[`, `{${' "'.repeat(1_000_000)}`]) {
    assert.throws(() => readCassette(text, 'a'), TapeError)
  }
})
