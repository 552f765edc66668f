/** `playhead keys`, `ledger` and `explain`: what stands in a gateway's store. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { moreOrLess } from '../src/gateway/amounts.ts'
import { csvLine } from '../src/gateway/csv.ts'
import { type Ended, jsonLines, newFolder, playhead } from './command.ts'
import { fillLedger, idOf } from './ledger-fixture.ts'

const home = mkdtempSync(join(tmpdir(), 'playhead-ledger-'))
const count = 1203
const each = 123_456_789n
let keyId = ''
before(async () => {
  const { key } = await fillLedger(home, count)
  keyId = key.id
})
after(() => rmSync(home, { recursive: true, force: true }))

function at(place: string, ...args: readonly string[]): Promise<Ended> {
  return playhead([...args, '--home', place])
}

/** Pico-dollars as the command writes them. */
function dollars(pico: bigint): string {
  const text = String(pico).padStart(13, '0')
  return `${text.slice(0, -12)}.${text.slice(-12)}`.replace(/\.?0*$/, '')
}

describe('playhead ledger', { concurrency: 2 }, () => {
  test('lists the newest first, and says that there are more', async () => {
    const { code, stdout, stderr } = await at(home, 'ledger')
    assert.equal(code, 0)
    const lines = stdout.trimEnd().split('\n')
    assert.equal(lines.length, 50)
    assert.ok(lines[0]?.includes(idOf(count - 1)))
    assert.ok(lines[0]?.includes(`$${dollars(each)}`))
    assert.ok(lines[0]?.includes('100 in (50 cached), 20 out (5 reasoning)'), lines[0])
    assert.match(stderr, /the newest 50/)
  })
  test('lists all as JSON, page by page, each once', async () => {
    const { stdout } = await at(home, 'ledger', '--json')
    const lines = jsonLines(stdout)
    assert.equal(lines.length, count)
    assert.equal(new Set(lines.map(({ id }) => id)).size, count)
    assert.deepEqual(
      lines.map(({ id }) => id),
      Array.from({ length: count }, (_, index) => idOf(count - 1 - index)),
    )
    assert.equal(lines[0]?.['cost'], '0.000123456789')
  })
  test('as CSV no cell is a formula', async () => {
    const { stdout } = await at(home, 'ledger', '--csv', '--limit', '3')
    const [head = '', ...rows] = stdout.trimEnd().split('\n')
    assert.match(head, /^id,at,key,model,provider,/)
    assert.equal(rows.length, 3)
    assert.ok(rows.some((row) => row.includes(`"'=HYPERLINK(""http://a.example"")"`)))
    assert.doesNotMatch(stdout, /(^|,)"?[=+@]/m)
  })
  test('sums are exact, whatever they are summed by', async () => {
    for (const by of ['key', 'model', 'provider', 'day', 'model,day']) {
      const { stdout } = await at(home, 'ledger', '--by', by, '--json')
      const lines = jsonLines(stdout)
      const requests = lines.reduce((sum, { requests }) => sum + Number(requests), 0)
      assert.equal(requests, count, by)
      for (const line of lines)
        assert.equal(line['cost'], dollars(each * BigInt(Number(line['requests']))), by)
    }
  })
  test('a table of sums ends with all of them', async () => {
    const { stdout } = await at(home, 'ledger', '--by', 'key')
    const [first = '', last = ''] = stdout.trimEnd().split('\n')
    assert.ok(first.startsWith(`${keyId} ci`), first)
    assert.ok(last.startsWith('all '), last)
    assert.ok(last.includes(`$${dollars(each * BigInt(count))}`))
    assert.ok(last.includes(`providers say $${dollars(9n * BigInt(count))} more`), last)
  })
  const filters: readonly (readonly [args: readonly string[], lines: number])[] = [
    [['--from', '2026-11-21', '--to', '2026-11-22'], 24],
    [['--from', '2026-11-21T22:00', '--to', '2026-11-22T00:00Z'], 2],
    [['--model', 'moonshotai/kimi-k2'], Math.ceil(count / 2)],
    [['--provider', 'nobody'], 0],
    [['--limit', '7'], 7],
    [['--limit', '0'], 0],
  ]
  for (const [args, lines] of filters)
    test(args.join(' '), async () => {
      const { stdout } = await at(home, 'ledger', '--json', ...args)
      assert.equal(jsonLines(stdout).length, lines)
    })
  test('of one key', async () => {
    const { stdout } = await at(home, 'ledger', '--json', '--key', keyId, '--limit', '1')
    assert.equal(jsonLines(stdout)[0]?.['key'], keyId)
  })
  test('of a key that was revoked, as long as the ledger has what it asked', async (t) => {
    const own = newFolder(t)
    const { key } = await fillLedger(own, 2)
    assert.equal((await at(own, 'keys', 'revoke', key.id)).code, 0)
    const { code, stdout } = await at(own, 'ledger', '--json', '--key', key.id)
    assert.deepEqual([code, jsonLines(stdout).length], [0, 2])
  })
  test('of a key that has asked nothing, which is no mistake', async (t) => {
    const own = newFolder(t)
    const { key } = await fillLedger(own, 0)
    const { code, stdout, stderr } = await at(own, 'ledger', '--key', key.id)
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(stderr, /nothing in the ledger that fits/)
  })
  for (const args of [[], ['--csv'], ['--json', '--by', 'day'], ['verify'], ['verify', '--json']])
    test(`${['ledger', ...args].join(' ')} of a key that is none says so`, async () => {
      const { code, stdout, stderr } = await at(home, 'ledger', ...args, '--key', 'nobody')
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /there is no key nobody: playhead keys list shows them/)
    })
  const mistakes: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--from', 'yesterday'], /--from yesterday: it must be a date/],
    [['--from', '2026-13-01'], /it must be a date/],
    [['--by', 'colour'], /one of key, model, provider, day/],
    [['--csv', '--json'], /two forms/],
  ]
  for (const [args, says] of mistakes)
    test(`${args.join(' ')} is refused`, async () => {
      const { code, stderr } = await at(home, 'ledger', ...args)
      assert.equal(code, 2)
      assert.match(stderr, says)
    })
  test('makes no store where there is none', async (t) => {
    const empty = newFolder(t)
    const { code, stderr } = await at(empty, 'ledger')
    assert.equal(code, 2)
    assert.match(stderr, /there is no store .* yet/)
    assert.ok(!existsSync(join(empty, 'gateway.sqlite')))
  })
})

