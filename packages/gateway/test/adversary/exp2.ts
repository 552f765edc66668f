import { answer, frames, json, question, startAttack, stream } from './attacking.ts'
import { modelsOf, providersOf } from '../running.ts'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
process.on('uncaughtException', (e) => console.log('!!! UNCAUGHT', e.message, e.stack?.split('\n').slice(1, 6).join('\n')))
process.on('unhandledRejection', (e) => console.log('!!! UNHANDLED', e))
const which = process.argv[2]
const run = async (name: string, work: () => Promise<void>) => {
  if (which !== undefined && !name.startsWith(which)) return
  console.log('==', name)
  try { await Promise.race([work(), new Promise((_, r) => setTimeout(() => r(new Error('TIMED OUT')), 25000))]) } catch (e) { console.log(name, 'THREW', e) }
}
const short = (s: string, n = 500) => s.length > n ? s.slice(0, n) + `…(${s.length})` : s
const server = { bodyLimit: 1e6, requestTimeout: 60000, bufferLimit: 65536, readTimeout: 60000, drain: 300, keepAlive: 15000 }
async function last(a: any, keyId?: string) { const [g] = await a.running.gateway.store.listGenerations(keyId ? { keyId } : {}, 1, null); return g }
await run('context-n', async () => {
  await using a = await startAttack({ changes: { } })
  const cfg: any = (a.running.gateway as any)
  const m = modelsOf({ 'm/m': [['acme', ['1', '2']]] })
  const e = (m.get('m/m') as any).endpoints[0]; e.contextLength = 8192
  await a.running.gateway.reconfigure({ ...(await conf(a)), models: m })
  a.play = json(answer({ usage: { prompt_tokens: 10, completion_tokens: 80000 } }))
  console.log(short(await a.said(question({ n: 10, max_tokens: 8000 }))), a.asked)
  const g = await last(a); console.log(g.boundMoney, g.cost)
})
async function conf(a: any) { return a.__conf ?? (await import('../running.ts')).configurationOf(a.running.home, { telemetry: { spans: 'never', propagate: false }, providers: a.providers }) }
await run('continue', async () => {
  await using a = await startAttack({ changes: { failover: { attempts: 4, afterFirstToken: 'continue' } } })
  const { key, record } = await a.running.createKey({ limits: [{ of: 'money', per: 'day', most: 10n ** 12n }] })
  let n = 0
  a.play = (res) => { n++; res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(frames.words('hello world this is a long text '.repeat(100))); setTimeout(() => { if (n < 4) res.socket!.resetAndDestroy(); else res.end(frames.stop + frames.done) }, 20) }
  console.log(short(await a.said(question({ stream: true, max_tokens: 900 }), { key }), 100))
  await wait(50); const g = await last(a, record.id); console.log('bound', g.boundMoney, 'cost', g.cost, g.outputTokens, g.attempts.length)
  console.log(a.asked.map((x) => x.slice(-60)))
})
await run('continue-plain', async () => {
  await using a = await startAttack({ changes: { failover: { attempts: 4, afterFirstToken: 'continue' } } })
  let n = 0
  a.play = (res) => { n++; if (n > 1) return void json(answer())(res, '', null as never); res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(frames.words('hello world')); setTimeout(() => res.socket!.resetAndDestroy(), 20) }
  console.log(short(await a.said(question({ stream: true, max_tokens: 900 }), { signal: AbortSignal.timeout(4000) }).catch(String)), n)
})
await run('drain-hold', async () => {
  await using a = await startAttack({ changes: { clientLeft: 'drain', server, timeouts: { connect: 500, head: 500, firstToken: 500, idle: 500 } } })
  a.play = (res) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); const big = frames.words('x'.repeat(100000)); let i = 0; const more = () => { while (i++ < 300) if (!res.write(big)) return void res.once('drain', more) }; more() }
  const c = new AbortController()
  const r = await a.ask(question({ stream: true }), { signal: c.signal })
  await wait(300); c.abort(); await wait(3000)
  const g = await last(a); console.log('after', g.outcome, g.cost)
})
await run('secret', async () => {
  const secret = 'correct-horse-battery'
  for (const kind of ['custom']) {
    const providers = new Map(providersOf({ acme: { kind, baseUrl: 'http://127.0.0.1:1/v1' } }))
    await using a = await startAttack({ kind })
    const base = (await import('../running.ts'))
    const port = /http:\/\/127\.0\.0\.1:(\d+)/
    // reconfigure with another key
    const http = await import('node:http')
    let auth = ''
    let mode = 0
    const up = http.createServer((req, res) => { auth = String(req.headers.authorization); req.resume(); req.on('end', () => {
      if (mode === 0) { res.writeHead(401, { 'content-type': 'application/json' }); res.end(JSON.stringify({ error: { message: `bad key ${auth}` } })) }
      if (mode === 1) { res.writeHead(200, { 'content-type': 'application/json' }); res.end(JSON.stringify({ error: { message: `bad key ${auth}` } })) }
      if (mode === 2) { res.writeHead(200, { 'content-type': 'text/event-stream' }); res.end(frames.words('x') + `data: ${JSON.stringify({ error: { message: `crash ${auth}`, code: 500 } })}\n\n`) }
      if (mode === 3) { res.writeHead(200, { 'content-type': 'text/event-stream' }); res.end(frames.words('x') + `data: {"bad ${auth}\n\n`) }
      if (mode === 4) { res.writeHead(500, { 'content-type': 'text/html' }); res.end(`<pre>x ${secret} y</pre>`) }
    }) })
    await new Promise<void>((r) => up.listen(0, '127.0.0.1', () => r()))
    const p = base.providersOf({ acme: { kind, baseUrl: `http://127.0.0.1:${(up.address() as any).port}/v1` } })
    const prov = { ...p.get('acme')!, environment: { CUSTOM_API_KEY: secret } }
    await using b = await base.startGateway({ telemetry: { spans: 'never', propagate: false }, providers: new Map([['acme', prov]]), models: modelsOf({ 'm/m': [['acme', ['1', '2']]] }), failover: { attempts: 1, afterFirstToken: 'error' } } as any)
    for (mode = 0; mode < 5; mode++) {
      const res = await fetch(`${b.baseUrl}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${b.key}` }, body: JSON.stringify(question({ stream: mode === 2 || mode === 3 })) })
      const t = await res.text()
      const g = await last({ running: b })
      console.log(mode, auth, t.includes(secret), JSON.stringify(g.attempts, (_k, v) => typeof v === 'bigint' ? 0 : v).includes(secret), short(t, 200))
    }
    up.close()
  }
})
await run('held-memory', async () => {
  await using a = await startAttack({ changes: { timeouts: { connect: 500, head: 3000, firstToken: 3000, idle: 500 } } })
  a.play = (res) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); const big = `: ${'x'.repeat(1000)}\n\n`.repeat(1000); const more = () => { while (!res.destroyed) if (!res.write(big)) return void res.once('drain', more) }; more() }
  const peak = { rss: 0 }; const t = setInterval(() => { peak.rss = Math.max(peak.rss, process.memoryUsage().rss) }, 20)
  const before = process.memoryUsage().rss
  console.log(short(await a.said(question({ stream: true })).catch(String)), 'MB', (peak.rss - before) / 1e6); clearInterval(t)
})
await run('one-line', async () => {
  for (const dialects of [['openai-chat'], ['anthropic-messages']] as const) {
    await using a = await startAttack({ dialects, changes: { timeouts: { connect: 500, head: 5000, firstToken: 5000, idle: 5000 } } })
    a.play = (res) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); const big = 'x'.repeat(65536); let n = 0; res.write('data: "'); const more = () => { while (!res.destroyed && n++ < 16000) if (!res.write(big)) return void res.once('drain', more) }; more() }
    const peak = { rss: 0 }; const t = setInterval(() => { peak.rss = Math.max(peak.rss, process.memoryUsage().rss) }, 20)
    const before = process.memoryUsage().rss; const t0 = Date.now()
    console.log(dialects, short(await a.said(question({ stream: true })).catch(String), 300), 'MB', (peak.rss - before) / 1e6, 'ms', Date.now() - t0); clearInterval(t)
  }
})
await run('health', async () => {
  for (const [status, error] of [[404, { message: 'Previous response with id resp_x not found', type: 'invalid_request_error', code: 'previous_response_not_found' }], [404, { type: 'not_found_error', message: 'container not found' }], [403, { message: 'You do not have permission to access cachedContent', status: 'PERMISSION_DENIED', code: 403 }], [403, { message: 'Your chosen model requires moderation and your input was flagged', code: 403, metadata: { reasons: ['violence'] } }], [422, { message: 'x' }], [413, { message: 'x' }], [400, { message: 'x' }], [409, { message: 'x' }], [429, { message: 'Request too large for gpt-4 on tokens per min (TPM): Limit 30000, Requested 50000', type: 'tokens', code: 'rate_limit_exceeded' }]] as const) {
    await using a = await startAttack()
    a.play = json({ error }, {}, status)
    let said = ''
    for (let i = 0; i < 6; i++) said = await a.said(question())
    const h = a.running.gateway.router().health.of('acme:m/m')
    console.log(status, JSON.stringify(error).slice(0, 60), h.state, said.slice(0, 60))
  }
})
await run('cancel', async () => {
  for (const streamed of [true, false]) {
    await using a = await startAttack()
    a.play = (res) => { if (streamed) { res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(': p\n\n') } }
    const c = new AbortController(); setTimeout(() => c.abort(), 300)
    await a.said(question({ stream: streamed, messages: [{ role: 'user', content: 'x'.repeat(40000) }] }), { signal: c.signal }).catch(String)
    await wait(200); const g = await last(a); console.log('cancel', streamed, g.outcome, g.cost, g.inputTokens)
  }
})
await run('nousage', async () => {
  await using a = await startAttack()
  a.play = json(answer({ usage: undefined, choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(4000) }, finish_reason: 'stop' }] }))
  await a.said(question()); const g = await last(a); console.log(g.outcome, g.inputTokens, g.outputTokens, g.isEstimated)
})
await run('locked', async () => {
  await using a = await startAttack()
  const { key, record } = await a.running.createKey({ limits: [{ of: 'money', per: 'day', most: 10n ** 12n }] })
  let db: DatabaseSync
  a.play = (res) => { db = new DatabaseSync(`${a.running.home}/ledger.sqlite`); db.exec('begin immediate'); json(answer())(res, '', null as never) }
  const t0 = Date.now()
  console.log(short(await a.said(question({ max_tokens: 50 }), { key })), Date.now() - t0)
  await wait(6500); db!.exec('rollback'); db!.close(); await wait(6000)
  const g = await last(a, record.id); console.log(g.outcome, g.cost, a.running.log.filter((l) => l.level === 'error'))
  const [s] = await a.running.gateway.store.standings([{ owner: `key:${record.id}`, limit: record.limits[0]! }], Date.now()); console.log(s)
})
await run('shutdown', async () => {
  const a = await startAttack({ changes: { server } })
  a.play = (res) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); const t = setInterval(() => res.write(frames.words('x')), 20); res.on('close', () => clearInterval(t)) }
  const net = await import('node:net')
  const body = JSON.stringify(question({ stream: true }))
  const s = net.connect(Number(new URL(a.running.origin).port), '127.0.0.1'); let got = ''; s.on('data', (d) => got += d); s.on('error', () => {})
  s.write(`POST /api/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${a.running.key}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`)
  await wait(100)
  const closing = a.running.gateway.close()
  await wait(50); s.write(body.slice(10))
  const store = a.running.gateway.store
  const t0 = Date.now(); await closing; console.log('closed in', Date.now() - t0, short(got.slice(-300)))
  console.log(a.running.log.filter((l) => l.level !== 'info'))
  const db = new DatabaseSync(`${a.running.home}/ledger.sqlite`); console.log(db.prepare('select outcome, cost from playhead_generation').all()); db.close()
})
await run('afterdone', async () => {
  await using a = await startAttack()
  a.play = (res) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(frames.words('x') + frames.stop + frames.usage({ prompt_tokens: 1, completion_tokens: 2 }) + frames.done); res.write(frames.words('EVIL')); }
  console.log(short(await a.said(question({ stream: true }), { signal: AbortSignal.timeout(2000) }).catch(String)))
})
await run('embed', async () => {
  await using a = await startAttack()
  a.play = json({ data: [], usage: { prompt_tokens: 1 } })
  console.log(await a.said(`{"model":"m/m","input":"${'x'.repeat(100)}","input":"y"}`, { path: 'embeddings' }), a.asked)
})
process.exit(0)
