/** Whether there are spans at all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { openTelemetry } from '../../src/telemetry/open.ts'

const table: readonly (readonly [spans: 'auto' | 'always' | 'never', hasProvider: boolean, has: boolean])[] =
  [
    ['auto', false, false],
    ['auto', true, true],
    ['always', false, true],
    ['always', true, true],
    ['never', true, false],
  ]
for (const [spans, hasProvider, has] of table) {
  const provider = hasProvider ? 'a tracer provider' : 'no tracer provider'
  test(`${spans} with ${provider}: ${has ? 'spans' : 'none'}`, async (t) => {
    if (hasProvider) trace.setGlobalTracerProvider(new TracerProvider())
    t.after(() => trace.disable())
    const telemetry = await openTelemetry({ spans, propagate: false }, () => assert.fail('nothing is amiss'))
    assert.equal(telemetry !== null, has)
  })
}
