/** A gateway that has recorded what it was asked, for the commands that look into its folder afterwards. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGateway } from '@playhead/gateway'
import { createKey, loadSecret, readConfiguration } from '@playhead/gateway/admin'
import { newFolder, type Scope } from './command.ts'
import { rateLimit, type Respond, serveProvider } from './provider.ts'

export interface RecordedGateway {
  /** Where its data lies, `playhead.yaml` too. */
  readonly home: string
  readonly args: readonly string[]
  /** What its configuration takes from the environment. */
  readonly env: Readonly<Record<string, string>>
  readonly keyId: string
  /** Of what it was asked, in order. */
  readonly generations: readonly string[]
}

/** Asks it `hello` once for each answer, before which another provider refuses each time, and closes it. */
export async function recordGateway(
  t: Scope,
  answers: readonly [Respond, ...Respond[]],
  form: 'plain' | 'streamed' = 'plain',
): Promise<RecordedGateway> {
  const home = newFolder(t)
  const [refusing, answering] = [await serveProvider(t, rateLimit), await serveProvider(t, ...answers)]
  const text = yaml(refusing.baseUrl, answering.baseUrl)
  const file = join(home, 'playhead.yaml')
  writeFileSync(file, text)
  const env = { UPSTREAM_KEY: 'sk-upstream-0123456789abcdef' }
  const configuration = readConfiguration(text, { file, home, environment: env })
  const gateway = await createGateway({ configuration, home, environment: env, log: () => {} })
  const limits = [{ of: 'money', per: 'ever', most: 10n ** 15n }] as const
  const { key, record } = createKey(await loadSecret(home, {}), { name: 'ci', createdAt: Date.now(), limits })
  await gateway.store.insertKey(record)
  const generations: string[] = []
  for (const index of answers.keys()) {
    const response = await gateway.fetch(
      new Request('http://localhost/api/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        // Another model each time: an endpoint that has refused is passed over.
        body: JSON.stringify({
          model: `m/${index}`,
          stream: form === 'streamed',
          messages: [{ role: 'user', content: 'hello' }],
          provider: { order: ['first', 'second'] },
        }),
      }),
    )
    assert.equal(response.status, 200, await response.text())
    generations.push(response.headers.get('x-generation-id') ?? '')
  }
  await gateway.close()
  return { home, args: ['--home', home, '--config', file], env, keyId: record.id, generations }
}

function yaml(refusing: string, answering: string): string {
  const models = [0, 1, 2].map(
    (index) => `  m/${index}: { endpoints: [${endpoint('first')}, ${endpoint('second')}] }\n`,
  )
  return `providers:
  first: ${provider(refusing)}
  second: ${provider(answering)}
models:
${models.join('')}record: { share: 1 }
`
}

function provider(url: string): string {
  return `{ kind: openrouter, base_url: '${url}', api_key: env:UPSTREAM_KEY, allow_private: true }`
}

function endpoint(provider: string): string {
  return `{ provider: ${provider}, price: { input: 1, output: 2 } }`
}
