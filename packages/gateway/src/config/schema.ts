/** The JSON Schema of `playhead.yaml`, for editors: of the same shapes that read it. */
import type { JsonObject } from '@playhead/wire'
import { file } from './fields.ts'

/** As docs/configuration.schema.json has it. */
export function configurationSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'playhead.yaml',
    description: 'What the gateway `playhead serve` is set to.',
    ...file.schema,
  }
}
