/** Writes docs/configuration.schema.json: the JSON Schema of `playhead.yaml`, of the shapes that read it. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationSchema } from '../packages/gateway/src/config/schema.ts'

const root = join(import.meta.dirname, '..')
const file = join(root, 'docs/configuration.schema.json')

writeFileSync(file, JSON.stringify(configurationSchema(), null, 2))
execFileSync(join(root, 'node_modules/.bin/oxfmt'), [file], { cwd: root })
