import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { createKey } from '../../src/keys.ts'
import { jsonLog } from '../../src/log/json-log.ts'

async function logged(entry: Parameters<ReturnType<typeof jsonLog>>[0], env = {}): Promise<string> {
  const lines: string[] = []
  jsonLog((line) => lines.push(line), { env, now: () => 0 })(entry)
  await setImmediate()
  const [line = ''] = lines
  assert.equal(lines.length, 1)
  assert.ok(line.endsWith('}\n') && !line.slice(0, -1).includes('\n'))
  return line
}

test('an entry is one line of JSON, with its time first', async () => {
  const line = await logged({
    level: 'info',
    event: 'generation',
    requestId: 'req-1',
    model: 'a "b"\nc',
    cost: undefined,
  })
  assert.equal(
    line,
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"generation","requestId":"req-1","model":"a \\"b\\"\\nc"}\n',
  )
})

test('no key gets into the log, wherever it stands', async () => {
  const env = { OPENAI_API_KEY: 'corp.Zm9vYmFyYmF6.7f3a' }
  const secrets = [
    createKey('pepper', { name: 'a', createdAt: 0 }).key,
    'sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA',
    'sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'sk-ant-api03-Qk9HVVNfS0VZX0ZPUl9URVNUU18xMjM0NTY3ODkw',
    'AIzaSyB1c2d3e4f5g6h7i8j9k0l1m2n3o4p5q6r',
    'gsk_Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A',
    env.OPENAI_API_KEY,
  ]
  const around: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => `GET https://host/v1beta/models?key=${secret} failed`,
    (secret) => `authorization: Bearer ${secret}`,
    (secret) => `{"x-api-key":"${secret}"}`,
    (secret) => `at ${secret}\n  at next`,
  ]
  for (const secret of secrets) {
    for (const put of around) {
      const line = await logged(
        { level: 'error', event: put(secret), message: put(secret), stack: put(secret) },
        env,
      )
      assert.ok(!line.includes(secret.slice(8)), line)
      JSON.parse(line)
    }
  }
})

test('what is sent as a key is none in the log, however plain it is', async () => {
  const line = await logged({
    level: 'warn',
    event: 'a',
    message: 'Bearer abcd1234 and ?key=abcd1234 and sk-abcd1234',
  })
  assert.ok(!line.includes('abcd1234'), line)
})

test('ids stay readable, and so does the label of a key', async () => {
  const { record } = createKey('pepper', { name: 'a', createdAt: 0 })
  const said = {
    requestId: 'req-abcdefghij0123456789',
    generation: 'gen-1700000000-abcdefghij0123456789',
    key: record.id,
    label: record.label,
    task: 'task-force, risk-free',
  }
  const line = JSON.parse(await logged({ level: 'info', event: 'a', ...said })) as Record<string, unknown>
  for (const [field, value] of Object.entries(said)) assert.equal(line[field], value)
})

test('whatever is logged stays JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (message, tail) => {
      JSON.parse(
        await logged({ level: 'info', event: 'a', message: `${message}Bearer ${tail}`, more: `sk-${tail}` }),
      )
    }),
  )
})

test('what is said at one turn is written at once, an error with all before it without waiting', async () => {
  const written: string[] = []
  const log = jsonLog((lines) => written.push(lines), { env: {}, now: () => 0 })
  log({ level: 'info', event: 'a' })
  log({ level: 'info', event: 'b' })
  assert.equal(written.length, 0)
  await setImmediate()
  assert.equal(written.length, 1)
  log({ level: 'info', event: 'c' })
  log({ level: 'error', event: 'd' })
  const events = written.map((lines) => lines.match(/"event":"(\w)"/g))
  assert.deepEqual(events, [
    ['"event":"a"', '"event":"b"'],
    ['"event":"c"', '"event":"d"'],
  ])
})
