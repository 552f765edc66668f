/** Every dependency is one exact version, and has its line in AGENTS.md, which has none that is gone. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifests = ['.', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)].map(
  (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest,
)

/** Our own packages aside; by peers a program says what it gets along with, so theirs may be ranges. */
const installed = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([name]) => !name.startsWith('@playhead/'),
  ),
)
const peers = manifests.flatMap(({ peerDependencies }) => Object.keys(peerDependencies ?? {}))

/** The first cells of the table in AGENTS.md; `@scope/*` stands for all of a scope. */
const cells = readFileSync(join(root, 'AGENTS.md'), 'utf8')
  .split('## Dependencies')[1]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|')[1] ?? '')
const named = (cells ?? []).flatMap((cell) => cell.match(/[^`, ]+/g) ?? [])

const isNamedBy = (name: string, entry: string): boolean =>
  entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry

test('each dependency is one exact version', () => {
  for (const [name, version] of installed)
    assert.match(version, /^(npm:[\w@/-]+@)?\d+\.\d+\.\d+[\w.-]*$/, `${name} ${version}`)
})

test('each dependency has its line in AGENTS.md, and no line is left of one that is gone', () => {
  const names = [...installed.map(([name]) => name), ...peers].filter(
    (name) => !name.startsWith('@playhead/'),
  )
  assert.deepEqual(
    names.filter((name) => !named.some((entry) => isNamedBy(name, entry))),
    [],
  )
  assert.deepEqual(
    named.filter((entry) => !names.some((name) => isNamedBy(name, entry))),
    [],
  )
})
