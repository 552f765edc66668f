/** Faults over recorded streams: each is what its dialect calls an error, and none is a short answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fault, openCassette, record, type RecordedRequest } from '@playhead/tape'
import { type Answer, conversation, type Failure, understand } from '@playhead/wire'
import { corporaFiles } from '../../../test/corpora.ts'

const { files, skip } = corporaFiles('go-vcr', 'yaml')
/** Enough to have every dialect, and quick. */
const some = files.filter((_, index) => index % 12 === 0)

/** What a client makes of an interaction that meets a fault. */
async function outcomeOf(file: string, place: number, fault: Fault): Promise<Outcome> {
  using cassette = await openCassette(file)
  assert.ok(cassette)
  const { request } = cassette.at(place)
  await using recorder = await record(file, {
    mode: 'replay',
    meaning: conversation,
    faults: [{ ...fault, at: place, times: 'always' }],
  })
  for (let before = 0; before < place; before += 1) await take(recorder, cassette.at(before).request)
  return decoded(request, await take(recorder, request))
}

async function take(
  recorder: Awaited<ReturnType<typeof record>>,
  request: RecordedRequest,
): Promise<Response> {
  const { method, url, headers, body } = request
  return recorder.fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  })
}

type Outcome = Answer | Failure | null

async function decoded(request: RecordedRequest, response: Response): Promise<Outcome> {
  const headers = [...response.headers]
  const { status } = response
  let body: Uint8Array = new Uint8Array()
  let ending = { type: 'end' }
  try {
    for await (const chunk of response.body ?? []) body = Buffer.concat([body, chunk])
  } catch {
    ending = { type: 'error' }
  }
  return understand({ request, response: { status, headers, body }, ending }).outcome
}

function failed(outcome: Outcome, place: string): Failure {
  assert.ok(outcome?.type === 'failure', `${place}: ${outcome?.type}`)
  return outcome
}

test('in the words of every dialect', { skip }, async () => {
  const dialects = new Map<string, number>()
  for (const file of some) {
    using cassette = await openCassette(file)
    assert.ok(cassette)
    for (const interaction of cassette) {
      const { dialect, isStream, outcome } = understand(interaction)
      if (dialect === null || !isStream || outcome?.type !== 'answer') continue
      const known = dialects.get(dialect.name) ?? 0
      // Of one program's calls, a few say all.
      if (known >= 8) continue
      dialects.set(dialect.name, known + 1)
      const place = `${file} #${interaction.id}, ${dialect.name}`
      const { id } = interaction
      const limited = await outcomeOf(file, id, { type: 'status', status: 429, retryAfter: 3 })
      const { code, retryAfter, message } = failed(limited, place)
      assert.deepEqual([code, retryAfter, message], ['rate-limited', 3000, 'HTTP status 429'], place)
      const said = failed(
        await outcomeOf(file, id, { type: 'error-event', events: 1, message: 'Broken here' }),
        place,
      )
      assert.equal(said.message, 'Broken here', place)
      assert.equal(said.code, 'server', place)
      for (const fault of [
        { type: 'cut', bytes: 20 },
        { type: 'reset', bytes: 20 },
      ] as const) {
        failed(await outcomeOf(file, id, fault), `${place}: ${fault.type}`)
      }
    }
  }
  assert.ok(dialects.size >= 5, [...dialects.keys()].join(', '))
})
