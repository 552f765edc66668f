/** The fault wall before a gateway of our own. */
import type { DialectName } from '@playhead/wire'
import { modelsOf, providersOf, type Running, startGateway } from '../running.ts'
import { startUpstream } from '../upstream.ts'
import type { Form } from './ask.ts'
import { type Fault, faults } from './faults.ts'
import type { WallTarget, WallUpstreams } from './run-wall.ts'

/** What the upstreams' recorded answers cost: Chutes' price, then BaseTen's. */
const prices = { primary: ['0.38', '1.52'], fallback: ['0.6', '2.5'] } as const

/** A gateway with two providers behind it, and a model for each fault and form, so that health starts anew with each. */
export async function startWall(): Promise<
  AsyncDisposable & {
    readonly target: WallTarget
    readonly upstreams: WallUpstreams
    readonly running: Running
  }
> {
  const primary = await startUpstream()
  const fallback = await startUpstream()
  const names = faults.flatMap((fault) => fault.forms.map((form) => modelOf(fault, form)))
  const dialects: readonly DialectName[] = ['openai-chat']
  const running = await startGateway({
    // One that ends its streams with `[DONE]`, and one that takes back no reasoning.
    providers: providersOf({
      primary: { kind: 'together', baseUrl: primary.baseUrl, dialects },
      fallback: { kind: 'groq', baseUrl: fallback.baseUrl, dialects },
    }),
    models: modelsOf(
      Object.fromEntries(
        names.map((name) => [
          name,
          [
            ['primary', prices.primary],
            ['fallback', prices.fallback],
          ],
        ]),
      ),
    ),
    timeouts: { connect: 1000, head: 500, firstToken: 500, idle: 500 },
  })
  return {
    running,
    upstreams: { primary, fallback },
    target: {
      baseUrl: running.baseUrl,
      key: running.key,
      patience: 5000,
      model: modelOf,
      body: { provider: { order: ['primary', 'fallback'] } },
      hasAccount: true,
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await primary[Symbol.asyncDispose]()
      await fallback[Symbol.asyncDispose]()
    },
  }
}

function modelOf({ name }: Fault, form: Form): string {
  return `wall/${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}-${form}`
}
