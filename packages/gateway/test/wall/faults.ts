/** The fault wall's rows: what an upstream does, and what a client and the account must see of it. */
import assert from 'node:assert/strict'
import type { Recorded } from '../recorded.ts'
import { type Act, refusal, type Upstream } from '../upstream.ts'
import type { Form, Seen } from './ask.ts'

/** What goes wrong. */
export interface Fault {
  readonly name: string
  /** What must be seen. */
  readonly expects: string
  readonly forms: readonly Form[]
  /** Whether it is all about the account. */
  readonly needsAccount?: true
  /** Throws an AssertionError for what is not as it must be. */
  readonly check: (scene: Scene) => Promise<unknown>
}

/** One fault in one form: two upstreams that nobody has asked yet, and a gateway that has them in this order. */
export interface Scene {
  readonly form: Form
  readonly primary: Upstream
  readonly fallback: Upstream
  /** What the primary says when it answers, and the fallback. They differ. */
  readonly answers: { readonly primary: Recorded; readonly fallback: Recorded }
  /** Asks a question; `more` are further fields of the request. */
  ask(more?: object): Promise<Seen>
  /** What the gateway's account says of an answer, once it is closed; null where it has none to ask. */
  account(seen: Seen): Promise<Account | null>
}

/** What `GET /generation` says. */
export interface Account {
  readonly provider: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  /** Dollars, as they were written. */
  readonly cost: string
  /** The status of each attempt, in order; null where none came. */
  readonly attempts: readonly (number | null)[]
}

const both: readonly Form[] = ['json', 'stream']

const message = 'Rate limit reached'
const context = refusal(400, "This model's maximum context length is 131072 tokens.", {
  code: 'context_length_exceeded',
})
const refused = refusal(400, 'The prompt was refused by our content policy.', { code: 'content_filter' })

