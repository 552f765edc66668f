/** `playhead tape check`: what is found, what is none, and that no secret is said. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { basetenTape, jsonLines, newFolder, playhead } from './command.ts'
import { answer, chat, type Exchange, writeTape } from './tapes.ts'

const key = `sk-proj-${'Ab3dE6gH'.repeat(6)}`
const stream = 'text/event-stream'
const streamed = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
const delta = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Well' } }] })}\n\n`

const table: readonly [name: string, exchanges: readonly Exchange[], line: string | null][] = [
  ['an answer', [{}], null],
  ['a provider’s error', [{ status: 429, chunks: ['{"error":{"message":"slow down"}}'] }], null],
  [
    'a connection that broke',
    [{ chunks: null, ending: { type: 'error', code: 'ECONNRESET', message: 'x' } }],
    null,
  ],
  [
    'a caller that left',
    [{ body: streamed, type: stream, chunks: [delta], ending: { type: 'abort', reason: 'AbortError' } }],
    null,
  ],
  ['what no model says', [{ url: 'https://example.com/', body: 'a=b', chunks: ['hello'] }], null],
  ['a crash', [{ ending: null }], '#0: whoever recorded it was gone before its end'],
  [
    'a stream without an end',
    [{ body: streamed, type: stream, chunks: [delta] }],
    '#0: the stream has no end (response body)',
  ],
  [
    'no answer',
    [{ chunks: ['{}'] }],
    '#0: the answer is malformed: The answer has no choices (response body)',
  ],
  [
    'no question',
    [{ body: JSON.stringify({ model: 'm', messages: [{ role: 'nobody', content: 'x' }] }) }],
    '#0: the request is not understood: ',
  ],
  ['a key in a header', [{ headers: [['x-note', key]] }], '(request header x-note)'],
  ['a key in a question', [{ body: chat(`My key is ${key}`) }], '#0: what looks like a key stands here: '],
  ['a key in an answer', [{ chunks: [answer(`It is ${key}`)] }], '(response body)'],
  [
    'a key in two chunks',
    [
      {
        body: streamed,
        type: stream,
        chunks: [`data: {"x":"${key.slice(0, 20)}`, `${key.slice(20)}"}\n\ndata: [DONE]\n\n`],
      },
    ],
    '(response body)',
  ],
  [
    'the same twice',
    [
      { body: chat('a'), chunks: [answer('b')] },
      { body: chat('a'), chunks: [answer('b')] },
    ],
    '#1: asks and gets the same as #0',
  ],
  [
    'another answer to the same question',
    [
      { body: chat('a'), chunks: [answer('b')] },
      { body: chat('a'), chunks: [answer('c')] },
    ],
    null,
  ],
]

describe('each interaction', { concurrency: 2 }, () => {
  for (const [name, exchanges, line] of table) {
    test(name, async (t) => {
      const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), exchanges)
      const { code, stdout, stderr } = await playhead(['tape', 'check', file])
      assert.equal(stderr, '')
      assert.equal(code, line === null ? 0 : 1, stdout)
      assert.ok(!stdout.includes(key))
      const [first = '', ...rest] = stdout.trimEnd().split('\n')
      if (line === null) assert.match(first, /^1 cassette, \d interactions?: nothing found$/)
      else {
        assert.ok(first.startsWith(`${file} #`) && first.includes(line), first)
        assert.match(rest.at(-1) ?? '', /: \d findings?$/)
      }
    })
  }
})

describe('files', { concurrency: 2 }, () => {
  test('a folder, as JSON: one object a line, what cannot be read is a finding, data of others is not', async (t) => {
    const folder = newFolder(t)
    const whole = readFileSync(writeTape(join(folder, 'b/torn.tape.jsonl'), [{}, {}]), 'utf8')
    writeFileSync(join(folder, 'b/torn.tape.jsonl'), whole.slice(0, -9))
    writeTape(join(folder, 'child.tape.jsonl'), [{}], { parent: { file: 'gone.tape.jsonl', at: 1 } })
    writeFileSync(join(folder, 'broken.yaml'), '---\nversion: 2\ninteractions:\n- request: {url: a}\n')
    writeFileSync(join(folder, 'package.json'), '{"name":"x"}')
    writeFileSync(join(folder, 'events.jsonl'), '{"a":1}\n{"a":2}\n')
    writeFileSync(join(folder, 'child.faults.json'), '[]')
    const { code, stdout, stderr } = await playhead(['tape', 'check', '--json', folder])
    assert.deepEqual([code, stderr], [1, ''])
    const found = jsonLines(stdout).map(({ file, id, code }) => [
      String(file).slice(folder.length + 1),
      id,
      code,
    ])
    assert.deepEqual(found, [
      ['b/torn.tape.jsonl', null, 'warning'],
      ['b/torn.tape.jsonl', 1, 'unfinished'],
      ['broken.yaml', null, 'unreadable'],
      ['child.tape.jsonl', null, 'parent'],
    ])
  })

  test('what is allowed is no finding, and a name makes one', async (t) => {
    const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [
      { headers: [['x-house', 'hunter2hunter2']], body: chat(`My key is ${key}`) },
    ])
    const [found] = jsonLines((await playhead(['tape', 'check', '--json', file])).stdout)
    const kind = /: ([\w-]+)$/.exec(String(found?.['message']))?.[1] ?? ''
    assert.equal((await playhead(['tape', 'check', file, '--allow', kind])).code, 0)
    const named = await playhead(['tape', 'check', file, '--allow', kind, '--name', 'x-house'])
    assert.match(named.stdout, /#0: a credential stands here \(request header x-house\)\n/)
    assert.ok(!named.stdout.includes('hunter2'))
  })

  test('standard input, and a file that is not there', async () => {
    const input = readFileSync(basetenTape)
    assert.equal((await playhead(['tape', 'check', '-'], { input: String(input) })).code, 0)
    const twice = await playhead(['tape', 'check', '-', '-'], { input: String(input) })
    assert.deepEqual([twice.code, twice.stdout], [2, ''])
    assert.match(twice.stderr, /standard input is one cassette/)
    const absent = await playhead(['tape', 'check', 'nowhere.yaml'])
    assert.deepEqual([absent.code, absent.stderr], [2, ''])
    assert.match(absent.stdout, /^nowhere\.yaml: there is no such file\n/)
  })

  test('a child on standard input is not missed its parent, and what is found in it is said of -', async (t) => {
    const parent = { file: 'gone.tape.jsonl', at: 1 }
    const child = readFileSync(writeTape(join(newFolder(t), 'a.tape.jsonl'), [{}], { parent }), 'utf8')
    assert.equal((await playhead(['tape', 'check', '-'], { input: child })).code, 0)
    const input = child.replace('"headers":[', '"headers":[8,')
    const { stdout } = await playhead(['tape', 'check', '-'], { input })
    assert.match(stdout, /^- #0: [^\n]* \(line 2\)\n/)
  })

  test('a file is named once, and its line in its own place', async (t) => {
    const file = join(newFolder(t), 'a.yaml')
    writeFileSync(file, 'interactions:\n- [\n')
    const { stdout } = await playhead(['tape', 'check', file])
    assert.match(stdout.replaceAll(file, 'F'), /^F: this is not valid YAML [^F]* \(line \d\)\n/)
    const [json] = jsonLines((await playhead(['tape', 'check', '--json', file])).stdout)
    assert.match(String(json?.['where']), /^line \d$/)
    assert.match(String(json?.['message']), /^this is not valid YAML/)
  })

  test('an empty folder', async (t) => {
    const folder = newFolder(t)
    const { code, stdout } = await playhead(['tape', 'check', folder])
    assert.equal(code, 2)
    assert.ok(stdout.startsWith(`${folder}: there is no cassette in this folder`), stdout)
  })
})
