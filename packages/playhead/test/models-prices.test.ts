/** `playhead models` and the catalogue: prices without a network, and where a provider says none. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadCatalogue } from '@playhead/gateway/admin'
import { providers } from '@playhead/wire'
import { cataloguedModels, withCatalogue } from '../src/catalogued-models.ts'
import type { ListedModel } from '../src/model-list.ts'
import { jsonLines, playhead } from './command.ts'

const now = Date.UTC(2026, 10, 22)
const catalogue = await loadCatalogue()

function listed(about: Partial<ListedModel>): ListedModel {
  return { id: 'openai/gpt-oss-20b', contextLength: null, inputPrice: null, outputPrice: null, ...about }
}

describe('models --prices', { concurrency: 2 }, () => {
  test('shows a provider’s models with their contexts and prices, without a key', async () => {
    const { code, stdout, stderr } = await playhead(['models', 'groq', '--prices'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^groq\/openai\/gpt-oss-20b +131072 tokens +\$0\.075 in, \$0\.3 out per million$/m)
    const { stdout: json } = await playhead(['models', 'groq', '--prices', '--json'])
    assert.deepEqual(
      jsonLines(json).find(({ id }) => id === 'openai/gpt-oss-20b'),
      {
        provider: 'groq',
        id: 'openai/gpt-oss-20b',
        contextLength: 131072,
        inputPrice: '0.075',
        outputPrice: '0.3',
      },
    )
  })

  test('of all providers, where none is named', async () => {
    const { code, stdout } = await playhead(['models', '--prices', '--json'])
    assert.equal(code, 0)
    const named = new Set(jsonLines(stdout).map(({ provider }) => provider))
    assert.ok(named.size > 10)
    for (const name of named) assert.ok(providers.has(String(name)))
  })

  const others: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [['vllm'], 0, /^playhead: the catalogue has no prices of vllm\n$/],
    [['nobody'], 2, /"nobody" is none of these providers/],
    [['groq', '--base-url', 'http://x.test'], 2, /--prices asks nobody/],
    [['groq', '--api-key', 'x'], 2, /--prices asks nobody/],
  ]
  for (const [args, exitCode, says] of others)
    test(`${args.join(' ')} gives no prices, and why`, async () => {
      const { code, stdout, stderr } = await playhead(['models', ...args, '--prices'])
      assert.deepEqual([code, stdout], [exitCode, ''])
      assert.match(stderr, says)
    })
})

describe('what the catalogue adds to a provider’s list', () => {
  const cases: readonly (readonly [says: string, model: ListedModel, shown: ListedModel])[] = [
    [
      'all that the provider leaves out',
      listed({}),
      listed({ contextLength: 131072, inputPrice: '0.075', outputPrice: '0.3' }),
    ],
    [
      'nothing that it says',
      listed({ contextLength: 1000, inputPrice: '1', outputPrice: '2' }),
      listed({ contextLength: 1000, inputPrice: '1', outputPrice: '2' }),
    ],
    [
      'no half of a price',
      listed({ inputPrice: '1' }),
      listed({ contextLength: 131072, inputPrice: '1', outputPrice: null }),
    ],
    ['nothing to what it does not know', listed({ id: 'nobody’s' }), listed({ id: 'nobody’s' })],
  ]
  for (const [says, model, shown] of cases)
    test(says, () => assert.deepEqual(withCatalogue('groq', [model], catalogue, now), [shown]))

  test('prices are exact', () => {
    for (const name of providers.keys())
      for (const { inputPrice, outputPrice } of cataloguedModels(name, catalogue))
        for (const price of [inputPrice, outputPrice])
          assert.ok(price === null || /^\d+(\.\d*[1-9])?$/.test(price), String(price))
  })
})
