/** What cannot begin: an exit code, one message on standard error, nothing on standard output, never a stack. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import {
  calculator,
  newFile,
  newFolder,
  playhead,
  retryTape,
  type Scope,
  type Settings,
  withImports,
} from './command.ts'

type Make = (t: Scope) => readonly string[]

const run =
  (...args: readonly string[]): Make =>
  () => ['run', calculator, ...args]
const agentFile =
  (source: string, name = 'agent.mjs'): Make =>
  (t) => ['run', newFile(t, name, source)]
const tape =
  (content: string | Uint8Array): Make =>
  (t) => ['run', calculator, '--tape', newFile(t, 'tape.yaml', content)]

const entry = 'request: {url: "http://a/"}\n    response: {code: 200}'
const laughs = Array.from(
  { length: 9 },
  (_, i) =>
    `b${i}: &b${i} [${Array(9)
      .fill(i === 0 ? 'lol' : `*b${i - 1}`)
      .join(', ')}]`,
)

const cannot: readonly (readonly [sentence: string, args: Make, message: RegExp, settings?: Settings])[] = [
  ['no command', () => [], /Usage: playhead/],
  ['an unknown command', () => ['rewind'], /^playhead: unknown command 'rewind'/],
  [
    'a command without its first word',
    () => ['inspect', retryTape],
    /^playhead: unknown command 'inspect'\n\(Did you mean tape inspect\?\)/,
  ],
  ['run without a file', () => ['run'], /^playhead: missing required argument 'file'/],
  ['inspect without a file', () => ['tape', 'inspect'], /^playhead: missing required argument 'file'/],
  ['an unknown option', run('--tap', 'x'), /^playhead: unknown option '--tap'/],
  ['an argument too many', run('a', 'b'), /^playhead: too many arguments/],
  ['an option without its value', run('--tape'), /^playhead: option '--tape <file>' argument missing/],
  ['a mode without a tape', run('--mode', 'once'), /^playhead: --mode and --speed go with --tape FILE$/],
  ['a speed without a tape', run('--speed', '0'), /^playhead: --mode and --speed go with --tape FILE$/],
  [
    'an unknown mode',
    run('--tape', retryTape, '--mode', 'twice'),
    /'twice' is invalid.*replay, once, new, all, live/,
  ],
  ...['fast', '-1', '', 'Infinity'].map(
    (speed) =>
      [
        `the speed "${speed}"`,
        run('--tape', retryTape, `--speed=${speed}`),
        /must be a number of at least 0/,
      ] as const,
  ),
  [
    'an unknown provider',
    run('--model', 'nobody/x'),
    /"nobody\/x" is not provider\/name .*openai, openrouter/,
  ],
  ['a model without a name', run('--model', 'openai/'), /the model of openai has no name/],
  ['a bad URL', run('--base-url', 'ftp://a'), /the base URL "ftp:\/\/a" is not an http\(s\) URL/],
  [
    'no key',
    run(),
    /^playhead: no key for openrouter: set OPENROUTER_API_KEY, or replay a cassette with --tape FILE$/,
  ],
  ['an empty key', run(), /set OPENROUTER_API_KEY/, { env: { OPENROUTER_API_KEY: '' } }],
  [
    'no key, to record',
    run('--tape', 'no/such/tape.yaml', '--mode', 'once'),
    /set OPENROUTER_API_KEY; --mode once asks the model for what is not on tape$/,
  ],
  ['no key of another provider', run('--model', 'openai/x'), /set OPENAI_API_KEY/],
  [
    'a key with a line break',
    run(),
    /^playhead: the key in OPENROUTER_API_KEY has characters that no key has/,
    { env: { OPENROUTER_API_KEY: 'very-secret\n' } },
  ],

  ['an absent file', () => ['run', 'no/agent.ts'], /^playhead: no\/agent\.ts: there is no such file$/],
  ['a folder', (t) => ['run', newFolder(t)], /: it is a folder, not a module$/],
  ['a syntax error', agentFile('export const = 1'), /agent\.mjs: it does not load: Unexpected token/],
  [
    'a syntax error in TypeScript',
    agentFile('export const a: = 1', 'agent.ts'),
    /agent\.ts: it does not load: .*1:17|agent\.ts: it does not load: /,
  ],
  [
    'TypeScript that Node cannot strip',
    agentFile('export enum A { B }', 'agent.ts'),
    /agent\.ts: it does not load: .*enum/,
  ],
  [
    'a file that throws',
    agentFile('\n\nthrow new Error("no luck")'),
    /agent\.mjs: it does not load: no luck \(line 3:7\)$/,
  ],
  ['a file that throws nothing', agentFile('throw undefined'), /it does not load: undefined$/],
  [
    'a file that throws what is no text',
    agentFile('throw Object.create(null)'),
    /it does not load: something that is no error was thrown$/,
  ],
  [
    'a file that throws an error without words',
    agentFile('throw new TypeError()'),
    /it does not load: TypeError \(line 1:7\)$/,
  ],
  [
    'a file that throws a stack',
    agentFile('throw new Error(new Error("inner").stack)'),
    /it does not load: Error: inner \(line 1:17\)$/,
  ],
  [
    'a file that throws colours',
    agentFile('throw new Error("\\u001b[2J\\u009b2Jgone")'),
    /it does not load: \ufffd\[2J\ufffd2Jgone/,
  ],
  [
    'an import of what is absent',
    agentFile('import "no-such-package"'),
    /it does not load: Cannot find package 'no-such-package'/,
  ],
  ['an import of an absent file', agentFile('import "./no.js"'), /it does not load: Cannot find module/],
  [
    'a file that is no module',
    agentFile('{}', 'agent.txt'),
    /it does not load: Unknown file extension "\.txt"/,
  ],
  [
    'an agent that cannot be right',
    agentFile(withImports('export default agent({})')),
    /it does not load: An agent needs a model/,
  ],
  [
    'a file without an agent',
    agentFile('export const prompt = "a"'),
    /agent\.mjs: it exports no agent: export const name = agent\({ … }\)$/,
  ],
  ['a file with a function for an agent', agentFile('export default () => {}'), /it exports no agent/],
  [
    'two agents',
    agentFile(withImports('export const [a, b] = [calculator, calculator]')),
    /it exports several agents \(a, b\): make one of them the default export$/,
  ],
  [
    'no question',
    agentFile(withImports('export { calculator }')),
    /there is nothing to ask: playhead run .*agent\.mjs PROMPT/,
  ],
  ['a question of spaces', run('  '), /there is nothing to ask/],
  ['an empty standard input', run('-'), /there is nothing to ask/, { input: '\n' }],

  [
    'an absent cassette',
    run('--tape', 'no/such/tape.yaml'),
    /^playhead: no\/such\/tape\.yaml: there is no such cassette; --mode once records it$/,
  ],
  [
    'a folder for a cassette',
    (t) => ['run', calculator, '--tape', newFolder(t)],
    /: it is a folder, not a cassette$/,
  ],
  [
    'a folder to record on',
    (t) => ['run', calculator, '--tape', newFolder(t), '--mode', 'all'],
    /: it is a folder/,
  ],
]

/** Cassettes that are there and cannot be read. */
const unreadable: readonly (readonly [sentence: string, args: Make, message: RegExp])[] = [
  ['an empty cassette', tape(''), /tape\.yaml: the file is empty/],
  ['broken YAML', tape('version: 2\ninteractions: [\n'), /tape\.yaml:\d+: this is not valid YAML/],
  [
    'a tape of another version',
    tape('{"type":"tape","version":99}\n'),
    /tape\.yaml:1: .*version 99.*: update it$/,
  ],
  [
    'no cassette but another file',
    tape('{"name": "package"}'),
    /tape\.yaml: it is no cassette of a format that is known/,
  ],
  ['bytes', tape(Uint8Array.of(0xff, 0, 1)), /tape\.yaml: it is not UTF-8 text/],
  [
    'a tag that would run code',
    tape(`version: 2\ninteractions:\n  - ${entry}\n    x: !!js/function 'function () {}'\n`),
    /tape\.yaml:\d+: tags other than !!binary are not allowed/,
  ],
  ['an alias', tape(`version: 2\ninteractions:\n  - &a ${entry}\n  - *a\n`), /tape\.yaml.*[Aa]lias/],
  ['a million laughs', tape(`version: 2\ninteractions: []\n${laughs.join('\n')}\n`), /tape\.yaml.*aliases/],
  ['a nest', tape(`version: 2\ninteractions: ${'['.repeat(100_000)}`), /tape\.yaml.*nested too deeply/],
  [
    'faults that are none',
    (t) => {
      const file = newFile(t, 'a.tape.jsonl', '{"type":"tape","version":1,"matcher":"strict"}\n')
      writeFileSync(file.replace('.tape.jsonl', '.faults.json'), '{}')
      return ['run', calculator, '--tape', file]
    },
    /a\.faults\.json: the faults cannot be read/,
  ],
]

