/** Tapes of conversations: what is recognised as the same question, and how a miss is told. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createMatcher,
  normalisersFor,
  readGoVcr,
  record,
  type RequestIdentity,
  TapeError,
} from '@playhead/tape'
import { conversation } from '@playhead/wire'
import { corporaFiles } from '../../../test/corpora.ts'

const seed = join(import.meta.dirname, '../../../examples/calculator/baseten.yaml')
const { files, skip } = corporaFiles('go-vcr', 'yaml')

function requestsIn(file: string): readonly RequestIdentity[] {
  return readGoVcr(readFileSync(file, 'utf8'), file).interactions.map(({ request }) => request)
}

interface Part {
  readonly type: string
  readonly id?: string
}

/** Of the tool calls that a request holds, as its dialect reads them. */
function idsIn(request: RequestIdentity): ReadonlySet<string> {
  const meaning = conversation.of(request) as {
    readonly messages: readonly { readonly content: readonly Part[] }[]
  }
  const parts = (meaning?.messages ?? []).flatMap(({ content }) => content)
  return new Set(parts.flatMap(({ type, id = '' }) => (type === 'tool-call' && id !== '' ? [id] : [])))
}

/** Some programs call a call what they call its tool. */
function withOtherIds(request: RequestIdentity, ids: ReadonlySet<string>): RequestIdentity {
  const known = [...ids]
  const body = String(request.body).replaceAll(
    /("\w*id":\s*)"([^"]+)"/gi,
    (whole, name: string, id: string) => (ids.has(id) ? `${name}"other_${known.indexOf(id) * 7}"` : whole),
  )
  return { ...request, body }
}

test('a run whose tool calls have other ids matches with `tool-call-ids` alone', { skip }, () => {
  const others = ['uuids', 'dates', 'whitespace']
  let count = 0
  for (const file of [seed, ...files]) {
    for (const request of requestsIn(file)) {
      const ids = idsIn(request)
      const other = withOtherIds(request, ids)
      if (ids.size === 0 || other.body === request.body) continue
      count += 1
      for (const meaning of [undefined, conversation]) {
        const isSame = (names: readonly string[]): boolean => {
          const matcher = createMatcher({ meaning, normalise: normalisersFor(names) })
          return matcher.key(request) === matcher.key(other)
        }
        assert.deepEqual([isSame([]), isSame(others), isSame(['tool-call-ids'])], [false, false, true], file)
      }
    }
  }
  assert.ok(count > 50, `${count}`)
})

/** The recorded requests of the seed, one of them changed. */
async function missed(
  change: (body: { messages: { role?: string; content: string }[]; [field: string]: unknown }) => void,
): Promise<string> {
  const [first, second] = requestsIn(seed)
  assert.ok(first !== undefined && second !== undefined)
  const recorder = await record(seed, { mode: 'replay', meaning: conversation })
  await (await recorder.fetch(first.url, { method: 'POST', body: String(first.body) })).text()
  const body = JSON.parse(String(second.body)) as Parameters<typeof change>[0]
  change(body)
  const asked = recorder.fetch(second.url, { method: 'POST', body: JSON.stringify(body) })
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error === null || error instanceof TapeError, String(error))
  return error?.message ?? 'a hit'
}

const start = `${seed}: no recorded interaction answers POST https://openrouter.ai/api/v1/chat/completions; nearest is interaction 1:`
const course =
  'interaction 0 was replayed before, as recorded; here the run goes another way than interaction 1'
const last = 'mode "new" records it'

test('a miss is told in the words of the conversation, with the step that went another way', async () => {
  const said = await missed((body) => {
    body.messages = body.messages.map((message, index) =>
      index === 3 ? { ...message, content: '6' } : message,
    )
    body['model'] = 'm'
  })
  const lines = ['model: moonshotai/kimi-k2-0905 → m', 'message 4 (tool), result of `add`: 5 → 6']
  assert.equal(said, [start, ...lines, course, last].join('\n  '))
})

test('a message that is new is told, and no secret that a request names as one', async () => {
  const said = await missed((body) => {
    body.messages.push({ role: 'user', content: 'And sk-or-v1-0123456789abcdef0123456789abcdef?' })
    body['api_key'] = 'canary-in-a-field'
  })
  assert.match(said, /\n {2}message 5 is new: user: "And /)
  assert.doesNotMatch(said, /canary|0123456789abcdef/)
})

test('another way to write the same question is a hit', async () => {
  const said = await missed((body) => {
    const { max_tokens: limit, ...rest } = body
    for (const name of Object.keys(body)) Reflect.deleteProperty(body, name)
    Object.assign(body, { max_completion_tokens: limit }, rest)
  })
  assert.equal(said, 'a hit')
})
