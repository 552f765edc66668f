/** Playhead's gateway with all on: a key, a budget, a route, prices and the ledger on disk. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway, createKey, loadSecret, readConfiguration } from '@playhead/gateway'

const [upstream = ''] = process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'playhead-bench-'))
process.once('SIGTERM', () => {
  rmSync(home, { recursive: true, force: true })
  process.exit()
})
const environment = { BENCH_KEY: 'sk-upstream' }
const text = `
port: 0
providers:
  bench: { kind: custom, base_url: ${upstream}/v1, api_key: env:BENCH_KEY, allow_private: true, dialects: [openai-chat] }
models:
  moonshotai/kimi-k2-0905:
    endpoints:
      - { provider: bench, price: { input: 0.38, output: 1.52 }, max_output_tokens: 16384, context_length: 262144 }
`
const configuration = readConfiguration(text, { file: 'playhead.yaml', environment, home })
const gateway = await createGateway({ configuration, home, environment, log: () => {} })
const limits = [{ of: 'money', per: 'ever', most: 10n ** 18n }] as const
const { key, record } = createKey(await loadSecret(home, environment), {
  name: 'bench',
  createdAt: Date.now(),
  limits,
})
await gateway.store.insertKey(record)
const { url } = await gateway.listen()
console.log(JSON.stringify({ port: Number(new URL(url).port), key }))
