/** docs/configuration.md and docs/configuration.schema.json say what the code reads, all of it and nothing else. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Validator } from '@cfworker/json-schema'
import { load } from 'js-yaml'
import { readConfiguration } from '../../src/config/read.ts'
import { configurationSchema } from '../../src/config/schema.ts'
import { sections } from './field-rows.ts'

const docs = join(import.meta.dirname, '../../../../docs')
const text = readFileSync(join(docs, 'configuration.md'), 'utf8')
const schema = readFileSync(join(docs, 'configuration.schema.json'), 'utf8')

test('the schema is that of the shapes', () => {
  assert.deepEqual(JSON.parse(schema), configurationSchema())
})

describe('each field has its row', () => {
  for (const [heading, rows] of sections)
    test(heading, () => {
      const [, section = ''] = text.split(new RegExp(`^##+ ${heading}$`, 'm'))
      const table = section
        .split(/^##+ /m)[0]
        ?.split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => line.replaceAll(/ +/g, ' '))
      assert.deepEqual(table, rows)
    })
})

describe('each example', () => {
  const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml)
  const environment = Object.fromEntries(
    [...text.matchAll(/env:([A-Z_]+)/g)].map(([, name = '']) => [
      name,
      name === 'DATABASE_URL' ? 'postgres://u:p@h/d' : 'x',
    ]),
  )
  const known = { ...environment, GROQ_API_KEY: 'x', OPENAI_API_KEY: 'x' }
  for (const [index, yaml] of examples.entries()) {
    test(`${index} is read`, () => {
      const { providers, models } = readConfiguration(yaml, {
        file: 'playhead.yaml',
        environment: known,
        home: 'home',
      })
      for (const { endpoints } of models.values())
        for (const { provider } of endpoints) assert.ok(providers.has(provider))
    })
    test(`${index} fits the schema`, () => {
      // oxlint-disable-next-line no-unsafe-type-assertion -- the validator's type of a schema
      const { valid, errors } = new Validator(JSON.parse(schema) as object, '2020-12').validate(load(yaml))
      assert.ok(valid, JSON.stringify(errors.at(-1)))
    })
  }
  test('there is one', () => assert.ok(examples.length > 0))
})
