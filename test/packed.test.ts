/** What is published works: the packed packages, installed into an empty project, run the seeds' agent. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const root = join(import.meta.dirname, '..')
const project = mkdtempSync(join(tmpdir(), 'playhead-packed-'))

before(() => {
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'pipe' })
  const ours = ['wire', 'tape', 'auth', 'agent', 'gateway', 'testing', 'playhead'].map((name) =>
    join(root, 'packages', name, 'dist'),
  )
  // What they depend on comes from this installation: the test needs no network.
  const theirs = thirdParties(ours).map((name) => join(root, 'node_modules', name))
  const packed = npm(
    ['pack', '--silent', '--ignore-scripts', '--pack-destination', project, ...ours, ...theirs],
    root,
  )
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  )
  npm(
    [
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      ...packed
        .trim()
        .split('\n')
        .map((file) => `./${file}`),
    ],
    project,
  )
  for (const file of ['calculator.ts', 'retry.yaml'])
    cpSync(join(root, 'examples/calculator', file), join(project, file))
})

after(() => rmSync(project, { recursive: true, force: true }))

test('the command runs the agent on its tape', () => {
  const args = [join(project, 'node_modules/.bin/playhead'), 'run', 'calculator.ts', '--tape', 'retry.yaml']
  const output = execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
  assert.match(output, /Adding 2 and 3 gives 5, and multiplying 2 and 3 gives 6\./)
  assert.match(output, /total 2 steps · 470 in, 63 out · \$0\.00027436/)
})

test('a program runs the agent on its tape', () => {
  writeFileSync(
    join(project, 'program.ts'),
    `import { record } from '@playhead/tape'
     import { calculator, prompt } from './calculator.ts'
     const recorder = await record('retry.yaml', { mode: 'replay' })
     const { cost, usage } = await calculator.run(prompt, { fetch: recorder.fetch, clock: recorder.clock }).result
     console.log(JSON.stringify({ cost, usage, unused: recorder.unused.length }))`,
  )
  const output = execFileSync(process.execPath, ['program.ts'], { cwd: project, encoding: 'utf8' })
  assert.deepEqual(JSON.parse(output), {
    cost: '0.00027436',
    usage: { inputTokens: 470, outputTokens: 63, cachedInputTokens: 0, reasoningTokens: 0 },
    unused: 0,
  })
})

test('the packages for tests load', () => {
  const program = "await import('@playhead/testing'); await import('@playhead/testing/vitest')"
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: project, stdio: 'pipe' })
})

test('its types are right for a strict program, without the types of Node', () => {
  const flags = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2024',
  ]
  execFileSync(join(root, 'node_modules/.bin/tsc'), [...flags, '--types', '', 'calculator.ts'], {
    cwd: project,
    stdio: 'pipe',
    encoding: 'utf8',
  })
})

test('the packages bring their types, and nothing that is not theirs', () => {
  for (const name of ['wire', 'tape', 'auth', 'agent', 'gateway', 'testing']
    .map((name) => `@playhead/${name}`)
    .concat('playhead')) {
    const folder = join(project, 'node_modules', name)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    assert.ok(
      files.some((file) => file.endsWith('.d.ts')),
      `${name} has types`,
    )
    assert.deepEqual(
      files.filter((file) => /(?<!\.d)\.ts$|\.test\.|tsbuildinfo/.test(file)),
      [],
      name,
    )
  }
})

test('@playhead/agent brings at most three packages of others', () => {
  assert.ok(thirdParties([join(root, 'packages/agent/dist')]).length <= 3)
})

test('the command brings at most 40 packages and 30 MB', () => {
  const ours = ['wire', 'tape', 'auth', 'agent', 'gateway', 'playhead']
  const theirs = thirdParties(ours.map((name) => join(root, 'packages', name, 'dist')))
  const names = [...ours.map((name) => (name === 'playhead' ? name : `@playhead/${name}`)), ...theirs]
  const bytes = names.map((name) => sizeOf(join(project, 'node_modules', name)))
  assert.ok(names.length <= 40, `${names.length} packages`)
  assert.ok(
    bytes.reduce((sum, size) => sum + size, 0) <= 30e6,
    `${names.join(' ')}: ${bytes.join(' ')} bytes`,
  )
})

test('the gateway serves a tape that it brings, and needs the driver of Postgres only for Postgres', async () => {
  rmSync(join(project, 'node_modules/pg'), { recursive: true })
  const command = join(project, 'node_modules/.bin/playhead')
  const child = spawn(process.execPath, [command, 'serve', '--port', '0'], {
    cwd: project,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  try {
    const said = String(await Promise.race([once(child.stdout, 'data'), exited]))
    const [, url = '', key = '', file = ''] =
      /curl (\S+).*Bearer (sk-ph-[\w-]+).*-d '@(.*?)'/.exec(said) ?? []
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: readFileSync(join(project, file)),
    })
    assert.equal(response.status, 200, said)
    assert.match(await response.text(), /"finish_reason":"stop"/)
  } finally {
    child.kill('SIGTERM')
  }
  assert.deepEqual(await exited, [0, null])
})

/** Bytes of its files, without the packages below it. */
function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

/** The packages of others that these need, and those that these need in turn. */
function thirdParties(folders: readonly string[]): string[] {
  const names = new Set<string>()
  const add = (folder: string): void => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>
    }
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (name.startsWith('@playhead/') || names.has(name)) continue
      names.add(name)
      add(join(root, 'node_modules', name))
    }
  }
  for (const folder of folders) add(folder)
  return [...names]
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
