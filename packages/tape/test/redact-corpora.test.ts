/** Redaction over real recordings: what is no secret is kept byte for byte, and what is one is found. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { corporaFiles } from '../../../test/corpora.ts'
import { bytesOf } from '../src/http.ts'
import { type Cassette, createRedaction, findSecrets, openCassette, scrub, TapeError } from '../src/index.ts'

const { skip } = corporaFiles('.', 'yaml')
const files = ['yaml', 'yml', 'har', 'json'].flatMap((extension) => corporaFiles('.', extension).files)
const redaction = createRedaction({ env: {} })

/** All secrets of the corpora besides the users that OpenRouter names in its errors. */
const known = [
  // Where browsers report to, with a public key.
  ...[
    'datadog-experiments_api_v2_llm-obs_v1_d19a67cc-ea11-4472-ac84-269366306a3e_datasets_filter_name__dd-trace-js-experiments-vcr-client-client-dataset_get_093dbdc8.json',
    'datadog-experiments_api_v2_llm-obs_v1_experiments_d9af753d-be9c-4e9f-99a9-76beae7783ba_events_post_c83481ef.json',
    'datadog-experiments_api_v2_llm-obs_v1_experiments_ec6d3a8c-dca8-43b7-97bd-f8bdcabf8b9c_patch_73269f01.json',
  ].map((name) => `${name}#0 response header content-security-policy: credential`),
  // Cloudflare's cookie; a key that was made up to be refused.
  'test_anthropic_native_tool_search_round_trip.yaml#1 request header cookie: credential',
  'chat_error_handling_with_anthropic_claude-haiku-4-5_raises_appropriate_auth_error.yml#0 request header x-api-key: credential',
]

async function* cassettes(): AsyncGenerator<Cassette> {
  for (const file of files) {
    const cassette = await openCassette(file).catch((error: unknown) => {
      if (error instanceof TapeError) return undefined
      throw error
    })
    if (cassette !== undefined) yield cassette
  }
}

test('in all recordings there are few secrets, and each of them is found', { skip }, async () => {
  const found: string[] = []
  for await (const cassette of cassettes()) {
    for (const { id, where, name } of findSecrets(cassette, redaction)) {
      if (name === 'account' && where === 'response body' && cassette.format === 'go-vcr') continue
      found.push(`${basename(cassette.file)}#${id} ${where}: ${name}`)
    }
  }
  assert.deepEqual(found.toSorted(), known.toSorted())
})

test(
  'a recording without secrets is the same one when it is scrubbed, and no other one twice',
  { skip },
  async () => {
    for await (const cassette of cassettes()) {
      for (const interaction of cassette) {
        const once = scrub(interaction, redaction)
        if (once.changes.length === 0) assert.equal(once.interaction, interaction)
        const twice = scrub(once.interaction, redaction)
        assert.deepEqual(twice.changes, [])
        assert.equal(twice.interaction, once.interaction)
      }
    }
  },
)

test('every recorded body is redacted alike in pieces and as a whole', { skip }, async () => {
  let size = 1
  for await (const cassette of cassettes()) {
    for (const { request, response } of cassette) {
      if (response === null || response.body.length === 0) continue
      const exchange = redaction.exchange(request.url, request.headers)
      const body = exchange.response(response.headers)
      const whole = bytesOf(exchange.body(response.body, response.headers))
      const bytes = bytesOf(response.body)
      const pieces: Uint8Array[] = []
      for (let start = 0; start < bytes.length; start += size)
        pieces.push(
          ...body.push({ bytes: bytes.subarray(start, start + size), at: start }).map((one) => one.bytes),
        )
      pieces.push(...body.end(false).map((one) => one.bytes))
      assert.equal(pieces.length, Math.ceil(bytes.length / size))
      assert.ok(Buffer.concat(pieces).equals(whole), `${cassette.file}: ${request.url}`)
      size = (size % 97) + 1
    }
  }
})
