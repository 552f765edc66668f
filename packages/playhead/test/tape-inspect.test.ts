/** `playhead tape inspect` of whatever can be named: tapes, folders, standard input, what broke off; and its page. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { basetenTape, jsonLines, newFolder, playhead, retryTape, root, start } from './command.ts'
import { answer, chat, type Exchange, writeTape } from './tapes.ts'

const streamed = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
const delta = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Well' } }] })}\n\n`
const begun = { body: streamed, type: 'text/event-stream', chunks: [delta, delta] }

const endings: readonly [name: string, exchange: Exchange, shown: RegExp, json: object][] = [
  [
    'a caller that left',
    { ...begun, ending: { type: 'abort', reason: 'TimeoutError' } },
    /2 chunks in 20 ms\n[^]*WellWell[^]*\n✂ the caller left after 20 ms \(TimeoutError\)\n/,
    { chunks: 2, text: 'WellWell', ending: { type: 'abort', at: 20, reason: 'TimeoutError' } },
  ],
  [
    'a connection that broke',
    { ...begun, ending: { type: 'error', code: 'ECONNRESET', message: 'read\u001b[2J ECONNRESET' } },
    /\n✂ the connection broke after 20 ms: ECONNRESET: read\u{fffd}\[2J ECONNRESET\n/u,
    { text: 'WellWell' },
  ],
  [
    'no answer at all',
    { chunks: null, ending: { type: 'error', code: null, message: 'nobody is there' } },
    /\n✗ network: nobody is there/,
    { status: null, firstByte: null, chunks: null, duration: 20 },
  ],
  [
    'a crash',
    { ...begun, ending: null },
    /\n✂ whoever recorded it was gone after 7 ms\n/,
    { text: 'WellWell', ending: { type: 'unfinished', at: 7 } },
  ],
]

describe('what broke off', { concurrency: 2 }, () => {
  for (const [name, exchange, shown, json] of endings) {
    test(name, async (t) => {
      const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [exchange])
      const { code, stdout } = await playhead(['tape', 'inspect', file])
      assert.equal(code, 0)
      assert.match(stdout, shown)
      const [line] = jsonLines((await playhead(['tape', 'inspect', '--json', file])).stdout)
      assert.deepEqual({ ...line, ...json }, line)
    })
  }
})

describe('what can be named', { concurrency: 2 }, () => {
  test('a folder with folders, cassettes among other files', async (t) => {
    const folder = newFolder(t)
    writeTape(join(folder, 'b/c.tape.jsonl'), [{}])
    writeTape(join(folder, 'node_modules/x/c.tape.jsonl'), [{}])
    copyFileSync(join(root, retryTape), join(folder, 'a.yaml'))
    writeFileSync(join(folder, 'workflow.yml'), 'on: push\n')
    writeFileSync(join(folder, 'tsconfig.json'), '{ // a remark\n}')
    writeFileSync(join(folder, 'README.md'), '# Tapes\n')
    writeFileSync(join(folder, 'pod.yaml'), 'kind: Pod\nspec: {}\n')
    const { code, stdout, stderr } = await playhead(['tape', 'inspect', '--json', folder])
    assert.deepEqual([code, stderr], [0, ''])
    const names = jsonLines(stdout).map(({ file }) => String(file).slice(folder.length + 1))
    assert.deepEqual(names, ['a.yaml', 'a.yaml', 'a.yaml', 'b/c.tape.jsonl'])
  })

  test('standard input, of any format', async (t) => {
    const tape = readFileSync(writeTape(join(newFolder(t), 'a.tape.jsonl'), [{}]), 'utf8')
    for (const [input, count] of [
      [tape, 1],
      [readFileSync(join(root, retryTape), 'utf8'), 3],
    ] as const) {
      const { code, stdout } = await playhead(['tape', 'inspect', '--json', '-'], { input })
      assert.equal(code, 0)
      assert.deepEqual(
        jsonLines(stdout).map(({ file }) => file),
        Array(count).fill('-'),
      )
    }
    const broken = await playhead(['tape', 'inspect', '-'], { input: 'a: [' })
    assert.deepEqual([broken.code, broken.stdout], [1, ''])
    assert.match(broken.stderr, /^playhead: -:/)
  })

  test('a cassette without interactions', async (t) => {
    const file = join(newFolder(t), 'a.json')
    writeFileSync(file, '[]')
    const shown = await playhead(['tape', 'inspect', file])
    assert.deepEqual(shown, { code: 0, stdout: `${file}: no interactions\n`, stderr: '' })
    assert.equal((await playhead(['tape', 'inspect', '--json', file])).stdout, '')
  })

  test('what nobody answered, and no model was asked', async (t) => {
    const ending = { type: 'error', code: null, message: 'x' }
    const exchange = { url: 'https://example.com/', body: 'a=b', chunks: null, ending }
    const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [exchange])
    const { stdout } = await playhead(['tape', 'inspect', file])
    assert.match(stdout, /^[^\n]+ POST https:\/\/example\.com\/\n {2}no answer came\n✂/)
  })

  test('a line that cannot be read does not keep the others from it', async (t) => {
    const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [{}, { chunks: ['spoil me'] }, {}])
    writeFileSync(file, readFileSync(file, 'utf8').replace('"text":"spoil me"', '"text":"spoil me\\q"'))
    const { code, stdout, stderr } = await playhead(['tape', 'inspect', '--json', file])
    assert.equal(code, 1)
    assert.deepEqual(
      jsonLines(stdout).map(({ id }) => id),
      [0, 2],
    )
    assert.match(stderr, /^playhead: [^\n]*a\.tape\.jsonl:8: [^\n]+\n$/)
  })

  test('a tape that is larger than memory', async (t) => {
    const folder = newFolder(t)
    const chunks = [JSON.stringify({ choices: [{ message: { content: 'x'.repeat(40_000) } }] })]
    const file = writeTape(
      join(folder, 'a.tape.jsonl'),
      Array.from({ length: 2500 }, () => ({ chunks })),
    )
    const env = { NODE_OPTIONS: '--max-old-space-size=64' }
    const { code, stdout } = await playhead(['tape', 'check', file], { env })
    assert.deepEqual([code, stdout], [0, '1 cassette, 2500 interactions: nothing found\n'])
  })

  test('a reader that has seen enough', async (t) => {
    const file = writeTape(
      join(newFolder(t), 'a.tape.jsonl'),
      Array.from({ length: 5000 }, () => ({})),
    )
    const child = start(['tape', 'inspect', file])
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 0)
  })
})

describe('as a page', { concurrency: 2 }, () => {
  test('on standard output and in a file', async (t) => {
    const out = join(newFolder(t), 'page.html')
    const page = await playhead(['tape', 'inspect', '--html', retryTape, basetenTape])
    assert.deepEqual([page.code, page.stderr], [0, ''])
    assert.match(page.stdout, /^<!doctype html>[^]*gives 6[^]*<\/html>\n$/i)
    const written = await playhead(['tape', 'inspect', '--html', retryTape, basetenTape, '--out', out])
    assert.deepEqual(written, { code: 0, stdout: '', stderr: '' })
    assert.equal(readFileSync(out, 'utf8'), page.stdout)
    const again = await playhead(['tape', 'inspect', '--html', basetenTape, '--out', out])
    assert.equal(again.code, 2)
    assert.equal(readFileSync(out, 'utf8'), page.stdout)
    assert.equal(
      (await playhead(['tape', 'inspect', '--html', basetenTape, '--out', out, '--force'])).code,
      0,
    )
    assert.deepEqual(readdirSync(join(out, '..')), ['page.html'])
  })

  test('without what an old cassette should not have held', async (t) => {
    const key = `sk-proj-${'Ab3dE6gH'.repeat(6)}`
    const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [
      { url: `https://a/v1/chat/completions?key=${key}`, headers: [['authorization', `Bearer ${key}`]] },
      { body: chat(`My key is ${key}`), chunks: [answer(`It is ${key}`)] },
    ])
    const { code, stdout } = await playhead(['tape', 'inspect', '--html', file])
    assert.equal(code, 0)
    assert.match(stdout, /My key is REDACTED/)
    assert.doesNotMatch(stdout, /Ab3dE6gH/)
  })

  test('what goes with what', async () => {
    for (const flags of [
      ['--html', '--json'],
      ['--out', 'a.html'],
    ]) {
      const { code, stdout } = await playhead(['tape', 'inspect', retryTape, ...flags])
      assert.deepEqual([code, stdout], [2, ''])
    }
  })
})
