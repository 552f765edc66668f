/** Trace contexts as the specification has them. https://www.w3.org/TR/trace-context/#traceparent-header */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as api from '@opentelemetry/api'
import { readTraceParent, writeTraceParent } from '../../src/telemetry/trace-parent.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

describe('a valid one is read, and written again as version 00 has it', () => {
  const table: readonly (readonly [name: string, said: string, written: string])[] = [
    ['sampled', `00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-01`],
    ['not sampled', `00-${traceId}-${spanId}-00`, `00-${traceId}-${spanId}-00`],
    ['with flags to come', `00-${traceId}-${spanId}-ff`, `00-${traceId}-${spanId}-01`],
    ['of a version to come', `cc-${traceId}-${spanId}-01-what-more`, `00-${traceId}-${spanId}-01`],
  ]
  for (const [name, traceparent, written] of table)
    test(name, () => {
      const context = readTraceParent({ traceparent, tracestate: 'a=1,b=2' }, api)
      assert.ok(context !== null && context.isRemote === true)
      assert.deepEqual(writeTraceParent(context, api), { traceparent: written, tracestate: 'a=1,b=2' })
    })
})

describe('any other is none', () => {
  const table: readonly (readonly [name: string, said: string | undefined])[] = [
    ['none', undefined],
    ['an empty one', ''],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['more than version 00 has', `00-${traceId}-${spanId}-01-more`],
    ['capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
    ['two at once', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
  ]
  for (const [name, traceparent] of table)
    test(name, () => assert.equal(readTraceParent({ traceparent }, api), null))
})

test('a state is left out where there is none, and nothing is said where nothing traces', () => {
  const context = readTraceParent({ traceparent: `00-${traceId}-${spanId}-01` }, api)
  assert.ok(context !== null)
  assert.deepEqual(Object.keys(writeTraceParent(context, api)), ['traceparent'])
  assert.deepEqual(writeTraceParent(api.INVALID_SPAN_CONTEXT, api), {})
})
