/** How texts, times, tokens and money are shown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable } from '../src/print.ts'
import { excerpt, money, seconds, tokens } from '../src/terminal.ts'

const usage = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, reasoningTokens: 0 }

const table: readonly [sentence: string, shown: string, expected: string][] = [
  ['line breaks of both kinds and tabs stay', printable('a\r\nb\n\tc'), 'a\nb\n\tc'],
  ['a way back in the line is no way', printable('a\rb'), 'ab'],
  [
    'controls are shown as what they are not',
    printable('\u0000\u001b[1m\u007f\u0085\u009b'),
    '\ufffd\ufffd[1m\ufffd\ufffd\ufffd',
  ],
  ['all else stays', printable('é 漢 😀 \u00a0 \u2028'), 'é 漢 😀 \u00a0 \u2028'],
  ['a text of several lines is one line', excerpt('a\n  b\r\n\nc', 20), 'a ⏎ b ⏎ c'],
  ['a long text is cut', excerpt('abcdef', 4), 'abc…'],
  ['a text that fits is whole', excerpt('abcd', 4), 'abcd'],
  ['no character is cut in two', excerpt('a😀bc', 3), 'a\ufffd…'],
  ['short times are milliseconds', seconds(12.4), '12 ms'],
  ['long times are seconds', seconds(972.861), '0.97 s'],
  ['tokens', tokens(usage), '10 in, 5 out'],
  [
    'tokens of both kinds',
    tokens({ ...usage, cachedInputTokens: 8, reasoningTokens: 3 }),
    '10 in (8 cached), 5 out (3 reasoning)',
  ],
  ['money', money('0.00013718'), '$0.00013718'],
  ['money that nobody named', money(null), 'cost unknown'],
]

for (const [sentence, shown, expected] of table) {
  test(sentence, () => assert.equal(shown, expected))
}
