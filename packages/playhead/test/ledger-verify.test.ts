/** `playhead ledger verify`: the ledger, derived again. */
import assert from 'node:assert/strict'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { openStore } from '@playhead/gateway/admin'
import { jsonLines, newFolder, playhead } from './command.ts'
import { fillLedger, idOf } from './ledger-fixture.ts'
import { answering } from './provider.ts'
import { recordGateway, type RecordedGateway } from './recorded-gateway.ts'
import { answer } from './tapes.ts'

const said = answering(200, answer('Hi', { cost: 0.00025 }), { 'content-type': 'application/json' })
const moneyless = answering(200, answer('Hi'), { 'content-type': 'application/json' })

function verify(
  { args, env }: Pick<RecordedGateway, 'args' | 'env'>,
  ...more: readonly string[]
): ReturnType<typeof playhead> {
  return playhead(['ledger', 'verify', ...args, ...more], { env })
}

/** What a hand did to the store behind the gateway's back. */
function forge({ home }: RecordedGateway, statement: string): void {
  const database = new DatabaseSync(join(home, 'gateway.sqlite'))
  database.exec(statement)
  database.close()
}

/** Where a generation's tape lies. */
async function tapeOf({ home }: RecordedGateway, id: string): Promise<string> {
  const store = await openStore({ type: 'sqlite', path: join(home, 'gateway.sqlite') })
  const record = await store.findGeneration(id, null)
  await store.close()
  return record?.tape ?? assert.fail(`${id} is not on tape`)
}

describe('playhead ledger verify', { concurrency: 2 }, () => {
  test('says that nothing differs, failed attempts and counters included', async (t) => {
    const gateway = await recordGateway(t, [said, moneyless])
    const { code, stdout, stderr } = await verify(gateway)
    assert.deepEqual([code, stderr], [0, ''])
    assert.equal(stdout, 'derived from tape: 2 generations\n1 limit\nnothing differs\n')
    const [total] = jsonLines((await verify(gateway, '--json')).stdout)
    assert.deepEqual(total, {
      type: 'total',
      onTape: 2,
      notOnTape: 0,
      tapeGone: 0,
      notUnderstood: 0,
      open: 0,
      limits: 1,
      limitsThatMoved: 0,
      unreadable: 0,
      differences: 0,
    })
  })

  test('names each difference with its generation, and ends with 1', async (t) => {
    const gateway = await recordGateway(t, [said, moneyless])
    const [first = '', second = ''] = gateway.generations
    forge(
      gateway,
      `update playhead_generation set cost = cost + 5, finish_reason = 'length' where id = '${first}'`,
    )
    const { code, stdout } = await verify(gateway)
    assert.equal(code, 1)
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      `${first} cost: the ledger has $0.000250000005, its attempts $0.00025`,
      `${first} finish reason: the ledger has length, its tape stop`,
      `key:${gateway.keyId} money per ever spent: the ledger has $0.000270000005, the counter $0.00027`,
      'derived from tape: 2 generations',
      '1 limit',
      '3 differences',
    ])
    const lines = jsonLines((await verify(gateway, '--json')).stdout)
    assert.deepEqual(lines[0], {
      type: 'difference',
      generation: first,
      what: 'cost',
      ledger: '$0.000250000005',
      derived: '$0.00025',
      from: 'attempts',
    })
    assert.deepEqual([lines[2]?.['generation'], lines[2]?.['from']], [null, 'counter'])
    // What differs by itself alone is not told of others.
    assert.ok(!stdout.includes(second))
  })

  test('works out what no provider told by the price of its endpoint', async (t) => {
    const gateway = await recordGateway(t, [moneyless])
    const config = join(gateway.home, 'playhead.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll('output: 2', 'output: 3'))
    const { code, stdout } = await verify(gateway)
    assert.equal(code, 1)
    assert.match(
      stdout,
      /^gen-\S+ attempt 2 cost: the ledger has \$0\.00002, the tokens on its tape \$0\.000025 by today’s prices\n/,
    )
  })

  test('does without a configuration that cannot be read, and says so', async (t) => {
    const gateway = await recordGateway(t, [moneyless])
    const { code, stdout, stderr } = await verify({ ...gateway, env: {} })
    assert.equal(code, 0, stdout)
    assert.match(stderr, /are left out, for it cannot be read: .*UPSTREAM_KEY/)
    assert.match(stdout, /^derived from tape: 1 generation\n/)
  })

  test('counts what is not on tape, and what is on one that is gone or broken', async (t) => {
    const gateway = await recordGateway(t, [said, said, said])
    const [first = '', second = '', third = ''] = gateway.generations
    rmSync(await tapeOf(gateway, first))
    writeFileSync(await tapeOf(gateway, second), 'no tape')
    forge(gateway, `update playhead_generation set tape = null where id = '${third}'`)
    const { code, stdout } = await verify(gateway)
    assert.equal(code, 1)
    assert.match(stdout, new RegExp(`^${second} its tape cannot be read: `))
    assert.match(
      stdout,
      /\nonly its sums could be verified of: 1 not on tape, 1 whose tape is not here, 1 on a tape that cannot be read\n/,
    )
  })

  test('finds tapes in a folder that was moved', async (t) => {
    const gateway = await recordGateway(t, [said])
    const home = join(newFolder(t), 'moved')
    renameSync(gateway.home, home)
    const config = join(home, 'playhead.yaml')
    // With a configuration that says where they lie, and with one that cannot be read.
    for (const args of [
      ['--home', home],
      ['--home', home, '--config', config],
    ]) {
      const { stdout } = await verify({ args, env: {} })
      assert.match(stdout, /^derived from tape: 1 generation\n/)
    }
    renameSync(home, gateway.home)
  })

  test('reads a long ledger page by page, or the part of it that was asked for', async (t) => {
    const home = newFolder(t)
    await fillLedger(home, 450)
    const all = await verify({ args: ['--home', home], env: {} })
    assert.deepEqual([all.code, all.stderr], [0, ''])
    assert.match(
      all.stdout,
      /^derived from tape: 0 generations\nonly its sums could be verified of: 450 not on tape\n/,
    )
    const database = new DatabaseSync(join(home, 'gateway.sqlite'))
    database.exec(`update playhead_generation set cost = 1 where id = '${idOf(0)}'`)
    database.close()
    const part = await verify(
      { args: ['--home', home], env: {} },
      '--from',
      '2026-11-21',
      '--to',
      '2026-11-22',
    )
    assert.match(part.stdout, /of: 24 not on tape\n0 limits\nnothing differs\n$/)
    const whole = await verify({ args: ['--home', home], env: {} })
    assert.match(whole.stdout, new RegExp(`^${idOf(0)} cost: `))
  })

  test('--key is of one key, its limits too', async (t) => {
    const gateway = await recordGateway(t, [said])
    const { stdout } = await verify(gateway, '--key', gateway.keyId, '--json')
    assert.deepEqual(
      jsonLines(stdout).map(({ onTape, limits }) => [onTape, limits]),
      [[1, 1]],
    )
    const made = await playhead(['keys', 'create', '--json', ...gateway.args], { env: gateway.env })
    const [key] = jsonLines(made.stdout)
    const other = await verify(gateway, '--key', String(key?.['id']), '--json')
    assert.deepEqual(
      jsonLines(other.stdout).map(({ onTape, limits }) => [onTape, limits]),
      [[0, 0]],
    )
  })
})
