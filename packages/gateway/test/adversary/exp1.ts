import { answer, frames, json, question, startAttack, stream } from './attacking.ts'
import http from 'node:http'
import net from 'node:net'
process.on('uncaughtException', (e) => console.log('!!! UNCAUGHT', e.message, e.stack?.split('\n').slice(1, 6).join('\n')))
process.on('unhandledRejection', (e) => console.log('!!! UNHANDLED', e))
const which = process.argv[2]
const run = async (name: string, work: () => Promise<void>) => {
  if (which !== undefined && !name.startsWith(which)) return
  try { await Promise.race([work(), new Promise((_, r) => setTimeout(() => r(new Error('TIMED OUT')), 60000))]) } catch (e) { console.log(name, 'THREW', e) }
}
const short = (s: string) => s.length > 600 ? s.slice(0, 600) + `…(${s.length})` : s
async function rawUpstream(bytes: (text: string) => string | Buffer) {
  const s = net.createServer((socket) => { socket.on('error', () => {}); socket.once('data', (d) => { socket.write(bytes(d.toString())); }) })
  await new Promise<void>((r) => s.listen(0, '127.0.0.1', () => r()))
  return s
}
await run('basic', async () => { await using a = await startAttack(); a.play = json(answer()); console.log('basic', await a.said(question())) })
await run('content-type-ctl', async () => {
  await using a = await startAttack()
  a.play = (res) => { const b = JSON.stringify(answer()); res.socket!.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json; x=\x01\r\ncontent-length: ${b.length}\r\n\r\n${b}`) }
  console.log('ctl', await a.said(question(), { signal: AbortSignal.timeout(3000) }).catch(String))
})
await run('deep', async () => {
  for (const dialects of [['openai-chat'], ['anthropic-messages']] as const) for (const path of ['chat/completions', 'messages', 'responses']) for (const where of ['annot', 'error', 'error500', 'root', 'toolinput', 'usage']) for (const streamed of [false, true]) {
    await using a = await startAttack({ dialects })
    const n = 60000
    const deep = '['.repeat(n) + ']'.repeat(n)
    const deepo = '{"a":'.repeat(n) + '1' + '}'.repeat(n)
    const chat = JSON.stringify(answer())
    const bodies: any = {
      annot: chat.replace('"content":"Hi"', `"content":"Hi","annotations":${deep},"reasoning_details":${deep},"x":${deepo}`),
      error: `{"error":{"message":${deep},"metadata":{"raw":${deepo}}}}`,
      error500: `{"error":{"message":${'['.repeat(15000)+']'.repeat(15000)},"metadata":{"raw":${'{"a":'.repeat(5000) + '1' + '}'.repeat(5000)}}}}`,
      root: deep,
      toolinput: chat.replace('"content":"Hi"', `"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${JSON.stringify(deepo)}}}]`),
      usage: chat.replace('"usage":{', `"usage":{"x":${deep},`),
    }
    const anth: any = {
      annot: `{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi","citations":${deep}},{"type":"tool_use","id":"t","name":"f","input":${deepo}}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}`,
    }
    const body = (dialects[0] === 'anthropic-messages' ? anth[where] : undefined) ?? bodies[where]
    if (!streamed) a.play = json(body, {}, where === 'error500' ? 500 : 200)
    else {
      const chunk = JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }], usage: { completion_tokens: 1, prompt_tokens: 2 } })
      const m: any = { annot: chunk.replace('"content":"Hi"', `"content":"Hi","annotations":${deep},"reasoning_details":${deep}`), toolinput: chunk.replace('"content":"Hi"', `"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":${JSON.stringify(deepo)}}}]`), usage: chunk.replace('"usage":{', `"usage":{"x":${deep},`) }
      a.play = stream(frames.words('x'), `data: ${m[where] ?? body}\n\n`, frames.stop, frames.usage({ prompt_tokens: 10, completion_tokens: 5 }), frames.done)
    }
    const q = path === 'responses' ? { model: 'm/m', input: 'hi', stream: streamed } : question({ max_tokens: 50, stream: streamed })
    const said = await a.said(q, { path, signal: AbortSignal.timeout(4000) }).catch(String)
    console.log(dialects[0], path, where, streamed, short(said).slice(0, 120))
  }
})
await run('usage', async () => {
  for (const usage of [{ prompt_tokens: 1.5, completion_tokens: 2.5 }, { prompt_tokens: -5, completion_tokens: -100000000 }, { prompt_tokens: 9007199254740991, completion_tokens: 9007199254740991 }, { prompt_tokens: 10, completion_tokens: 5, cost: -100 }, { prompt_tokens: 10, completion_tokens: 5, cost: 1e12 }, { prompt_tokens: 10, completion_tokens: 5, cost: '1e999' }, { prompt_tokens: 10, completion_tokens: 5, cost: 'NaN' }, { prompt_tokens: '10', completion_tokens: 1e300 }]) for (const streamed of [false, true]) {
    await using a = await startAttack({ kind: 'openrouter' })
    const { key, record } = await a.running.createKey({ limits: [{ of: 'money', per: 'day', most: 10n ** 12n }] })
    a.play = streamed ? stream(frames.words('x'), frames.stop, frames.usage(usage), frames.done) : json(answer({ usage }))
    console.log('usage', JSON.stringify(usage), streamed, short(await a.said(question({ stream: streamed, max_tokens: 100 }), { key })).slice(-200))
    await new Promise((r) => setTimeout(r, 50))
    const [g] = await a.running.gateway.store.listGenerations({ keyId: record.id }, 5, null)
    const [s] = await a.running.gateway.store.standings([{ owner: `key:${record.id}`, limit: record.limits[0]! }], Date.now())
    console.log('   ->', g?.outcome, g?.cost, g?.inputTokens, g?.outputTokens, 'standing', s?.spent, s?.reserved, a.running.log.filter((l) => l.level === 'error').map((l) => l.event + ' ' + String((l as any).problem)))
  }
})
await run('bigmax', async () => {
  await using a = await startAttack()
  a.play = json(answer())
  for (const m of [9007199254740991, 1e400, -1, 1.5, '10', 4.2e12]) console.log(m, (await a.said(`{"model":"m/m","messages":[],"max_tokens":${m === Infinity ? '1e400' : JSON.stringify(m)}}`)).slice(0, 250))
  console.log(a.running.log)
})
await run('n-bypass', async () => {
  await using a = await startAttack({ changes: {} })
  a.play = json(answer())
  const models = a.running.gateway.router()
  console.log((await a.said(question({ n: 10, max_tokens: 1000 }))).slice(0, 100), a.asked)
})
await run('plain-for-stream', async () => {
  for (const keepAlive of [15000, 50]) {
    await using a = await startAttack({ changes: { server: { bodyLimit: 1e6, requestTimeout: 60000, bufferLimit: 1e6, readTimeout: 1000, drain: 100, keepAlive } } })
    a.play = (res) => { setTimeout(() => json(answer())(res, '', null as never), 200) }
    console.log('plain-for-stream', keepAlive, short(await a.said(question({ stream: true }), { signal: AbortSignal.timeout(3000) }).catch(String)))
  }
})
await run('keepopen-leak', async () => {
  await using a = await startAttack({ dialects: ['anthropic-messages'] })
  a.play = json(answer())
  const before = process.getActiveResourcesInfo().filter((x) => x === 'Timeout').length
  for (let i = 0; i < 20; i++) await a.said({ model: 'm/m', stream: true, messages: [{ role: 'user', content: [{ type: 'odd' }] }] })
  console.log((await a.said({ model: 'm/m', stream: true, messages: [{ role: 'nobody', content: 3 }] })).slice(0, 200))
  console.log('timers', before, process.getActiveResourcesInfo().filter((x) => x === 'Timeout').length)
})
await run('status', async () => {
  for (const record of [0, 1]) for (const status of [204, 205, 304, 302, 600, 999, 418]) {
    await using a = await startAttack()
    const { key } = await a.running.createKey({ record })
    a.play = (res) => { res.socket!.end(`HTTP/1.1 ${status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n`) }
    console.log('status', record, status, short(await a.said(question(), { key, signal: AbortSignal.timeout(3000) }).catch(String)))
  }
})
await run('gemini-path', async () => {
  await using a = await startAttack({ dialects: ['gemini'], kind: 'gemini', changes: { models: new Map() } })
  a.play = (res, _t, req) => { console.log('  path', req.url); res.writeHead(400).end('{}') }
  for (const m of ['acme/../../v1/x', 'acme/a?key=1#', 'acme/a b', 'acme/%2e%2e/x', 'acme/\r\nx: y']) console.log(JSON.stringify(m), short(await a.said(question({ model: m })).catch(String)))
})
process.exit(0)
