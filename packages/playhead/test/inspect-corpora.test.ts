/** `playhead tape inspect` says of the corpora what an independent decoder read from them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { before, describe, test } from 'node:test'
import { dialects } from '@playhead/wire'
import { corporaFiles } from '../../../test/corpora.ts'
import { type Ended, jsonLines, playhead } from './command.ts'

const { files, skip } = corporaFiles('go-vcr', 'yaml')
const expectedFile = corporaFiles('.', 'jsonl').files.find((file) => file.endsWith('/expected.jsonl')) ?? ''
const corpora = expectedFile.slice(0, -'expected.jsonl'.length)

/** A line of `expected.jsonl`. */
interface Expected {
  readonly file: string
  readonly id: number
  readonly status: number
  readonly dialect: string
  readonly stream: boolean
  /** The status is 4xx or 5xx; then the rest is absent. */
  readonly error?: true
  readonly text?: string
  readonly hasReasoning?: boolean
  readonly toolCalls?: readonly object[]
  readonly finishReason?: string
  readonly inputTokens?: number | null
  readonly outputTokens?: number | null
  /** The decimal as it stands in the file. */
  readonly cost: string | null
  readonly responseModel?: string
}

/** A line that the command prints. */
interface Shown {
  readonly file: string
  readonly id: number
  readonly status: number
  readonly dialect: string | null
  readonly stream: boolean
  readonly model: string
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly object[]
  readonly finishReason: string | null
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null
  readonly cost: string | null
  readonly error: object | null
}

const read = (): Expected[] =>
  readFileSync(expectedFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const cost = /"cost": ([-+.\deE]+)/.exec(line)?.[1] ?? null
      return { ...(JSON.parse(line) as Expected), cost }
    })
    .filter(({ dialect }) => dialects.some(({ name }) => name === dialect))

describe('the corpora', { skip }, () => {
  let json: Ended = { code: null, stdout: '', stderr: '' }
  let text: Ended = json
  let pairs: readonly (readonly [shown: Shown, expected: Expected])[] = []

  before(async () => {
    ;[json, text] = await Promise.all([
      playhead(['tape', 'inspect', '--json', ...files]),
      playhead(['tape', 'inspect', ...files]),
    ])
    const shown = new Map(
      (jsonLines(json.stdout) as readonly unknown[] as readonly Shown[]).map((line) => [
        `${relative(corpora, line.file)}#${line.id}`,
        line,
      ]),
    )
    pairs = read().map(
      (line) => [shown.get(`${line.file}#${line.id}`) ?? assert.fail(line.file), line] as const,
    )
  })

  test('all files are read, without a word', () => {
    assert.ok(files.length > 0)
    for (const { code, stderr } of [json, text]) assert.deepEqual([code, stderr], [0, ''])
    // oxlint-disable-next-line no-control-regex -- they must not be there
    assert.doesNotMatch(text.stdout, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|^ {4}at /m)
  })

  test('all are there', () => {
    assert.equal(pairs.length, 1209)
    assert.equal(pairs.filter(([, { error }]) => error === true).length, 44)
  })

  for (const [name, ours, theirs] of [
    ['the dialect', ({ dialect }) => dialect, ({ dialect }) => dialect],
    ['the status', ({ status }) => status, ({ status }) => status],
    ['whether it was a stream', ({ stream }) => stream, ({ stream }) => stream],
    ['whether it was an error', ({ error }) => error !== null, ({ error = false }) => error],
    ['the text', ({ text }) => text, ({ text = '' }) => text],
    ['the tool calls', ({ toolCalls }) => toolCalls, ({ toolCalls = [] }) => toolCalls],
    ['the input tokens', ({ usage }) => usage?.inputTokens ?? null, ({ inputTokens = null }) => inputTokens],
    [
      'the output tokens',
      ({ usage }) => usage?.outputTokens ?? null,
      ({ outputTokens = null }) => outputTokens,
    ],
    ['the cost', ({ cost }) => digits(cost), ({ cost }) => digits(cost)],
    [
      'the model',
      ({ model, error }) => (error === null ? model : undefined),
      ({ responseModel }) => responseModel,
    ],
  ] as readonly [string, (line: Shown) => unknown, (line: Expected) => unknown][]) {
    test(`agrees on ${name}`, () => {
      for (const [shown, expected] of pairs) {
        assert.deepEqual(ours(shown), theirs(expected), `${expected.file}#${expected.id}`)
      }
    })
  }

  test('agrees on the finish reason, where either of two may be right', () => {
    for (const [{ finishReason }, { finishReason: right, file, id }] of pairs) {
      assert.ok(
        right === undefined ? finishReason === null : right.split('|').includes(String(finishReason)),
        `${file}#${id}`,
      )
    }
  })

  test('shows reasoning only where there was some; it may have been encrypted', () => {
    const shown = pairs.filter(([{ reasoning }]) => reasoning !== '')
    assert.ok(shown.length > 0)
    for (const [, { hasReasoning, file, id }] of shown) assert.equal(hasReasoning, true, `${file}#${id}`)
  })

  test('every cost is an exact decimal', () => {
    const costs = pairs.flatMap(([{ cost }]) => (cost === null ? [] : [cost]))
    assert.ok(costs.length > 0)
    for (const cost of costs) assert.match(cost, /^(0|[1-9]\d*)(\.\d*[1-9])?$/)
  })
})

/** An amount times 10^40, so that amounts compare exactly. */
function digits(amount: string | null): string | null {
  if (amount === null) return null
  const [number = '', exponent = '0'] = amount.toLowerCase().split('e')
  const [whole = '', fraction = ''] = number.split('.')
  return String(BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length + Number(exponent)))
}
