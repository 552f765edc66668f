/** Whose trace a request belongs to, as headers say it. https://www.w3.org/TR/trace-context/ */
import type { SpanContext } from '@opentelemetry/api'

type Api = Pick<typeof import('@opentelemetry/api'), 'createTraceState' | 'isSpanContextValid'>

/** Versions to come may say more at the end; there will never be one named ff. */
const form = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/

/** By lower-case names. Null where there is none, or none that is valid: then a trace begins here. */
export function readTraceParent(
  headers: Readonly<Record<string, string | undefined>>,
  { createTraceState, isSpanContextValid }: Api,
): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    form.exec(headers['traceparent'] ?? '') ?? []
  if (version === '00' && more !== undefined) return null
  const state = headers['tracestate']
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: sampled(Number.parseInt(flags, 16)),
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  }
  return isSpanContextValid(context) ? context : null
}

/** Headers that say it to whoever is asked next; none where nothing traces. */
export function writeTraceParent(
  context: SpanContext,
  { isSpanContextValid }: Pick<Api, 'isSpanContextValid'>,
): Readonly<Record<string, string>> {
  if (!isSpanContextValid(context)) return {}
  const { traceId, spanId, traceFlags, traceState } = context
  const state = traceState?.serialize() ?? ''
  return {
    traceparent: `00-${traceId}-${spanId}-0${sampled(traceFlags)}`,
    ...(state !== '' && { tracestate: state }),
  }
}

/** The one flag that version 00 has. */
function sampled(flags: number): number {
  return flags & 1
}
