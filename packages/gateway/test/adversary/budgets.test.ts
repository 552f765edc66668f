/** Clients that want more than they pay for: what is spent stays within what was reserved, and is written down. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { untilSettled } from '../load/told.ts'
import {
  type Attack,
  answer,
  cappedKey,
  frames,
  json,
  ledgerOf,
  question,
  standingOf,
  startAttack,
} from './attacking.ts'

/** Answers with as many tokens as it is allowed, in all: what the dearest client gets. */
function greedy(attack: Attack): void {
  attack.play = (response, text, request) => {
    const body = JSON.parse(text) as Record<string, number | undefined>
    const each = Math.max(body['max_tokens'] ?? 0, body['max_completion_tokens'] ?? 0)
    const usage = { prompt_tokens: text.length, completion_tokens: each * (body['n'] ?? 1) }
    json(answer({ usage }))(response, text, request)
  }
}

/** What clients say of how much they want, in all the ways that could be misread. */
const wishes: readonly string[] = [
  '"max_tokens":100',
  '"max_tokens":10,"max_tokens":100000',
  '"max_tokens":100000,"max_tokens":10',
  '"max_tokens":10,"max_completion_tokens":100000',
  '"max_completion_tokens":10,"max_tokens":100000',
  '"max_tokens":10,"\\u006dax_tokens":100000',
  '"max_tokens":10,"max_completion_tokens":null',
  '"max_tokens":1e3',
  '"max_tokens":1000,"n":10',
  '"max_tokens":6000,"n":10',
  '"n":128',
  '"n":1,"n":100',
  '"n":100,"n":1,"max_tokens":50',
  '"max_tokens":9007199254740991',
  '',
]

for (const contextLength of [undefined, 8192]) {
  const known = contextLength === undefined ? 'unknown' : `of ${contextLength}`
  for (const wish of wishes) {
    test(`{${wish}} takes no more than was reserved, with a context ${known}`, async () => {
      await using attack = await startAttack(contextLength === undefined ? {} : { contextLength })
      greedy(attack)
      const { key, record } = await cappedKey(attack, 1_000_000n)
      const more = wish === '' ? '' : `,${wish}`
      const said = await attack.said(`{"model":"m/m","messages":[{"role":"user","content":"Hi"}]${more}}`, {
        key,
      })
      if (!said.startsWith('200 ')) return assert.match(said, /^4\d\d /)
      const { cost, boundMoney, boundTokens, inputTokens, outputTokens } = await ledgerOf(attack, record)
      assert.ok(cost > 0n && cost <= boundMoney, `${cost} of ${boundMoney}`)
      assert.ok(
        inputTokens + outputTokens <= boundTokens,
        `${inputTokens} + ${outputTokens} of ${boundTokens}`,
      )
      return undefined
    })
  }
}

for (const wish of ['-1', '0', '1.5', '"10"', '1e400', 'true', '[]', '{}', '1e16'])
  test(`max_tokens: ${wish} is no number of tokens`, async () => {
    await using attack = await startAttack()
    assert.match(await attack.said(`{"model":"m/m","messages":[],"max_tokens":${wish}}`), /^400 .*max_tokens/)
    assert.deepEqual(attack.asked, [])
  })

test('of two inputs of an embedding the one that was counted goes on', async () => {
  await using attack = await startAttack()
  attack.play = json({ data: [], usage: { prompt_tokens: 1 } })
  const body = `{"model":"m/m","input":"${'dear '.repeat(100)}","input":"cheap"}`
  assert.match(await attack.said(body, { path: 'embeddings' }), /^200 /)
  assert.deepEqual(attack.asked, ['{"model":"m/m","input":"cheap"}'])
})

test('of two counts of Gemini’s answers the higher one is reserved', async () => {
  await using attack = await startAttack({ kind: 'google', dialects: ['gemini'] })
  const { key } = await cappedKey(attack)
  const said = await attack.said(
    {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: { candidateCount: 1, maxOutputTokens: 100_000 },
      generation_config: { candidate_count: 8 },
    },
    { key, path: 'models/m/m:generateContent' },
  )
  assert.match(said, /^402 .*up to \$1\.6/)
})

test('an answer that is gone on with elsewhere costs no more than was reserved', async () => {
  await using attack = await startAttack({
    changes: { failover: { attempts: 4, afterFirstToken: 'continue' } },
  })
  const { key, record } = await cappedKey(attack)
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frames.words('many words '.repeat(100)), () =>
      setTimeout(() => response.socket?.resetAndDestroy(), 10),
    )
  }
  await attack.said(question({ stream: true, max_tokens: 500 }), { key })
  const { attempts, cost, boundMoney, inputTokens, outputTokens, boundTokens } = await ledgerOf(
    attack,
    record,
  )
  assert.equal(attempts.length, 4)
  assert.ok(cost > 0n && cost <= boundMoney, `${cost} of ${boundMoney}`)
  assert.ok(inputTokens + outputTokens <= boundTokens)
})

