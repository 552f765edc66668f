/** docs/map.md is true: its lists are the files that there are, and its main path is the imports' own. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { currentMap } from '../scripts/map.ts'

const root = join(import.meta.dirname, '..')
const map = readFileSync(join(root, 'docs/map.md'), 'utf8')

test('the lists are up to date (npm run map writes them)', () => assert.equal(map, currentMap()))

const steps = [...map.matchAll(/^(\d+)\. `(packages\/[^`]+)`/gm)].map(([, number, file]) => ({
  number,
  file: file ?? '',
}))

for (const [index, { number, file }] of steps.entries()) {
  const next = steps[index + 1]
  if (next === undefined || next.number === '1' || number === undefined) continue
  test(`${file} imports ${next.file}`, () => {
    const source = readFileSync(join(root, file), 'utf8')
    const imported = [...source.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(
      ([, specifier]) => specifier ?? '',
    )
    const isImported = imported.some((specifier) => resolves(specifier, file, next.file))
    assert.ok(isImported, `${file} imports only ${imported.join(', ')}`)
  })
}

/** A package's name leads to its index, and so to all of it. */
function resolves(specifier: string, from: string, to: string): boolean {
  const name = /^@playhead\/(\w+)$/.exec(specifier)?.[1]
  if (name !== undefined) return to.startsWith(`packages/${name}/`)
  return join(dirname(from), specifier) === to
}
