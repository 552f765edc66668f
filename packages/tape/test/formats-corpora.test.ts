/** The laws of reading what other tools recorded, over real recordings. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { corporaFiles } from '../../../test/corpora.ts'
import { readExchanges } from '../../wire/test/cassettes.ts'
import type { Cassette } from '../src/cassette.ts'
import { TapeError } from '../src/error.ts'
import { readCassette } from '../src/formats/read.ts'
import { toHeaders } from '../src/http.ts'
import type { HeaderList, Interaction } from '../src/interaction.ts'

const { skip } = corporaFiles('.', 'yaml')
const files = ['yaml', 'yml', 'har', 'json'].flatMap((extension) => corporaFiles('.', extension).files)

const webSocket = /it holds the messages of a WebSocket/
const grpc = /it holds messages of gRPC/

/** What is no recording of HTTP, and what is said of it. */
const refused: ReadonlyMap<string, RegExp> = new Map([
  ['test_message_history_seeding.yaml', webSocket],
  ['test_history_seeding_parity[xai-current].yaml', webSocket],
  ['test_history_seeding_parity[xai-pinned].yaml', webSocket],
  ['test_webrtc_sideband_text_turn.yaml', webSocket],
  ['test_input_audio_retention_segments_three_server_vad_turns.yaml', webSocket],
  ['test_text_in_audio_out_turn.yaml', webSocket],
  ['test_xai_request_structured_response_native_output.xai.yaml', grpc],
  ['test_multimodal_tool_return_matrix[direct-uploaded_file-document-xai].xai.yaml', grpc],
  ['test_multimodal_tool_return_matrix[direct-url-audio-xai].xai.yaml', grpc],
  ['test_client_real_agent_span.yaml', /it is no cassette of a format that is known/],
])

const formatOfFolder = [
  [/\/go-vcr\//, 'go-vcr'],
  [/\/ruby-vcr\//, 'ruby-vcr'],
  [/\/dd\//, 'dd-trace'],
  [/\.har$/, 'har'],
  [/\/(vcrpy|mixed)\//, 'vcrpy'],
] as const

function read(file: string): Cassette | TapeError {
  try {
    return readCassette(readFileSync(file), file)
  } catch (error) {
    if (error instanceof TapeError) return error
    throw error
  }
}

test('every file is read as what it is, or refused with one line that says what it is', { skip }, () => {
  assert.ok(files.length > 0)
  for (const file of files) {
    const cassette = read(file)
    const message = refused.get(basename(file))
    if (message !== undefined) {
      assert.ok(cassette instanceof TapeError, file)
      assert.match(cassette.message, message)
      assert.ok(cassette.message.startsWith(`${file}: `) && !cassette.message.includes('\n'), file)
    } else {
      assert.ok(!(cassette instanceof TapeError), file)
      assert.equal(cassette.format, formatOfFolder.find(([folder]) => folder.test(file))?.[1], file)
      assert.deepEqual(cassette.warnings, [], file)
    }
  }
})

/** One file that Python reads and no YAML parser of ours does: an independent reading of it needs Python. */
const unreadableToOthers = /test_writer_chat_tool_calls_legacy\.yaml$/

test('an independent reader finds the same exchanges in every file', { skip }, () => {
  for (const file of files) {
    if (refused.has(basename(file)) || unreadableToOthers.test(file)) continue
    const others = readExchanges(file)
    const cassette = readCassette(readFileSync(file), file)
    assert.equal(cassette.length, others.length, file)
    for (const [place, { id, request, response }] of [...cassette].entries()) {
      const other = others[place]
      assert.ok(other !== undefined && response !== null)
      assert.equal(id, place)
      assert.deepEqual([request.method, request.url], [other.method, other.url], file)
      assert.equal(response.status, other.status, file)
      assert.deepEqual(meaning(request.body), meaning(other.requestBody), file)
      assert.deepEqual(meaning(response.body), meaning(other.body), file)
      assert.deepEqual(plainHeaders(response.headers), plainHeaders([...other.headers]), file)
    }
  }
})

/** JSON by its value: some files hold it parsed, and the other reader writes its numbers in its own way. */
function meaning(body: Interaction['request']['body']): unknown {
  const text = Buffer.from(body).toString()
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** Those that do not say how the body was packed, as the platform joins them. */
function plainHeaders(headers: HeaderList): readonly (readonly [string, string])[] {
  const clean = headers.map(([name, value]) => [name, value.replace(/[^\t\x20-\x7e]/g, '')] as const)
  return [...toHeaders(clean)].filter(
    ([name]) => !/^(content-encoding|content-length|transfer-encoding)$/.test(name),
  )
}

test('no body is left packed, and no header says that one is', { skip }, () => {
  for (const file of files) {
    if (refused.has(basename(file))) continue
    for (const { response } of readCassette(readFileSync(file), file)) {
      const bytes = Buffer.from(response?.body ?? '')
      assert.ok(bytes[0] !== 0x1f || bytes[1] !== 0x8b, file)
      if (/\/go-vcr\//.test(file)) continue
      assert.equal(toHeaders(response?.headers ?? []).get('content-encoding'), null, file)
    }
  }
})
