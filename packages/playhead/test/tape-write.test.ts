/** What `playhead tape` writes: convert, scrub, cut and merge, and that no file is ever lost or left half. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Cassette, type Interaction, openCassette } from '@playhead/tape'
import { basetenTape, calculator, jsonLines, newFolder, playhead, retryTape, root } from './command.ts'
import { answer, chat, writeTape } from './tapes.ts'

const seed = readFileSync(join(root, retryTape), 'utf8')

async function interactionsOf(file: string): Promise<readonly Interaction[]> {
  using cassette = await openCassette(file)
  return Array.from(cassette ?? assert.fail(`${file} is not there`), (one) => structuredClone(plain(one)))
}

/** What is read when it is looked at, read. */
function plain({ id, request, response, ending, startedAt }: Interaction): Interaction {
  return { id, request, response: response && { ...response }, ending, startedAt }
}

async function aboutOf(file: string): Promise<Cassette['about']> {
  using cassette = await openCassette(file)
  return (cassette ?? assert.fail(`${file} is not there`)).about
}

describe('convert', { concurrency: 2 }, () => {
  test('to a tape and back is the same file, by names and by - on both sides', async (t) => {
    const folder = newFolder(t)
    const tape = join(folder, 'a.tape.jsonl')
    const there = await playhead(['tape', 'convert', retryTape, tape])
    assert.deepEqual(there, { code: 0, stdout: `${retryTape} → ${tape} (3 interactions)\n`, stderr: '' })
    const back = await playhead(['tape', 'convert', tape, join(folder, 'a.yaml'), '--json'])
    assert.equal(back.code, 0)
    assert.equal(jsonLines(back.stdout)[0]?.['toFormat'], 'go-vcr')
    assert.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), seed)
    const piped = await playhead(['tape', 'convert', '-', '-'], { input: seed })
    assert.equal(piped.stdout, readFileSync(tape, 'utf8'))
    const again = await playhead(['tape', 'convert', '-', '-', '--format', 'go-vcr'], { input: piped.stdout })
    assert.equal(again.stdout, seed)
  })

  test('a folder into a folder, as it is laid out', async (t) => {
    const folder = newFolder(t)
    mkdirSync(join(folder, 'in/sub'), { recursive: true })
    copyFileSync(join(root, retryTape), join(folder, 'in/sub/retry.yaml'))
    writeTape(join(folder, 'in/a.tape.jsonl'), [{}])
    writeFileSync(join(folder, 'in/note.json'), '{}')
    const { code, stderr } = await playhead([
      'tape',
      'convert',
      join(folder, 'in'),
      join(folder, 'out'),
      '--format',
      'har',
    ])
    assert.equal(code, 0, stderr)
    assert.deepEqual(readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).toSorted(), [
      'a.har',
      'sub',
      'sub/retry.har',
    ])
    assert.match(stderr, /sub\/retry\.yaml: HAR has no place for go-vcr's own fields/)
  })

  test('says what is lost', async (t) => {
    const folder = newFolder(t)
    const file = writeTape(join(folder, 'a.tape.jsonl'), [
      { chunks: null, ending: { type: 'error', code: null, message: 'x' } },
    ])
    const { code, stderr } = await playhead(['tape', 'convert', file, join(folder, 'a.yaml')])
    assert.deepEqual(
      [code, stderr],
      [
        0,
        `playhead: ${file}: go-vcr cannot hold a request without a response; it is left out (interaction 0)\n`,
      ],
    )
  })

  const refused: readonly [name: string, args: (folder: string) => readonly string[], message: RegExp][] = [
    [
      'a file that is there',
      (folder) => [retryTape, join(folder, 'there.yaml')],
      /there\.yaml: there is a file already; --force writes over it/,
    ],
    ['a name that says no format', (folder) => [retryTape, join(folder, 'a.txt')], /its name says no format/],
    [
      'a name that says another',
      (folder) => [retryTape, join(folder, 'a.har'), '--format', 'go-vcr'],
      /a\.har: its name says har, --format says go-vcr\n/,
    ],
    ['a folder to standard output', () => ['examples', '-'], /standard output takes one cassette/],
  ]
  for (const [name, args, message] of refused) {
    test(`refuses ${name}`, async (t) => {
      const folder = newFolder(t)
      writeFileSync(join(folder, 'there.yaml'), 'mine')
      const { code, stderr } = await playhead(['tape', 'convert', ...args(folder)])
      assert.equal(code, 2)
      assert.match(stderr, message)
      assert.deepEqual(readdirSync(folder), ['there.yaml'])
      assert.equal(readFileSync(join(folder, 'there.yaml'), 'utf8'), 'mine')
    })
  }

  test('two of a folder that would become one file', async (t) => {
    const folder = newFolder(t)
    for (const name of ['a.yaml', 'a.yml']) copyFileSync(join(root, retryTape), join(folder, name))
    const { code, stderr } = await playhead(['tape', 'convert', folder, join(folder, 'out'), '--force'])
    assert.equal(code, 2)
    assert.match(stderr, /another cassette of the folder became .*a\.tape\.jsonl/)
  })

  test('what is no file is not written over, and what is not there leaves nothing', async (t) => {
    const folder = newFolder(t)
    const absent = await playhead(['tape', 'convert', 'nowhere.yaml', join(folder, 'a.har')])
    assert.deepEqual([absent.code, absent.stdout], [2, ''])
    assert.match(absent.stderr, /^playhead: nowhere\.yaml: there is no such file\n$/)
    execFileSync('mkfifo', [join(folder, 'pipe')])
    for (const name of ['b.har', 'b.yaml', 'b.tape.jsonl']) {
      symlinkSync('pipe', join(folder, name))
      const { code, stderr } = await playhead(['tape', 'convert', retryTape, join(folder, name), '--force'])
      assert.equal(code, 1)
      assert.match(stderr, /: it is not a file\n$/)
    }
    const piped = await playhead(['tape', 'convert', '-', join(folder, 'b.yaml'), '--force'], { input: seed })
    assert.match(piped.stderr, /^playhead: [^ ]*b\.yaml: .*: it is not a file\n$/)
    const pipe = join(folder, 'pipe')
    const page = await playhead(['tape', 'inspect', retryTape, '--html', '--out', pipe, '--force'])
    assert.match(page.stderr, /pipe: it cannot be written: it is not a file\n$/)
    assert.ok(statSync(join(folder, 'pipe')).isFIFO())
    assert.deepEqual(readdirSync(folder).toSorted(), ['b.har', 'b.tape.jsonl', 'b.yaml', 'pipe'])
  })
})

