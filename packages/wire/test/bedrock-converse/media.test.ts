/** Files that Bedrock does not read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bedrockConverse, custom, WireError } from '../../src/index.ts'

for (const kind of ['spreadsheet', 'text', 'presentation']) {
  test(`an OpenDocument ${kind} is refused, and goes under no other name`, () => {
    const mediaType = `application/vnd.oasis.opendocument.${kind}`
    const sheet = { type: 'media', mediaType, source: { type: 'base64', base64: 'AAAA' } } as const
    const messages = [{ role: 'user', content: [sheet] }] as const
    assert.throws(
      () => bedrockConverse.encodeRequest({ model: 'm', messages, stream: false }, custom),
      (error) => error instanceof WireError && error.path === 'messages[0].content[0]',
    )
  })
}
