/** Every recorded request for a chat completion is written again as it was sent, but for what is listed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openaiChat, openaiChatDialect, type Provider, providerOf } from '../../src/index.ts'
import type { Unread } from '../../src/json.ts'
import { corpora, seeds, skip } from '../recordings.ts'
import { chatNormalisations } from './normalisations.ts'

const { server } = openaiChatDialect
const recordings = [...seeds, ...corpora]

test('it is the same request, but for what is listed', { skip }, () => {
  for (const { name, requestBody, response } of recordings) {
    const sent = JSON.parse(requestBody) as Unread
    const written = openaiChat.encodeRequest(
      server.decodeRequest(sent, ''),
      plainly(providerOf(response.url)),
    )
    assert.deepEqual(normalised(JSON.parse(written) as Unread), normalised(sent), name)
  }
})

test('it is read again as what it was', { skip }, () => {
  for (const { name, requestBody, response } of recordings) {
    const request = server.decodeRequest(JSON.parse(requestBody), '')
    const written = openaiChat.encodeRequest(request, plainly(providerOf(response.url)))
    assert.deepEqual(server.decodeRequest(JSON.parse(written), ''), request, name)
  }
})

/** Without the fields that its requests always carry. */
function plainly(provider: Provider): Provider {
  return { ...provider, quirks: { ...provider.quirks, body: {} } }
}

function normalised(body: Unread): Unread {
  return chatNormalisations.reduce((sofar, { apply }) => apply(sofar), body)
}
