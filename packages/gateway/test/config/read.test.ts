/** What `playhead.yaml` may say, and what is said of every mistake in it. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Environment } from '@playhead/wire'
import * as fc from 'fast-check'
import type { Configuration } from '../../src/config/configuration.ts'
import { ConfigurationError } from '../../src/config/mistake.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { dollars } from '../../src/money.ts'

const folder = mkdtempSync(join(tmpdir(), 'playhead-config-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'playhead.yaml')
const home = join(folder, 'home')
const groq: Environment = { GROQ_API_KEY: 'of-groq' }

function read(text: string | null, environment: Environment = groq): Configuration {
  return readConfiguration(text, { file, environment, home })
}

/** The lines of the mistakes, without the file's name. */
function mistakesOf(text: string, environment: Environment = groq): readonly string[] {
  try {
    read(text, environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.message.split('\n').map((line) => line.replace(`${file}:`, ''))
  }
}

describe('without a file', () => {
  test('those serve whose keys are in the environment', () => {
    const environment = { GROQ_API_KEY: 'a', OPENAI_API_KEY: 'b', ANTHROPIC_API_KEY: '' }
    assert.deepEqual([...read(null, environment).providers.keys()], ['groq', 'openai'])
  })
  test('a provider whose address is not known is left out', () => {
    assert.deepEqual([...read(null, { AZURE_API_KEY: 'a' }).providers.keys()], [])
    const whole = { AZURE_API_KEY: 'a', AZURE_RESOURCE_NAME: 'mine' }
    assert.deepEqual([...read(null, whole).providers.keys()], ['azure'])
  })
  test('servers on this machine are used only when they are configured', () => {
    assert.equal(read(null, {}).providers.size, 0)
    assert.equal(read('providers: { ollama: }', {}).providers.get('ollama')?.allowsPrivate, true)
  })
  test('data goes to the home folder', () => {
    const { store, recording } = read(null)
    assert.deepEqual(store, { type: 'sqlite', path: join(home, 'gateway.sqlite') })
    assert.equal(recording.folder, join(home, 'tapes'))
  })
  test('an empty file is none', () => {
    for (const text of ['', '# nothing\n', '---\n', '{}', 'port:\n'])
      assert.deepEqual(read(text), read(null), text)
  })
  test('the tapes are the seeds, byte for byte', () => {
    const { tapes } = read(null)
    const seeds = [
      ['calculator', 'baseten.yaml'],
      ['calculator-retry', 'retry.yaml'],
    ] as const
    assert.deepEqual(
      [...tapes.keys()],
      seeds.map(([name]) => name),
    )
    for (const [name, seed] of seeds)
      assert.ok(
        readFileSync(tapes.get(name) ?? '').equals(
          readFileSync(join(import.meta.dirname, '../../../../examples/calculator', seed)),
        ),
        name,
      )
  })
})

describe('values', () => {
  test('prices are exact: dollars for a million tokens as whole pico-dollars for one', () => {
    const sixDecimals = fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1000, max: 999_999 }))
    fc.assert(
      fc.property(sixDecimals, ([whole, fraction]) => {
        const said = `${whole}.${String(fraction).padStart(6, '0')}`
        const text = `unpriced: { input: ${said}, output: "${said}", request: ${said} }`
        const { unpriced } = read(text)
        assert.ok(typeof unpriced === 'object')
        assert.equal(unpriced.input, BigInt(whole) * 1_000_000n + BigInt(fraction))
        assert.equal(unpriced.output, unpriced.input)
        assert.equal(unpriced.cachedInput, unpriced.input)
        assert.equal(dollars(unpriced.request), said.replace(/\.?0*$/, ''))
      }),
    )
  })
  test('tiers stand by rising length, whatever the order in the file', () => {
    const { unpriced } = read(`
unpriced:
  input: 1
  output: 2
  tiers: [{ from: 200_000, input: 4, output: 5, cached_input: 0.5 }, { from: 100000, input: 3, output: 4 }]`)
    assert.ok(typeof unpriced === 'object')
    assert.deepEqual(
      unpriced.tiers.map(({ from, input, cachedInput }) => [from, input, cachedInput]),
      [
        [100_000, 3_000_000n, 3_000_000n],
        [200_000, 4_000_000n, 500_000n],
      ],
    )
  })
  test('limits', () => {
    const { limits } = read(
      'limits: [{ money: 0.1, per: day }, { requests: 60, per: minute }, { tokens: 1_000_000, per: ever }]',
    )
    assert.deepEqual(limits, [
      { of: 'money', per: 'day', most: 100_000_000_000n },
      { of: 'requests', per: 'minute', most: 60n },
      { of: 'tokens', per: 'ever', most: 1_000_000n },
    ])
  })
  const units: readonly (readonly [text: string, value: (read: Configuration) => unknown, is: unknown])[] = [
    ['timeouts: { idle: 500ms }', ({ timeouts }) => timeouts.idle, 500],
    ['timeouts: { idle: 1.5s }', ({ timeouts }) => timeouts.idle, 1500],
    ['timeouts: { head: 2m }', ({ timeouts }) => timeouts.head, 120_000],
    ['server: { drain: 1h }', ({ server }) => server.drain, 3_600_000],
    ['server: { body_limit: 10MB }', ({ server }) => server.bodyLimit, 10_000_000],
    ['server: { buffer_limit: 1MiB }', ({ server }) => server.bufferLimit, 1_048_576],
    ['record: { share: 10% }', ({ recording }) => recording.share, 0.1],
    ['record: { share: 0.25 }', ({ recording }) => recording.share, 0.25],
    ['record: { folder: tapes }', ({ recording }) => recording.folder, join(folder, 'tapes')],
    ['store: data/x.sqlite', ({ store }) => store, { type: 'sqlite', path: join(folder, 'data/x.sqlite') }],
    ['store: postgres://db/x', ({ store }) => store, { type: 'postgres', url: 'postgres://db/x' }],
    ['client_left: drain', ({ clientLeft }) => clientLeft, 'drain'],
    [
      'failover: { after_first_token: continue }',
      ({ failover }) => failover,
      { attempts: 4, afterFirstToken: 'continue' },
    ],
    ['{"port": 5000, "admin_port": 0}', ({ port, adminPort }) => [port, adminPort], [5000, 0]],
    ['tapes: {}', ({ tapes }) => tapes.size, 0],
    ['unpriced: free', ({ unpriced }) => unpriced, 'free'],
  ]
  for (const [text, value, is] of units) test(text, () => assert.deepEqual(value(read(text)), is))
})