test('what providers say is more, or less', () => {
  assert.deepEqual([moreOrLess(250_000_000_000n), moreOrLess(-1n)], ['$0.25 more', '$0.000000000001 less'])
})

test('a cell begins no formula, and a negative amount is none', () => {
  assert.equal(
    csvLine(['=1+1', '+1', '-2', '-a', '@x', '\tx', 'a,b', 'a"b', 'a\nb', null, 3]),
    `'=1+1,'+1,-2,'-a,'@x,'\tx,"a,b","a""b","a\nb",,3\n`,
  )
})

describe('playhead explain', { concurrency: 2 }, () => {
  test('tells the whole story', async () => {
    const { code, stdout } = await at(home, 'explain', idOf(2))
    assert.equal(code, 0)
    for (const said of [
      `${idOf(2)} failed with 429 in 1.50 s`,
      'Route weighted by price',
      '1. groq:moonshotai/kimi-k2-instruct',
      '75.0%',
      'unhealthy',
      '✗ baseten:kimi',
      'more than max_price.completion 2',
      'rate-limited',
      'Slow down',
      '50 from the cache',
      'charged     $0.000123456789',
      'difference  $0.000000000009 more',
      'at most     $0.001',
    ])
      assert.ok(stdout.includes(said), `${said}\n${stdout}`)
    assert.ok(!stdout.includes('\u001b['), 'a provider’s text steers no terminal')
  })
  test('as JSON, money exact', async () => {
    const { stdout } = await at(home, 'explain', idOf(0), '--json')
    const [told] = jsonLines(stdout)
    assert.equal(told?.['cost'], '0.000123456789')
    assert.deepEqual(Object.keys(told?.['story'] ?? {}), ['strategy', 'models', 'candidates', 'exclusions'])
  })
  test('as JSON, in the words of the ledger', async () => {
    const [told] = jsonLines((await at(home, 'explain', idOf(count - 1), '--json')).stdout)
    const [listed] = jsonLines((await at(home, 'ledger', '--json', '--limit', '1')).stdout)
    const { attempts, story, ...fields } = told ?? {}
    assert.deepEqual(fields, listed)
    assert.deepEqual([Array.isArray(attempts), typeof story], [true, 'object'])
  })
  test('every field of theirs is in docs/cli.md', async () => {
    const docs = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
    const start = docs.indexOf('## `playhead keys`')
    const section = docs.slice(start, docs.indexOf('## `playhead doctor`', start))
    const written = new Set(Array.from(section.matchAll(/`(\w+)`/g), ([, name]) => name))
    const outputs = [
      ['explain', idOf(0), '--json'],
      ['ledger', '--by', 'key', '--json'],
      ['keys', 'list', '--json'],
    ]
    for (const args of outputs) {
      const [told = {}] = jsonLines((await at(home, ...args)).stdout)
      const missing = Object.keys(told).filter((name) => !written.has(name))
      assert.deepEqual(missing, [], args.join(' '))
    }
  })
  test('finds it by the upstream’s id too', async () => {
    const { stdout } = await at(home, 'explain', 'upstream-5')
    assert.ok(stdout.startsWith(idOf(5)))
  })
  test('says when there is none', async () => {
    const { code, stderr } = await at(home, 'explain', 'gen-none')
    assert.equal(code, 2)
    assert.match(stderr, /there is no generation gen-none/)
  })
})