async function failsToBegin(
  code: number,
  args: readonly string[],
  message: RegExp,
  settings?: Settings,
): Promise<void> {
  const ended = await playhead(args, settings)
  assert.deepEqual([ended.code, ended.stdout], [code, ''], ended.stderr)
  assert.match(ended.stderr.trimEnd(), message)
  assert.doesNotMatch(ended.stderr, /^ {4}at |very-secret/m)
  assert.equal(ended.stderr.match(/^playhead: /gm)?.length ?? 1, 1)
}

describe('is asked wrongly', { concurrency: 4 }, () => {
  for (const [sentence, args, message, settings] of cannot)
    test(sentence, (t) => failsToBegin(2, args(t), message, settings))
})

describe('has a cassette that cannot be read', { concurrency: 4 }, () => {
  for (const [sentence, args, message] of unreadable) test(sentence, (t) => failsToBegin(1, args(t), message))
})

const hints: readonly (readonly [args: readonly string[], where: string])[] = [
  [['rewind'], 'playhead'],
  [['run'], 'playhead run'],
  [['record'], 'playhead record'],
  [['providers', '--no'], 'playhead providers'],
  [['tape', 'rewind'], 'playhead tape'],
  [['tape', 'from'], 'playhead tape from'],
  [['keys', 'rewind'], 'playhead keys'],
  [['keys', 'create', '--per', 'year'], 'playhead keys create'],
  [['ledger', '--by', 'size'], 'playhead ledger'],
  [['ledger', 'verify', '--by', 'day'], 'playhead ledger verify'],
]

describe('says where the help is', { concurrency: 4 }, () => {
  for (const [args, where] of hints)
    test(`playhead ${args.join(' ')}`, async () => {
      const { code, stderr } = await playhead(args)
      assert.equal(code, 2)
      assert.ok(stderr.endsWith(`\n(${where} --help says more)\n`), stderr)
    })
})

describe('asked for help', { concurrency: 4 }, () => {
  for (const args of [['--help'], ['run', '--help'], ['tape', '--help'], ['tape', 'inspect', '--help']]) {
    test(`playhead ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await playhead(args)
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /^Usage: playhead/)
      assert.match(stdout, /\nExit codes: 0 fine; 1 /)
    })
  }

  test('playhead --version', async () => {
    const { code, stdout } = await playhead(['--version'])
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })
})