describe('secrets', () => {
  test('env:NAME is the key of its provider, and only of that one', () => {
    const { providers } = read('providers: { groq: , team: { kind: groq, api_key: env:TEAM } }', {
      ...groq,
      TEAM: 'of-team',
    })
    assert.equal(providers.get('groq')?.environment['GROQ_API_KEY'], 'of-groq')
    assert.equal(providers.get('team')?.environment['GROQ_API_KEY'], 'of-team')
  })
  test('file:PATH is read beside the configuration, without the line break', () => {
    writeFileSync(join(folder, 'key'), 'of-file\n')
    const { providers } = read('providers: { groq: { api_key: file:key } }', {})
    assert.equal(providers.get('groq')?.environment['GROQ_API_KEY'], 'of-file')
  })
  test('a server of one’s own may have a key', () => {
    const text = 'providers: { mine: { kind: custom, base_url: https://a.example/v1/, api_key: env:MINE } }'
    const mine = read(text, { MINE: 'x' }).providers.get('mine')
    assert.equal(mine?.environment['CUSTOM_API_KEY'], 'x')
    assert.equal(mine?.baseUrl, 'https://a.example/v1')
  })
  test('a database’s password comes from elsewhere', () => {
    const url = 'postgres://a:b@c/d'
    assert.deepEqual(read('store: env:DB', { DB: url }).store, { type: 'postgres', url })
    assert.match(mistakesOf(`store: ${url}`)[0] ?? '', /^1:8 store: has a password: /)
  })
  test('no mistake shows a key', () => {
    const keys = [
      'sk-proj-abcdefghijklmnopqrstuv',
      'gsk_abcdefghijklmnopqrstuv',
      'AIzaSyabcdefghijklmnopqrstuvwxyz12345',
    ]
    const places = [
      (key: string) => `providers: { groq: { api_key: ${key} } }`,
      (key: string) => `providers: { groq: { variables: { A: ${key} } } }`,
      (key: string) => `port: ${key}`,
      (key: string) => `host: ${key}`,
      (key: string) => `unpriced: ["${key}"]`,
      (key: string) => `store: postgres://u:${key}@h/d`,
      (key: string) => `providers: { groq: { base_url: "https://u:${key}@h/v1" } }`,
    ]
    for (const key of keys)
      for (const place of places) {
        const said = mistakesOf(place(key)).join('\n')
        assert.notEqual(said, '', place(key))
        assert.ok(!said.includes(key), said)
      }
  })
})

