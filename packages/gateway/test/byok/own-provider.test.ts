import assert from 'node:assert/strict'
import { test } from 'node:test'
import { providers } from '@playhead/wire'
import { ownProvider } from '../../src/byok/own-provider.ts'
import { serveProvider } from '../../src/route/served-provider.ts'
import { providersOf } from '../running.ts'
import { transport } from '../route/world.ts'

const none = { providers: new Map() }
const key = 'own-key-0123456789'

async function proofOf(served: ReturnType<typeof serveProvider>): Promise<Readonly<Record<string, string>>> {
  if (typeof served === 'string') return assert.fail(served)
  const [dialect = 'openai-chat'] = served.provider.dialects
  return served.authorize(dialect)({ method: 'POST', url: served.provider.baseUrl, headers: {}, body: '' })
}

test('every provider whose address is known can be asked with a key of one’s own, and with nothing else', async () => {
  const refused: string[] = []
  for (const name of providers.keys()) {
    const own = ownProvider(name, key, none)
    if (typeof own === 'string') {
      refused.push(name)
      continue
    }
    assert.deepEqual(Object.values(own.environment), [key], name)
    assert.equal(own.allowsPrivate, false)
    const proof = Object.values(await proofOf(serveProvider(own, () => transport)))
    assert.deepEqual(
      proof.map((value) => value.replace('Bearer ', '')),
      [key],
      name,
    )
  }
  assert.deepEqual(refused.toSorted(), [
    'azure',
    'bedrock',
    'custom',
    'llama.cpp',
    'ollama',
    'vertex',
    'vllm',
  ])
})

test('a configured provider stays where it is, and only its key is another', async () => {
  const configured = {
    providers: providersOf({ mine: { kind: 'custom', baseUrl: 'http://127.0.0.1:9/v1' } }),
  }
  const own = ownProvider('mine', key, configured)
  if (typeof own === 'string') return assert.fail(own)
  const { environment, ...rest } = own
  const { environment: before, ...same } = configured.providers.get('mine') ?? assert.fail()
  assert.deepEqual(rest, same)
  assert.deepEqual(environment, { ...before, CUSTOM_API_KEY: key })
  assert.deepEqual(await proofOf(serveProvider(own, () => transport)), { authorization: `Bearer ${key}` })
})

const table: readonly [name: string, provider: string, key: string][] = [
  ['with a line break', 'groq', 'a\r\nx-evil: 1'],
  ['with a blank', 'groq', 'a b'],
  ['that is empty', 'groq', ''],
  ['that is endless', 'groq', 'a'.repeat(5000)],
  ['for nobody', 'grok', key],
  ['for tapes', 'tape', key],
  ['for what objects have', 'constructor', key],
]
for (const [name, provider, said] of table) {
  test(`a key ${name} is refused, and not repeated`, () => {
    const refusal = ownProvider(provider, said, none)
    assert.ok(typeof refusal === 'string')
    assert.ok(said === '' || !refusal.includes(said))
  })
}