/** All of them. */
export const faults: readonly Fault[] = [
  {
    name: '429 with Retry-After',
    expects: 'the fallback answers; until then the primary is not asked again',
    forms: both,
    async check(scene) {
      await failsOver(scene, refusal(429, message, { headers: { 'retry-after': '30' } }))
      const again = await scene.ask()
      assertWhole(again, scene.answers.fallback.text)
      assertAsked(scene, 1, 2)
    },
  },
  {
    name: '429 without Retry-After',
    expects: 'the fallback answers; one request each',
    forms: both,
    check: (scene) => failsOver(scene, refusal(429, message)),
  },
  {
    name: '500 once',
    expects: 'a whole answer, by a second request to either',
    forms: both,
    async check(scene) {
      const { primary, fallback, answers } = scene
      primary.play(refusal(500, 'Internal error'), answer(answers.primary))
      fallback.play(answer(answers.fallback))
      const seen = await scene.ask()
      assertWhole(seen, answers.primary.text, answers.fallback.text)
      assert.equal(primary.requests.length + fallback.requests.length, 2)
    },
  },
  {
    name: '503',
    expects: 'the fallback answers; one request each',
    forms: both,
    check: (scene) => failsOver(scene, refusal(503, 'Overloaded')),
  },
  {
    name: 'reset',
    expects: 'the fallback answers; one request each',
    forms: both,
    check: (scene) => failsOver(scene, { type: 'reset' }, [null, 200]),
  },
  {
    name: 'no answer',
    expects: 'the fallback answers; the primary is hung up on',
    forms: both,
    async check(scene) {
      await failsOver(scene, { type: 'silence' }, [null, 200])
      await assertLeft(scene.primary)
    },
  },
  {
    name: 'first token late',
    expects: 'the fallback answers; the primary is hung up on',
    forms: both,
    async check(scene) {
      await failsOver(scene, { type: 'late-token', recorded: scene.answers.primary }, [200, 200])
      await assertLeft(scene.primary)
    },
  },
  {
    name: 'cut mid-stream',
    expects: 'an error event behind what had come; JSON: the fallback answers',
    forms: both,
    check: (scene) => breaksOff(scene, { type: 'cut', recorded: scene.answers.primary, events: 5 }),
  },
  {
    name: 'stall',
    expects: 'an error event behind what had come; JSON: the fallback answers; the primary is hung up on',
    forms: both,
    async check(scene) {
      await breaksOff(scene, { type: 'stall', recorded: scene.answers.primary, events: 5 })
      await assertLeft(scene.primary)
    },
  },
  {
    name: 'malformed event',
    expects: 'an error event behind what had come, and nothing that is no JSON; JSON: the fallback answers',
    forms: both,
    check: (scene) => breaksOff(scene, { type: 'malformed', recorded: scene.answers.primary, events: 5 }),
  },
  {
    name: 'missing end',
    expects: 'an error event behind what had come, never a clean end; JSON: the fallback answers',
    forms: both,
    check: (scene) => breaksOff(scene, { type: 'no-end', recorded: scene.answers.primary, events: 5 }),
  },
  {
    name: 'context length',
    expects: 'the same model is not asked again: an error that says why, or another model answers',
    forms: both,
    async check(scene) {
      const { primary, fallback, answers } = scene
      primary.play(context)
      fallback.play(answer(answers.fallback))
      const seen = await scene.ask()
      assert.equal(primary.requests.length, 1, 'requests to the primary')
      if (seen.ending === 'whole') return assert.equal(seen.text, answers.fallback.text)
      assert.ok(seen.status === 400 && seen.ending === 'error', `wanted 400, saw ${shown(seen)}`)
      assert.match(seen.error ?? '', /context/i)
      assert.equal(fallback.requests.length, 0, 'requests to the fallback')
    },
  },
  {
    name: 'content filter',
    expects: 'the refusal reaches the client, as a finish reason and as an error; nobody else is asked',
    forms: both,
    async check(scene) {
      const { primary, fallback, answers } = scene
      fallback.play(answer(answers.fallback))
      primary.play(answer(filteredFrom(answers.primary)))
      const stopped = await scene.ask()
      assertWhole(stopped, answers.primary.text)
      assert.equal(stopped.finishReason, 'content_filter')
      assertAsked(scene, 1, 0)
      primary.play(refused)
      const seen = await scene.ask()
      assert.ok([400, 403].includes(seen.status), `wanted 400 or 403, saw ${shown(seen)}`)
      assert.match(seen.error ?? '', /content/i)
      assertAsked(scene, 1, 0)
    },
  },
  {
    name: 'fallback that refuses the history',
    expects: "the primary's reasoning is not sent to a fallback that would refuse it: it answers",
    forms: both,
    async check(scene) {
      const { primary, fallback, answers } = scene
      primary.play(refusal(503, 'Overloaded'))
      fallback.play({
        type: 'choose',
        choose: ({ text }) =>
          /"(reasoning|reasoning_details|reasoning_content)"/.test(text)
            ? refusal(400, 'messages.1: property "reasoning" is unsupported', {
                code: 'invalid_request_error',
              })
            : answer(answers.fallback),
      })
      const seen = await scene.ask({ messages: reasonedHistory })
      assertWhole(seen, answers.fallback.text)
      assertAsked(scene, 1, 1)
    },
  },
  {
    name: 'flapping provider',
    expects: 'every request is answered whole, none is sent twice to one upstream',
    forms: both,
    async check(scene) {
      const { primary, fallback, answers } = scene
      const turns = Array.from({ length: 20 }, (_, turn) => turn)
      const acts = turns.map((turn) =>
        Math.floor(turn / 2) % 2 === 0 ? refusal(503, 'Overloaded') : answer(answers.primary),
      )
      primary.play(...acts)
      fallback.play(answer(answers.fallback))
      for (const _ of turns) {
        const seen = await scene.ask()
        assertWhole(seen, answers.primary.text, answers.fallback.text)
      }
      const failed = acts.slice(0, primary.requests.length).filter(({ type }) => type === 'refusal').length
      assert.equal(primary.requests.length + fallback.requests.length, turns.length + failed)
    },
  },
  {
    name: 'accounting of the fallback',
    expects: 'tokens, price and provider are those of who answered; every attempt is told',
    forms: both,
    needsAccount: true,
    async check(scene) {
      const seen = await failsOver(scene, refusal(500, 'Internal error'))
      const account = (await scene.account(seen)) ?? assert.fail('there is no account')
      assert.match(account.provider ?? '', /fallback/i)
      assert.deepEqual(account.attempts, [500, 200])
      const { usage, cost } = scene.answers.fallback.answer
      assert.deepEqual([account.inputTokens, account.outputTokens], [usage?.inputTokens, usage?.outputTokens])
      assert.equal(Number(account.cost), Number(cost))
      assert.equal(Number(seen.usage?.cost), Number(cost), 'what the client was told')
    },
  },
]