test('a command that reports on standard output writes no cassette there, and no file called -', async () => {
  const there = readdirSync(root)
  for (const args of [
    ['scrub', retryTape, '--out', '-'],
    ['cut', retryTape, '--at', '1', '--out', '-'],
    ['merge', retryTape, '--out', '-'],
  ]) {
    const { code, stdout, stderr } = await playhead(['tape', ...args])
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /--out is a file; playhead tape convert writes to standard output\n$/)
  }
  const page = await playhead(['tape', 'inspect', retryTape, '--html', '--out', '-'])
  assert.match(page.stdout, /^<!doctype html>/)
  assert.deepEqual(readdirSync(root), there)
})

const key = `sk-proj-${'Ab3dE6gH'.repeat(6)}`

describe('scrub', { concurrency: 2 }, () => {
  test('only says what there is, and never the secret', async (t) => {
    const file = writeTape(join(newFolder(t), 'a.tape.jsonl'), [
      { headers: [['authorization', `Bearer ${key}`]], body: chat(key) },
    ])
    const before = readFileSync(file, 'utf8')
    const { code, stdout } = await playhead(['tape', 'scrub', file])
    assert.equal(code, 1)
    assert.match(stdout, /: \d secrets to take out\n/)
    assert.match(stdout, /\n {2}credential in request header authorization: 1\n/)
    assert.match(stdout, /\n {2}[\w-]+ in request body: 1\n/)
    assert.ok(!stdout.includes(key))
    assert.equal(readFileSync(file, 'utf8'), before)
  })

  test('a tape, in its place: all else is as it was', async (t) => {
    const folder = newFolder(t)
    const stream = { type: 'text/event-stream', chunks: ['data: {"a":"b', 'c"}\n\n', 'data: [DONE]\n\n'] }
    const file = writeTape(join(folder, 'a.tape.jsonl'), [
      stream,
      { body: chat(key) },
      { ...stream, chunks: [key.slice(0, 9), key.slice(9)] },
    ])
    const notes = `${JSON.stringify({ type: 'note', at: null, note: { token: 'x', said: key } })}\n`
    writeFileSync(file, readFileSync(file, 'utf8') + notes)
    const before = await interactionsOf(file)
    const first = readFileSync(file, 'utf8').split('\n').slice(1, 6)
    const { code, stdout } = await playhead(['tape', 'scrub', '--in-place', file])
    assert.equal(code, 0, stdout)
    assert.match(stdout, /: 2 secrets taken out\n/)
    const text = readFileSync(file, 'utf8')
    assert.ok(!text.includes(key) && !text.includes(key.slice(9)))
    assert.deepEqual(text.split('\n').slice(1, 4).slice(1), first.slice(1, 3))
    const after = await interactionsOf(file)
    assert.deepEqual(after[0], before[0])
    assert.equal(after[2]?.response?.chunks?.length, 2)
    assert.deepEqual(readdirSync(folder), ['a.tape.jsonl'])
    const again = await playhead(['tape', 'scrub', file])
    assert.deepEqual(again, { code: 0, stdout: `${file}: nothing to take out\n`, stderr: '' })
    assert.match(text, /"type":"note"/)
  })

  test('a go-vcr cassette stays one, changed by its secrets alone', async (t) => {
    const folder = newFolder(t)
    const { code, stdout } = await playhead(['tape', 'scrub', retryTape, basetenTape, '--out', folder])
    assert.equal(code, 0, stdout)
    assert.equal(
      readFileSync(join(folder, 'baseten.yaml'), 'utf8'),
      readFileSync(join(root, basetenTape), 'utf8'),
    )
    const [before, after] = [seed, readFileSync(join(folder, 'retry.yaml'), 'utf8')].map((text) =>
      text.split('\n'),
    )
    assert.equal(after?.length, before?.length)
    assert.equal(after?.filter((line, index) => line !== before?.[index]).length, 1)
  })

  test('another format becomes a tape, and is not written over', async (t) => {
    const folder = newFolder(t)
    const har = join(folder, 'a.har')
    await playhead(['tape', 'convert', retryTape, har])
    const inPlace = await playhead(['tape', 'scrub', '--in-place', har])
    assert.equal(inPlace.code, 1)
    assert.match(
      inPlace.stderr,
      /a\.har: the format "har" is not written: --out FILE makes a native tape of it\n$/,
    )
    const yaml = await playhead(['tape', 'scrub', har, '--out', join(folder, 'b.yaml')])
    assert.deepEqual([yaml.code, yaml.stdout], [2, ''])
    const tape = await playhead(['tape', 'scrub', har, '--out', join(folder, 'b.tape.jsonl'), '--json'])
    assert.equal(tape.code, 0)
    assert.deepEqual(jsonLines(tape.stdout)[0]?.['secrets'], [
      { name: 'account', where: 'response body', count: 1 },
    ])
    assert.equal((await interactionsOf(join(folder, 'b.tape.jsonl'))).length, 3)
  })
})

