/** docs/dialects.md is true: it is what the code does. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { currentDocument } from '../scripts/dialects.ts'

const file = join(import.meta.dirname, '../docs/dialects.md')

test('the tables are up to date (npm run dialects writes them)', () =>
  assert.equal(readFileSync(file, 'utf8'), currentDocument()))