const mistakes: readonly (readonly [text: string, ...said: string[]])[] = [
  ['port: 70000', '1:7 port: must be a port: 0 to 65535, 0 for one that is free'],
  ['prot: 1', '1:1 prot: there is no such field; did you mean port?'],
  [
    'port: 1\nadmin_port: 1',
    '2:13 admin_port: must be another port than 1: leave it out to take admin calls there',
  ],
  ['- 1', '1:1 must be a map of settings'],
  ['a: [1', '1:6 this is not valid YAML: unexpected end of the stream within a flow collection'],
  ['port: 1\nport: 2', '2:1 "port" stands here twice: keep one'],
  ['port: &a 1\nadmin_port: *a', '2:13 aliases (*name) are not taken here: write the value out'],
  ['port: !!int 1', '1:7 tags (!name) are not taken here: remove it'],
  ['port: 1\n---\nport: 2', '1:1 the file holds several documents (---): keep one'],
  ['timeouts: { idle: 30 }', '1:19 timeouts.idle: must be a time with its unit: 500ms, 30s, 2m, 1h'],
  ['timeouts: { idle: 0s }', '1:19 timeouts.idle: must be a time with its unit: 500ms, 30s, 2m, 1h'],
  ['server: { body_limit: 3 }', '1:23 server.body_limit: must be a size with its unit: 500kB, 32MB, 1GiB'],
  ['record: { share: 110% }', '1:18 record.share: must be a share: 10%, or 0.1'],
  [
    'limits: [{ money: 1, tokens: 1, per: day }]',
    '1:10 limits[0]: must have one of money, requests and tokens',
  ],
  ['limits: [{ money: 1 }]', '1:10 limits[0].per: must be one of minute, hour, day, week, month, ever'],
  [
    'unpriced: { input: 0.0000006, output: 20000 }',
    '1:20 unpriced.input: looks like the price of one token: must be dollars for a million tokens, such as 0.6 (0 is free)',
    '1:39 unpriced.output: is more than $10000: must be dollars for a million tokens, such as 0.6',
  ],
  [
    'unpriced: { input: 0.1234567, output: 1 }',
    '1:20 unpriced.input: has more than six decimals: must be dollars for a million tokens, such as 0.6',
  ],
  [
    'unpriced: { input: -1, output: 1 }',
    '1:20 unpriced.input: must be dollars for a million tokens, such as 0.6',
  ],
  ['unpriced: perhaps', '1:11 unpriced: must be one of deny, free'],
  [
    'store: mysql://h/d',
    '1:8 store: must be the path of a file for SQLite, or postgres://…: no other database is spoken to',
  ],
  ['store: env:NOT_THERE', '1:8 store: the variable NOT_THERE is not set: set it, or name another'],
  [
    'tapes: { x: nothing.yaml }',
    `1:13 tapes.x: there is no file ${join(folder, 'nothing.yaml')}: name a cassette`,
  ],
  [
    'providers:\n  openai:',
    '2:3 providers.openai: there is no key: set OPENAI_API_KEY; or say where it is kept, api_key: env:NAME',
  ],
  [
    'providers: { openai: { api_key: env:NO_KEY } }',
    '1:33 providers.openai.api_key: the variable NO_KEY is not set: set it, or name another',
  ],
  [
    'providers: { openai: { api_key: abc } }',
    '1:33 providers.openai.api_key: must be env:NAME or file:/path: a key itself does not stand in this file',
  ],
  [
    'providers: { grok: }',
    '1:14 providers.grok: there is no provider of this name. Did you mean groq? With another name it needs kind: NAME (playhead providers lists them; custom is any server)',
  ],
  ['providers: { a: { kind: custom } }', '1:17 providers.a: there is no address: say base_url: https://…'],
  [
    'providers: { azure: { api_key: env:GROQ_API_KEY } }',
    '1:21 providers.azure: there is no address: set AZURE_RESOURCE_NAME, here under variables or in the environment',
  ],
  [
    'providers: { groq: { base_url: "http://10.0.0.1/v1" } }',
    '1:32 providers.groq.base_url: is an address of this machine or of a private network: allow_private: true allows it',
  ],
  [
    'providers: { groq: { base_url: "https://a/?b" } }',
    '1:32 providers.groq.base_url: must be an http(s) URL without user, query and fragment',
  ],
  [
    'providers: { groq: { dialects: [gemini] } }',
    '1:20 providers.groq: groq does not speak gemini, but openai-chat, openai-responses',
  ],
  [
    'providers: { tape: { kind: groq } }',
    '1:20 providers.tape: is the name of what answers from tape: choose another',
  ],
  [
    'models: { m: { endpoints: [] } }',
    '1:27 models.m.endpoints: must be a list of endpoints, each with its provider; one at least',
  ],
  ['models: { m: }', '1:11 models.m.endpoints: must be a list of endpoints, each with its provider'],
  [
    'models: { a/b.c: { endpoints: [{ provider: grop }] } }',
    '1:44 models["a/b.c"].endpoints[0].provider: there is no such provider; did you mean groq?',
  ],
  [
    'models: { m: { endpoints: [{ provider: groq }, { provider: groq, tag: x }] } }',
    '1:48 models.m.endpoints[1]: is the same provider and model as endpoints[0]: keep one',
  ],
]

