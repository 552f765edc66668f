/** `playhead serve` as a process of its own, on a configuration and a store that the test has made. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKey } from '../src/keys.ts'
import { openStore } from '../src/store/open.ts'
import { loadSecret } from '../src/store/secret.ts'
import type { Limit } from '../src/limits.ts'
import type { Store } from '../src/store/store.ts'
import { upstreamKeyOf } from './running.ts'

/** A folder with a configuration, a store and a key, that processes can be started on. */
export interface Place extends AsyncDisposable {
  readonly key: string
  readonly keyId: string
  /** Starts a process; resolved when it says where it listens. */
  serve(): Promise<Serving>
  /** Opens its store beside whoever else has it open. */
  withStore<Result>(use: (store: Store) => Promise<Result>): Promise<Result>
}

export interface Serving {
  readonly child: ChildProcess
  /** `http://127.0.0.1:4711/api/v1` */
  readonly baseUrl: string
  /** Asks it to end, and waits for that. */
  stop(): Promise<void>
}

/** Makes one with a provider for each upstream, and models that all of them serve. */
export async function createPlace(options: {
  readonly upstreams: Readonly<Record<string, string>>
  readonly models: readonly string[]
  readonly limits: readonly Limit[]
  /** Further lines of the configuration. */
  readonly more?: string
}): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'playhead-serving-'))
  const config = join(home, 'playhead.yaml')
  const path = join(home, 'ledger.sqlite')
  await writeFile(config, configurationOf(options, path))
  const { key, record } = createKey(await loadSecret(home, {}), {
    name: 'test',
    createdAt: Date.now(),
    limits: options.limits,
  })
  const withStore: Place['withStore'] = async (use) => {
    const store = await openStore({ type: 'sqlite', path })
    try {
      return await use(store)
    } finally {
      await store.close()
    }
  }
  await withStore((store) => store.insertKey(record))
  return {
    key,
    keyId: record.id,
    withStore,
    serve: () => serve(['--config', config, '--home', home]),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  }
}

function configurationOf(
  { upstreams, models, more = '' }: Parameters<typeof createPlace>[0],
  path: string,
): string {
  const providers = Object.entries(upstreams).map(
    ([name, url]) =>
      `  ${name}: { kind: openrouter, base_url: '${url}', api_key: 'env:UPSTREAM_KEY', allow_private: true }\n`,
  )
  const endpoints = Object.keys(upstreams).map(
    (name) => `      - { provider: ${name}, price: { input: 0.38, output: 1.52 } }\n`,
  )
  const served = models.map((model) => `  ${model}:\n    endpoints:\n${endpoints.join('')}`)
  return `port: 0\nstore: ${path}\nproviders:\n${providers.join('')}models:\n${served.join('')}${more}`
}

async function serve(args: readonly string[]): Promise<Serving> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['packages/playhead/bin/playhead.js', 'serve', ...args], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH, UPSTREAM_KEY: upstreamKeyOf('all') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const origin = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-10_000)
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found !== null) resolve(found[0])
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('exit', (code) => reject(new Error(`playhead serve ended with ${code}: ${said}`)))
  })
  return {
    child,
    baseUrl: `${origin}/api/v1`,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}