describe('playhead keys', () => {
  test('what a key has spent in all is shown, whether it has a limit or not', async () => {
    const all = dollars(each * BigInt(count))
    assert.ok((await at(home, 'keys', 'list')).stdout.includes(`$${all} in all  no limit`))
    const [shown] = jsonLines((await at(home, 'keys', 'list', '--json')).stdout)
    assert.equal(shown?.['spent'], all)
  })
  test('a key is shown once, listed with its limits, and revoked', async (t) => {
    const own = newFolder(t)
    const made = await at(
      own,
      'keys',
      'create',
      '--name',
      'ci',
      '--limit',
      '10.5',
      '--per',
      'day',
      '--models',
      'a/*, b',
      '--expires',
      '30d',
    )
    assert.equal(made.code, 0)
    const key = made.stdout.trim()
    assert.match(key, /^sk-ph-[A-Za-z0-9]{12}-[\w-]{43}$/)
    const listed = await at(own, 'keys', 'list')
    assert.ok(!listed.stdout.includes(key))
    assert.ok(listed.stdout.includes('$0 of $10.5 per day'), listed.stdout)
    const [shown] = jsonLines((await at(own, 'keys', 'list', '--json')).stdout)
    assert.deepEqual(shown?.['limits'], [
      { of: 'money', per: 'day', most: '10.5', spent: '0', reserved: '0' },
    ])
    assert.deepEqual(shown?.['models'], ['a/*', 'b'])
    assert.ok(!('hash' in (shown ?? {})))
    const id = String(shown?.['id'])
    assert.equal((await at(own, 'keys', 'revoke', id)).code, 0)
    const again = await at(own, 'keys', 'revoke', id)
    assert.equal(again.code, 2)
    assert.match(again.stderr, /there is no key/)
    assert.equal((await at(own, 'keys', 'list', '--json')).stdout, '')
    assert.equal(statSync(join(own, 'secret')).mode & 0o077, 0)
  })
  const refused: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--limit', 'much'], /--limit much: it must be dollars/],
    [['--limit', '-1'], /it must be dollars/],
    [['--per', 'day'], /name both/],
    [['--limit', '1', '--per', 'year'], /Allowed choices/],
    [['--expires', '2020-01-01'], /over already/],
    [['--models', ' , '], /take names/],
  ]
  for (const [args, says] of refused)
    test(`${args.join(' ')} is refused, and no key is made`, async (t) => {
      const own = newFolder(t)
      const { code, stdout, stderr } = await at(own, 'keys', 'create', ...args)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, says)
      assert.ok(!existsSync(join(own, 'gateway.sqlite')))
    })
  test('brings upstream keys of its own, which are shown to nobody', async (t) => {
    const own = newFolder(t)
    const [key, file] = ['canary-own-key-1', join(own, 'groq.key')]
    writeFileSync(file, `${key}\n`)
    const create = (...args: readonly string[]): Promise<Ended> =>
      playhead(['keys', 'create', ...args, '--home', own], { env: { OWN: key } })
    const made = await create(
      '--byok',
      `groq=file:${file}`,
      '--byok',
      'mistral=env:OWN',
      '--count-byok',
      '--json',
    )
    assert.equal(made.code, 0, made.stderr)
    const [shown] = jsonLines(made.stdout)
    assert.deepEqual([shown?.['byok'], shown?.['countsByok']], [['groq', 'mistral'], true])
    const listed = await at(own, 'keys', 'list')
    assert.match(listed.stdout, /own groq mistral/)
    const refusals: readonly (readonly [said: string, why: RegExp])[] = [
      [`groq=${key}`, /must be PROVIDER=env:NAME/],
      [`groq`, /must be PROVIDER=env:NAME/],
      ['grok=env:OWN', /grok: there is no provider of this name/],
      ['groq=env:NOT_SET', /groq: the variable NOT_SET is not set/],
    ]
    const said = [made, listed]
    for (const [option, why] of refusals) {
      const refused = await create('--byok', option)
      assert.equal(refused.code, 2)
      assert.match(refused.stderr, why)
      said.push(refused)
    }
    for (const { stdout, stderr } of said) assert.ok(!(stdout + stderr).includes(key))
    assert.ok(!readFileSync(join(own, 'gateway.sqlite'), 'latin1').includes(key))
  })
  test('a store is found though the keys of providers are not set', async (t) => {
    const own = newFolder(t)
    const config = join(own, 'playhead.yaml')
    writeFileSync(config, 'store: data.sqlite\nproviders: { openai: { api_key: env:NOT_SET } }\n')
    assert.equal((await at(own, 'keys', 'create', '--config', config)).code, 0)
    assert.ok(existsSync(join(own, 'data.sqlite')))
  })
})
