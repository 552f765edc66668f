/** What is documented of the native tape is so. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Schema, Validator } from '@cfworker/json-schema'
import * as fc from 'fast-check'
import { factTypes } from '../src/native/format.ts'
import { openNativeTape } from '../src/native/read.ts'
import { anyExchange } from './native-exchanges.ts'
import { newTape, openJournal, readAll, recordAll } from './native-tape.ts'

const docs = join(import.meta.dirname, '../../../docs')
const schema = JSON.parse(readFileSync(join(docs, 'tape-format.schema.json'), 'utf8')) as Schema
const guide = readFileSync(join(docs, 'tape-format.md'), 'utf8')
const validator = new Validator(schema, '2020-12')

test('every line that is recorded is as the schema says', async (t) => {
  const file = newTape(t)
  await fc.assert(
    fc.asyncProperty(fc.array(anyExchange, { maxLength: 3 }), async (exchanges) => {
      const journal = await openJournal(file, 'replace')
      recordAll(journal, exchanges)
      await journal.close()
      for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
        const { valid, errors } = validator.validate(JSON.parse(line))
        assert.ok(valid, `${line}\n${JSON.stringify(errors)}`)
      }
    }),
    { numRuns: 50 },
  )
})

test('the schema and the table name every type of line', () => {
  for (const type of ['tape', ...factTypes]) {
    assert.ok(!validator.validate({ type }).valid, type)
    assert.match(guide, new RegExp(`^\\| \`${type}\``, 'm'))
  }
  assert.ok(validator.validate({ type: 'note' }).valid)
})

test('the example is a tape', (t) => {
  const file = newTape(t)
  writeFileSync(file, /```jsonl\n([^`]*)```/.exec(guide)?.[1] ?? '')
  const [interaction] = readAll(file)
  assert.equal(interaction?.request.body, '{"model":"m","stream":true}')
  assert.equal(interaction.response?.body, 'data: {"choices":[]}\n\ndata: [DONE]\n\n')
  assert.deepEqual(interaction.ending, { type: 'end', at: 520.911 })
  using tape = openNativeTape(file)
  assert.deepEqual([tape.warnings, tape.sizeAt(0)], [[], 36])
})
