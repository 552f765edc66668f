/** A gateway before one provider that answers from recordings, with a fresh model for each test. */
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { startUpstream, type Upstream } from '../upstream.ts'
import type { Place } from './client.ts'

export interface World extends AsyncDisposable {
  readonly running: Running
  readonly upstream: Upstream
  /** Where to ask, for a model that nobody has asked yet: what one test did to its health is not the next one's. */
  place(changes?: Partial<Place>): Place
}

/** Starts both. The prices are Chutes' of the seeds: $0.38 and $1.52 for a million tokens. */
export async function startWorld(kind = 'openrouter'): Promise<World> {
  const upstream = await startUpstream()
  const names = Array.from({ length: 200 }, (_, index) => `moonshotai/kimi-${index}`)
  const running = await startGateway({
    providers: providersOf({ chutes: { kind, baseUrl: upstream.baseUrl } }),
    models: modelsOf(Object.fromEntries(names.map((name) => [name, [['chutes', ['0.38', '1.52']]]]))),
  })
  let used = 0
  return {
    running,
    upstream,
    place(changes) {
      const model = names[used++] ?? ''
      return { origin: running.origin, key: running.key, model, ...changes }
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
    },
  }
}
