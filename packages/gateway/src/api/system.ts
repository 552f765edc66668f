/** What is asked by whoever runs the gateway: whether it lives, whether it is ready, what it counts. */
import { messageOf } from '../thrown.ts'
import type { Answer, Call } from './operation.ts'
import { json } from './json.ts'

/** `GET /`: for people who look. */
export function greet(): Answer {
  const body = 'Playhead gateway. Models are asked at /api/v1; /openapi.json says what else there is.\n'
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** `GET /health`: the process answers. */
export function tellHealth(): Answer {
  return json({ status: 'ok' })
}

/** `GET /ready`: it can answer questions. 503, and what is missing, where it cannot. */
export async function tellReadiness({ context, requestId }: Call): Promise<Answer> {
  const hasStore = await context.store.findKey(nobody).then(
    () => true,
    (error: unknown) => {
      context.log({ level: 'error', event: 'store unreachable', requestId, problem: messageOf(error) })
      return false
    },
  )
  const hasModels = context.current.router.models().length > 0
  const isReady = hasStore && hasModels
  const checks = { store: hasStore ? 'ok' : 'unreachable', models: hasModels ? 'ok' : 'none' }
  return json({ status: isReady ? 'ok' : 'not ready', ...checks }, isReady ? 200 : 503)
}

/** The form of a key's public part, and no key's. */
const nobody = '000000000000'

/** `GET /metrics` */
export async function tellMetrics({ context }: Call): Promise<Answer> {
  const { contentType, body } = await context.metrics.render()
  return { status: 200, headers: { 'content-type': contentType }, body }
}
