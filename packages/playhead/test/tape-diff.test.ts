/** `playhead tape diff`: what differs, in the words of a conversation. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runsAsText, wordDiff } from '../src/tape/word-diff.ts'
import { basetenTape, jsonLines, newFolder, playhead, retryTape, root, type Scope } from './command.ts'
import { answer, chat, type Exchange, writeTape } from './tapes.ts'

function called(id: string, input: string): Exchange {
  const calls = [{ id, type: 'function', function: { name: 'add', arguments: input } }]
  const message = { role: 'assistant', content: null, tool_calls: calls }
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }]
  return { body: chat('Add'), chunks: [JSON.stringify({ id: 'g', model: 'gpt-5-mini', choices })] }
}

function resulted(id: string, result: string): Exchange {
  const calls = [{ id, type: 'function', function: { name: 'add', arguments: '{"a":2}' } }]
  const more = [
    { role: 'assistant', content: null, tool_calls: calls },
    { role: 'tool', tool_call_id: id, content: result },
  ]
  return { body: chat('Add', ...more), chunks: [answer('Done')] }
}

async function diff(
  t: Scope,
  before: readonly Exchange[],
  after: readonly Exchange[],
  ...flags: readonly string[]
): Promise<Awaited<ReturnType<typeof playhead>>> {
  const folder = newFolder(t)
  const [a, b] = [
    writeTape(join(folder, 'a.tape.jsonl'), before),
    writeTape(join(folder, 'b.tape.jsonl'), after),
  ]
  const ended = await playhead(['tape', 'diff', a, b, ...flags])
  return { ...ended, stdout: ended.stdout.replaceAll(folder, '') }
}

const table: readonly [
  name: string,
  before: readonly Exchange[],
  after: readonly Exchange[],
  lines: readonly string[],
][] = [
  [
    'times and chunks are no difference',
    [{}],
    [{ chunks: [answer('answer 0').slice(0, 9), answer('answer 0').slice(9)] }],
    [],
  ],
  [
    'nor are the ids of tool calls, nor how an input is written',
    [called('call_1', '{"a":2}'), resulted('call_1', '5')],
    [called('call_x', '{ "a": 2 }'), resulted('call_x', '5')],
    [],
  ],
  [
    'a text',
    [{ chunks: [answer('The sum is 5.')] }],
    [{ chunks: [answer('The sum is 6.')] }],
    ['#0', '  text The sum is [-5-]{+6+}.'],
  ],
  [
    'a result of a tool',
    [called('c', '{"a":2}'), resulted('c', '5')],
    [called('c', '{"a":2}'), resulted('c', '6')],
    ['#1', '  asked message 3 (tool), result of `add`: 5 → 6'],
  ],
  [
    'an input of a tool call',
    [called('c', '{"a":2}')],
    [called('c', '{"a":3}')],
    ['#0', '  - call add {"a":2}', '  + call add {"a":3}'],
  ],
  [
    'a retry',
    [{ body: chat('a'), chunks: [answer('b')] }],
    [
      { body: chat('a'), status: 429, chunks: ['{"error":{"message":"slow"}}'] },
      { body: chat('a'), chunks: [answer('b')] },
    ],
    ['#0 is new', '  + rate-limited'],
  ],
  [
    'a step that is missing',
    [{ body: chat('a') }, { body: chat('b') }, { body: chat('c') }],
    [{ body: chat('a') }, { body: chat('c'), chunks: [answer('answer 2')] }],
    ['#1 is missing', '  - answer 1 (stop, 10 in, 5 out)'],
  ],
  [
    'money, exactly',
    [{ chunks: [answer('x', { cost: 0.1 })] }],
    [{ chunks: [answer('x', { cost: 0.3 })] }],
    ['#0', '  cost $0.1 → $0.3'],
  ],
  [
    'what no model says',
    [{ url: 'https://example.com/', body: 'a=1', chunks: ['one'] }],
    [{ url: 'https://example.com/', body: 'a=2', chunks: ['two'] }],
    ['#0', '  asked a[0]: "1" → "2"', '  body 3 characters → 3 characters'],
  ],
]

describe('two tapes', { concurrency: 2 }, () => {
  for (const [name, before, after, lines] of table) {
    test(name, async (t) => {
      const { code, stdout, stderr } = await diff(t, before, after)
      assert.deepEqual([code, stderr], [lines.length === 0 ? 0 : 1, ''], stdout)
      const shown = stdout.split('\n').slice(2)
      const end = shown.findIndex((line) => line.startsWith('before'))
      assert.deepEqual(
        shown.slice(0, end).filter((line) => !line.endsWith(' the same')),
        lines,
      )
    })
  }

  test('a cassette is what it is in any format', async (t) => {
    const tape = join(newFolder(t), 'a.tape.jsonl')
    await playhead(['tape', 'convert', retryTape, tape])
    const { code } = await playhead(['tape', 'diff', '-', tape], {
      input: readFileSync(join(root, retryTape), 'utf8'),
    })
    assert.equal(code, 0)
  })

  test('as JSON: each step that differs, then the totals, money exact', async () => {
    const { code, stdout } = await playhead(['tape', 'diff', basetenTape, retryTape, '--json'])
    const lines = jsonLines(stdout)
    assert.equal(code, 1)
    assert.deepEqual(
      lines.map(({ type, before, after }) => [type, ...(type === 'totals' ? [] : [before, after])]),
      [['changed', 0, 0], ['new', null, 1], ['changed', 1, 2], ['totals']],
    )
    assert.deepEqual([lines[3]?.['isEqual'], lines[3]?.['costDelta']], [false, '-0.00025324'])
    assert.equal(
      (await playhead(['tape', 'diff', basetenTape, retryTape, '--format', 'json'])).stdout,
      stdout,
    )
  })

  test('as Markdown: totals, and details that cannot break out of their block', async (t) => {
    const hostile = '```\n</details>\n<img src=x onerror=alert(1)>\n# Title'
    const { code, stdout } = await diff(
      t,
      [{ chunks: [answer('fine')] }],
      [{ chunks: [answer(hostile)] }],
      '--format',
      'markdown',
    )
    assert.equal(code, 1)
    assert.match(stdout, /^### 1 step of 1 differ/)
    assert.match(stdout, /\n\| Input tokens \| 10 \| 10 \| 0 \|\n/)
    assert.match(
      stdout,
      /\n````diff\n- text: fine\n\+ text: ``` ⏎ <\/details> ⏎ <img src=x onerror=alert\(1\)> ⏎ # Title\n````\n/,
    )
  })

  test('what cannot be compared', async () => {
    for (const [args, code] of [
      [['nowhere.yaml', retryTape], 2],
      [['package.json', retryTape], 1],
      [[retryTape, 'README.md'], 1],
      [['examples', retryTape], 2],
      [['-', '-'], 2],
      [[retryTape], 2],
    ] as const) {
      const ended = await playhead(['tape', 'diff', ...args])
      assert.deepEqual([ended.code, ended.stdout], [code, ''], ended.stderr)
    }
  })
})

const texts: readonly [before: string, after: string, shown: string][] = [
  ['', 'new', '{+new+}'],
  ['a b c', 'a x c', 'a [-b-]{+x+} c'],
  ['same', 'same', 'same'],
  ['one two three', 'one three', 'one [-two -]three'],
  [`${'word '.repeat(99)}old`, `${'word '.repeat(99)}new`, '…word word word word [-old-]{+new+}'],
]

describe('words', () => {
  for (const [before, after, shown] of texts) {
    test(shown, () => assert.equal(runsAsText(wordDiff(before, after)), shown))
  }

  test('a change between long texts is found fast', () => {
    const long = Array.from({ length: 200_000 }, (_, index) => `w${index}`).join(' ')
    const shown = runsAsText(wordDiff(`${long} a ${long}`, `${long} b ${long}`))
    assert.match(shown, /\[-a-\]\{\+b\+\}/)
    assert.ok(runsAsText(wordDiff(long, long.toUpperCase())).length < 2000)
  })
})
