/** Finds out whether anybody wants spans. Where nobody does, no tracer is loaded, and a generation pays for a comparison. */
import type { TelemetryConfiguration } from '../config/configuration.ts'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry.ts'

/** Null where there are no spans to be: why, where somebody wants them, is said in the log. */
export async function openTelemetry(
  { spans, propagate }: TelemetryConfiguration,
  log: Log,
): Promise<Telemetry | null> {
  if (spans === 'never' || (spans === 'auto' && !hasTracerProvider())) return null
  try {
    const [api, { spansOf }] = await Promise.all([import('@opentelemetry/api'), import('./spans.ts')])
    return spansOf(api, propagate)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    log({ level: 'error', event: 'no spans: install @opentelemetry/api beside playhead', problem })
    return null
  }
}

/** Where every copy of OpenTelemetry's API, of its first major version, keeps what the process has set. */
const registered = Symbol.for('opentelemetry.js.api.1')

function hasTracerProvider(): boolean {
  const api: unknown = Reflect.get(globalThis, registered)
  return typeof api === 'object' && api !== null && Reflect.get(api, 'trace') !== undefined
}