describe('mistakes say where and what is wanted', () => {
  for (const [text, ...said] of mistakes) test(text, () => assert.deepEqual(mistakesOf(text), said))

  test('all at once, in the order of the file', () => {
    const text = mistakes
      .map(([text]) => text)
      .filter((text) =>
        /^(timeouts: { idle: 30|client|record|store: mysql|tapes|models: { m: { endpoints: \[\])/.test(text),
      )
      .join('\n')
    const lines = mistakesOf(text).map((line) => Number(line.split(':')[0]))
    assert.deepEqual(lines, [1, 2, 3, 4, 5])
  })
  test('aliases do not make a small file a huge value', () => {
    const bomb = [
      'a: &a [1]',
      ...'bcdefghijk'
        .split('')
        .map((name, index) => `${name}: &${name} [${`*${'abcdefghijk'[index] ?? ''},`.repeat(9)}]`),
    ]
    assert.match(mistakesOf(bomb.join('\n'))[0] ?? '', /aliases/)
  })
  test('deep nesting and long files are refused', () => {
    assert.match(mistakesOf('['.repeat(10_000))[0] ?? '', /not valid YAML: nesting/)
    assert.match(mistakesOf(`#${'x'.repeat(5_000_000)}`)[0] ?? '', /longer than/)
  })
  test('whatever the text, there is a configuration or a list of mistakes', () => {
    const pieces = fc.constantFrom(
      ...mistakes.map(([text]) => text),
      '\n',
      ': ',
      '- ',
      '{',
      '}',
      '"',
      '&a ',
      '*a',
      '\t',
      '  ',
      '!!',
      '---\n',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 8 }), (parts) => {
        mistakesOf(parts.join(''))
      }),
      { numRuns: 500 },
    )
  })
})