const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`

describe('cut and merge', { concurrency: 2 }, () => {
  test('a cut names what it is from, beside it, and a run goes on from it', async (t) => {
    const folder = newFolder(t)
    const file = join(folder, 'calc.yaml')
    copyFileSync(join(root, retryTape), file)
    const { code, stdout } = await playhead(['tape', 'cut', file, '--at', '1'])
    const child = join(folder, 'calc.cut-1.tape.jsonl')
    assert.equal(code, 0)
    assert.equal(
      stdout,
      `${child}: the first 1 of 3 interactions of ${file}\nGo on from there: playhead run AGENT.ts --tape ${child} --mode new\n`,
    )
    assert.deepEqual((await aboutOf(child)).parent, { file: 'calc.yaml', at: 1 })
    const [before] = await interactionsOf(file)
    const cut = await interactionsOf(child)
    assert.equal(cut.length, 1)
    assert.deepEqual(cut[0]?.response?.body, before?.response?.body)
    // Its first step replays; the second is not there.
    const run = await playhead(['run', calculator, '--tape', child])
    assert.equal(run.code, 1)
    assert.match(run.stderr, /no recorded interaction answers/)
    assert.match(run.stdout, /step 2/)
    assert.equal((await playhead(['tape', 'check', child])).code, 0)
  })

  test('what cannot be cut', async (t) => {
    const out = join(newFolder(t), 'a.tape.jsonl')
    for (const args of [['--at', '4'], ['--at', '-1'], ['--at', 'x'], []]) {
      const { code, stderr } = await playhead(['tape', 'cut', retryTape, ...args, '--out', out])
      assert.equal(code, 2, stderr)
    }
    const yaml = await playhead(['tape', 'cut', retryTape, '--at', '1', '--out', 'a.yaml'])
    assert.equal(yaml.code, 2)
  })

  test('in the order of files, what stands on several of them once', async (t) => {
    const out = join(newFolder(t), 'all.tape.jsonl')
    const { code, stdout } = await playhead([
      'tape',
      'merge',
      retryTape,
      basetenTape,
      retryTape,
      '--out',
      out,
    ])
    assert.equal(code, 0)
    assert.equal(
      stdout,
      `${out}: 5 interactions of 3 cassettes; 3 stood on several of them and are there once\n`,
    )
    const urls = (await interactionsOf(out)).map(({ response }) => response?.status)
    assert.deepEqual(urls, [200, 429, 200, 200, 200])
    const yaml = out.replace('.tape.jsonl', '.yaml')
    await playhead(['tape', 'merge', retryTape, '--out', yaml])
    assert.equal(readFileSync(yaml, 'utf8').length, seed.length)
  })

  test('what one cassette says twice stays twice', async (t) => {
    const folder = newFolder(t)
    const twice = [chat('a'), chat('a')].map((body) => ({ body, chunks: [answer('b')] }))
    const file = writeTape(join(folder, 'a.tape.jsonl'), twice)
    const { stdout } = await playhead([
      'tape',
      'merge',
      file,
      file,
      '--out',
      join(folder, 'b.tape.jsonl'),
      '--json',
    ])
    const [line] = jsonLines(stdout)
    assert.deepEqual([line?.['interactions'], line?.['repeated']], [2, 2])
  })

  test('by when they were sent, where all say it', async (t) => {
    const folder = newFolder(t)
    const a = writeTape(
      join(folder, 'a.tape.jsonl'),
      [0, 4].map((second) => ({ body: chat(`${second}`), startedAt: at(second) })),
    )
    const b = writeTape(
      join(folder, 'b.tape.jsonl'),
      [2].map((second) => ({ body: chat(`${second}`), startedAt: at(second) })),
    )
    const out = join(folder, 'c.tape.jsonl')
    await playhead(['tape', 'merge', a, b, '--out', out])
    const asked = (await interactionsOf(out)).map(
      ({ request }) => /"content":"(\d)"/.exec(String(request.body))?.[1],
    )
    assert.deepEqual(asked, ['0', '2', '4'])
  })

  test('nothing is written where one cannot be read', async (t) => {
    const folder = newFolder(t)
    const { code } = await playhead([
      'tape',
      'merge',
      retryTape,
      'nowhere.yaml',
      '--out',
      join(folder, 'a.yaml'),
    ])
    assert.equal(code, 2)
    assert.deepEqual(readdirSync(folder), [])
  })
})