/** The fallback's answer reaches the client as if nothing had been; each is asked once. The account says so. */
async function failsOver(scene: Scene, act: Act, attempts?: Account['attempts']): Promise<Seen> {
  const { primary, fallback, answers } = scene
  primary.play(act)
  fallback.play(answer(answers.fallback))
  const seen = await scene.ask()
  assertWhole(seen, answers.fallback.text)
  assertAsked(scene, 1, 1)
  const status = act.type === 'refusal' ? act.status : null
  const account = await scene.account(seen)
  if (account === null) return seen
  assert.deepEqual(account.attempts, attempts ?? [status, 200], 'attempts of the account')
  assert.equal(Number(account.cost), Number(answers.fallback.answer.cost), 'cost of the account')
  return seen
}

/** A stream that has begun ends in an error event behind what had come; a plain answer is the fallback's. */
async function breaksOff(scene: Scene, act: Act): Promise<void> {
  if (scene.form === 'json') return void (await failsOver(scene, act, [200, 200]))
  const { primary, fallback, answers } = scene
  primary.play(act)
  fallback.play(answer(answers.fallback))
  const seen = await scene.ask()
  // To go on with another endpoint's words is as good as to say that it broke off.
  if (seen.ending === 'whole') {
    assert.ok(seen.text.endsWith(answers.fallback.text), `a clean end: ${shown(seen)}`)
    return
  }
  assert.ok(
    seen.status === 200 && seen.ending === 'error',
    `wanted 200 and an error event, saw ${shown(seen)}`,
  )
  assert.ok(seen.text !== '' && answers.primary.text.startsWith(seen.text), `what came first: ${seen.text}`)
  assert.equal(seen.malformed, 0, 'events that are no JSON')
  assertAsked(scene, 1, 0)
  const account = await scene.account(seen)
  if (account === null) return
  assert.deepEqual(account.attempts, [200], 'attempts of the account')
  const most = Number(answers.primary.answer.cost)
  assert.ok(Number(account.cost) <= most, `${account.cost} is more than the whole answer's ${most}`)
  assert.ok(account.outputTokens > 0, 'what was written is counted')
}

function assertWhole(seen: Seen, ...texts: readonly string[]): void {
  const isOne = seen.status === 200 && seen.ending === 'whole' && texts.includes(seen.text)
  assert.ok(isOne, `wanted 200, whole, "${texts[0]}", saw ${shown(seen)}`)
}

function shown({ status, ending, error, text }: Seen): string {
  return `${status}, ${ending}, "${text}"${error === null ? '' : `: ${error}`}`
}

function answer(recorded: Recorded): Act {
  return { type: 'answer', recorded }
}

function assertAsked({ primary, fallback }: Scene, first: number, second: number): void {
  const asked = `${primary.requests.length} and ${fallback.requests.length}`
  assert.equal(asked, `${first} and ${second}`, `wanted ${first} and ${second} requests, saw ${asked}`)
}

/** Whoever gave up waiting for an upstream has closed its connection. */
async function assertLeft({ requests }: Upstream): Promise<void> {
  for (let turn = 0; turn < 200 && requests[0]?.hasLeft !== true; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.ok(requests[0]?.hasLeft, 'the primary still sends: nobody hung up')
}

/** The same answer, stopped by a filter. */
function filteredFrom(recorded: Recorded): Recorded {
  return { ...recorded, frames: recorded.frames.map(filtered), plain: filtered(recorded.plain) }
}

function filtered(text: string): string {
  return text.replaceAll(/"((?:native_)?finish_reason)":"stop"/g, '"$1":"content_filter"')
}

/** A conversation whose answer was reasoned about by a model that signs what it thinks. */
const reasonedHistory = [
  { role: 'user', content: 'Add 2 and 3' },
  {
    role: 'assistant',
    content: '5',
    reasoning: 'Two and three.',
    reasoning_details: [
      {
        type: 'reasoning.text',
        text: 'Two and three.',
        signature: 'c2ln',
        format: 'anthropic-claude-v1',
        index: 0,
      },
    ],
  },
  { role: 'user', content: 'And multiply them' },
]
