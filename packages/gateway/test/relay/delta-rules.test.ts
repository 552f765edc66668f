/** What is taken for a delta without being parsed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FormRule, StartRule } from '../../src/relay/delta-rules.ts'

const frame = (words: string, rest = '"finish_reason":null'): string =>
  `data: {"delta":{"content":${words}},${rest}}\n\n`

const thought = (words: string): string => `data: {"reasoning":${words}}\n\n`
const twice = (words: string): string => `data: {"reasoning":${words},"details":[{"text":${words}}]}\n\n`

function learned(known: string, text: string, type: 'text' | 'reasoning' = 'text'): FormRule {
  const rule = new FormRule()
  rule.learn(known, { type, text })
  return rule
}

/** Each row: a frame that was read, its words, another frame, and whether it is one like it. */
const table: readonly [name: string, known: string, words: string, other: string, is: boolean][] = [
  ['other words', frame('"a"'), 'a', frame('" and more"'), true],
  ['words with quotes and backslashes', frame('"a"'), 'a', frame(String.raw`"\"b\\\\"`), true],
  ['learned from words with quotes', frame(String.raw`"\"b"`), '"b', frame('"a"'), true],
  ['learned from words of two bytes', frame('"\u00c3\u00a9"'), '\u00e9', frame('"a"'), true],
  ['no words', frame('"a"'), 'a', frame('""'), true],
  ['words that are no string', frame('"a"'), 'a', frame('null'), false],
  ['something more', frame('"a"'), 'a', frame('"a","role":"x"'), false],
  ['an end', frame('"a"'), 'a', frame('"a"', '"finish_reason":"stop"'), false],
  ['half a frame', frame('"a"'), 'a', frame('"a"').slice(0, -1), false],
  ['a line end within the words', frame('"a"'), 'a', frame('"\n\n"'), false],
  ['padding', frame('"a"', '"obfuscation":"xx"'), 'a', frame('"b"', '"obfuscation":"yyyy"'), true],
  [
    'words that another field has, too',
    frame('"stop"', '"finish_reason":"stop"'),
    'stop',
    frame('"stop"', '"finish_reason":"length"'),
    false,
  ],
]
for (const [name, known, words, other, is] of table) {
  test(`${is ? 'a delta' : 'not surely a delta'}: ${name}`, () => {
    const before = ': x\n\n'
    const end = learned(known, words).endOfDelta(before + other + known, before.length)
    assert.equal(end, is ? before.length + other.length : -1)
  })
}

test('a thought may be said twice', () => {
  const rule = learned(twice('"a"'), 'a', 'reasoning')
  assert.equal(rule.endOfDelta(twice('"bc"'), 0), twice('"bc"').length)
})

test('two forms are known, whichever came last', () => {
  const rule = learned(frame('"a"'), 'a')
  rule.learn(thought('"b"'), { type: 'reasoning', text: 'b' })
  for (const one of [frame('"x"'), thought('"y"'), frame('"z"')])
    assert.equal(rule.endOfDelta(one, 0), one.length)
})

test('a stream that repeats no form is left alone', () => {
  const rule = new FormRule()
  for (let index = 0; index < 20; index += 1)
    rule.learn(frame('"a"', `"number":${index}`), { type: 'text', text: 'a' })
  assert.equal(rule.endOfDelta(frame('"a"', '"number":19'), 0), -1)
})

test('a type in the first bytes is enough, where it is one that is known', () => {
  const rule = new StartRule(['event: a.delta\n', 'event: b.delta\n'])
  const text = 'event: b.delta\ndata: 1\n\nevent: a.delta\ndata: 2\n\nevent: a.done\ndata: 3\n\n'
  const first = rule.endOfDelta(text, 0)
  assert.equal(first, text.indexOf('event: a.delta'))
  const then = rule.endOfDelta(text, first)
  assert.equal(then, text.indexOf('event: a.done'))
  assert.equal(rule.endOfDelta(text, then), -1)
  assert.equal(rule.endOfDelta('event: a.delta\ndata: 2\n', 0), -1)
})
