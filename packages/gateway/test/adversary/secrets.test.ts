/** A provider's key that looks like none, in the provider's own mouth: it goes no further. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, frames, json, ledgerOf, type Play, question, startAttack, stream } from './attacking.ts'

const secret = 'correct-horse-battery'
const error = { code: 500, message: `bad key Bearer ${secret}`, metadata: { raw: `it was ${secret}` } }

const plays: Readonly<Record<string, Play>> = {
  'in a 401': json({ error }, {}, 401),
  'in a page': json(`<pre>authorization: Bearer ${secret}</pre>`, { 'content-type': 'text/html' }, 500),
  'in an error that is a 200': json({ error }),
  'in an error before the first token': stream(`data: ${JSON.stringify({ error })}\n\n`),
  'in an error within a stream': stream(frames.words('Hi'), `data: ${JSON.stringify({ error })}\n\n`),
  'in what is no JSON': stream(frames.words('Hi'), `data: {"Bearer ${secret}\n\n`),
  'in what is no answer': json(`Bearer ${secret}`),
  'in a header': json(answer(), { authorization: `Bearer ${secret}`, 'x-key': secret }),
}

for (const [where, play] of Object.entries(plays)) {
  for (const afterFirstToken of ['error', 'continue'] as const) {
    for (const path of ['chat/completions', 'messages', 'responses']) {
      test(`${where}, as ${path} are told it, when an answer breaks off: ${afterFirstToken}`, async () => {
        await using attack = await startAttack({
          secret,
          changes: { failover: { attempts: 1, afterFirstToken } },
        })
        attack.play = play
        const { key, record } = await attack.running.createKey()
        const response = await attack.ask(
          question({
            stream: where.includes('stream') || where.includes('token') || where.includes('JSON'),
            input: 'Hi',
            max_tokens: 9,
          }),
          { key, path },
        )
        const told = JSON.stringify([...response.headers]) + (await response.text())
        const ledger = await ledgerOf(attack, record)
        const kept = JSON.stringify([ledger, attack.running.log], (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )
        assert.ok(!told.includes(secret), told)
        assert.ok(!kept.includes(secret), kept)
      })
    }
  }
}
