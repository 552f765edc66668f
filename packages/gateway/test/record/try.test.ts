import { test } from 'node:test'
import { openCassette } from '@playhead/tape'
import { understand } from '@playhead/wire'
import { readSeeds } from '../recorded.ts'
import { modelsOf, providersOf, startGateway } from '../running.ts'
import { refusal, startUpstream, type Act } from '../upstream.ts'
const seeds = await readSeeds()
test('x', async () => {
  await using a = await startUpstream()
  await using b = await startUpstream()
  await using running = await startGateway({
    providers: providersOf({ one: { kind: 'openrouter', baseUrl: a.baseUrl }, two: { kind: 'openrouter', baseUrl: b.baseUrl } }),
    models: modelsOf({ 'm/m': [['one', ['0.38', '1.52']], ['two', ['0.38', '1.52']]] }),
  })
  const { key } = await running.createKey({ record: 1 })
  const recorded = seeds.text.chutes
  const acts: Act[] = [{ type: 'answer', recorded }, { type: 'slow', recorded, pace: 20 }, refusal(429, 'no'), {type: 'cut', recorded, events: 3}, {type:'reset'}]
  for (const act of acts) for (const stream of [true, false]) {
    a.play(act); b.play({ type: 'answer', recorded })
    const r = await fetch(running.baseUrl + '/chat/completions', { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify({ model: 'm/m', stream, messages: [{ role: 'user', content: 'hi' }], provider: { order: ['one', 'two'] } }) })
    const text = await r.text().catch(String)
    await new Promise(r => setTimeout(r, 50))
    const [row] = await running.gateway.store.listGenerations({}, 1, null)
    console.log(act.type, stream, r.status, text.length, row?.outcome, row?.attempts.map(a => [a.outcome, a.status, a.inputTokens, a.outputTokens, a.cost]), row?.isEstimated, row?.tape)
    using c = await openCassette(row?.tape ?? '')
    for (const i of c ?? []) { const u = understand(i); const { outcome } = u; console.log('   ', i.request.method, i.request.url, i.response?.status, i.response?.chunks?.length, i.ending, u.dialect?.name, outcome?.type, outcome?.type === 'answer' ? [outcome.usage, outcome.cost, outcome.finishReason] : outcome?.code, i.request.headers) }
  }
  console.log(running.log.filter(l => l.level !== 'info'))
})