test('failures that are charged for leave no budget to ask the next endpoint', async () => {
  await using attack = await startAttack({
    kind: 'openrouter',
    changes: { failover: { attempts: 4, afterFirstToken: 'error' } },
  })
  const { key, record } = await cappedKey(attack)
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const usage = { prompt_tokens: 300, completion_tokens: 50 }
    response.end(
      frames.usage(usage) + `data: ${JSON.stringify({ error: { code: 500, message: 'broke' } })}\n\n`,
    )
  }
  await attack.said(question({ stream: true, max_tokens: 50 }), { key })
  const { attempts, cost, boundMoney } = await ledgerOf(attack, record)
  assert.equal(attempts.length, 1)
  assert.ok(cost > 0n && cost <= boundMoney, `${cost} of ${boundMoney}`)
})

test('who leaves before the first token has had the prompt read', async () => {
  for (const isStream of [false, true]) {
    await using attack = await startAttack()
    const { key, record } = await cappedKey(attack)
    const leaving = new AbortController()
    attack.play = () => leaving.abort()
    const content = 'many words '.repeat(1000)
    const body = question({ stream: isStream, messages: [{ role: 'user', content }] })
    await attack.said(body, { key, signal: leaving.signal }).catch(() => null)
    const { outcome, inputTokens, outputTokens, isEstimated } = await ledgerOf(attack, record)
    assert.equal(outcome, 'cancelled')
    assert.ok(inputTokens > 2000 && outputTokens === 0 && isEstimated, `${inputTokens}`)
  }
})

test('who leaves just before the count pays for what came', async () => {
  await using attack = await startAttack()
  const { key, record } = await cappedKey(attack)
  const leaving = new AbortController()
  attack.play = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frames.words('many words '.repeat(200)) + frames.stop)
  }
  const answered = await attack.ask(question({ stream: true }), { key, signal: leaving.signal })
  await answered.body?.getReader().read()
  leaving.abort()
  const { outcome, outputTokens } = await ledgerOf(attack, record)
  assert.equal(outcome, 'cancelled')
  assert.ok(outputTokens > 400, `${outputTokens}`)
})

test('an answer whose provider counts nothing is counted', async () => {
  for (const message of [
    { role: 'assistant', content: 'many words '.repeat(200) },
    {
      role: 'assistant',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: `"${'x'.repeat(2000)}"` } },
      ],
    },
  ]) {
    await using attack = await startAttack()
    const { key, record } = await cappedKey(attack)
    attack.play = json(answer({ usage: undefined, choices: [{ index: 0, message, finish_reason: 'stop' }] }))
    assert.match(await attack.said(question(), { key }), /^200 /)
    const { outputTokens, isEstimated } = await ledgerOf(attack, record)
    assert.ok(outputTokens > 400 && isEstimated, `${outputTokens}`)
  }
})

test('many at once, each leaving when it likes: all are settled, once, and nothing stays reserved', async () => {
  await using attack = await startAttack()
  const { key, record } = await cappedKey(attack)
  const words = frames.words('Hi')
  attack.play = (response, text, request) => {
    if (text.includes('"stream":false')) return json(answer())(response, text, request)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(words)
    const end = frames.stop + frames.usage({ prompt_tokens: 10, completion_tokens: 5 }) + frames.done
    const isCut = attack.asked.length % 3 === 0
    setTimeout(() => (isCut ? response.destroy() : response.end(end)), 10)
  }
  const ask = async (index: number): Promise<void> => {
    const leaving = new AbortController()
    const body = question({ stream: index % 4 !== 0, max_tokens: 9 })
    const said = attack.said(body, { key, signal: leaving.signal }).catch(() => null)
    await wait((index * 7) % 40)
    if (index % 5 !== 0) leaving.abort()
    await said
  }
  for (let round = 0; round < 8; round++)
    await Promise.all(Array.from({ length: 25 }, (_, index) => ask(index)))
  const { store } = attack.running.gateway
  await untilSettled(store, record.id)
  const all = await store.listGenerations({ keyId: record.id }, 1000, null)
  const { spent, reserved } = await standingOf(attack, record)
  assert.equal(reserved, 0n)
  assert.equal(
    spent,
    all.reduce((sum, { cost }) => sum + cost, 0n),
  )
  const outcomes = Map.groupBy(all, ({ outcome }) => outcome)
  for (const outcome of ['answered', 'cancelled', 'failed'] as const)
    assert.ok((outcomes.get(outcome)?.length ?? 0) > 5, `${outcome} of ${[...outcomes.keys()].join()}`)
  assert.equal(outcomes.size, 3)
})
