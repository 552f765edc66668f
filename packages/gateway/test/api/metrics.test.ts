import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { GenerationMetrics } from '../../src/metrics.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'

const generation: GenerationMetrics = {
  model: 'acme/small',
  provider: 'cheap',
  outcome: 'answered',
  seconds: 0.9,
  firstTokenSeconds: 0.3,
  inputTokens: 216,
  outputTokens: 56,
  dollars: 0.5,
}

test('a generation is counted by model and provider, with its tokens, its time and its cost', async () => {
  const metrics = createMetrics()
  metrics.generation(generation)
  metrics.generation({ ...generation, firstTokenSeconds: null, outcome: 'failed', seconds: 1000 })
  metrics.attempt('cheap:acme/small', 'answer', 0.1)
  metrics.inFlight(1)
  metrics.inFlight(1)
  metrics.inFlight(-1)
  const { body } = await metrics.render()
  const at = 'model="acme/small",provider="cheap"'
  for (const line of [
    `playhead_generations_total{${at},outcome="answered"} 1`,
    `playhead_generations_total{${at},outcome="failed"} 1`,
    `playhead_tokens_total{${at},direction="in"} 432`,
    `playhead_tokens_total{${at},direction="out"} 112`,
    `playhead_cost_dollars_total{${at}} 1`,
    'playhead_first_token_seconds_bucket{model="acme/small",le="0.25"} 0',
    'playhead_first_token_seconds_bucket{model="acme/small",le="0.5"} 1',
    'playhead_first_token_seconds_bucket{model="acme/small",le="+Inf"} 1',
    'playhead_generation_seconds_bucket{model="acme/small",le="300"} 1',
    'playhead_generation_seconds_bucket{model="acme/small",le="+Inf"} 2',
    'playhead_generation_seconds_sum{model="acme/small"} 1000.9',
    'playhead_generation_seconds_count{model="acme/small"} 2',
    'playhead_attempts_total{endpoint="cheap:acme/small",outcome="answer"} 1',
    'playhead_in_flight 1',
  ])
    assert.ok(body.includes(`${line}\n`), line)
  assert.match(body, /^process_resident_memory_bytes \d+$/m)
})

test('a model that is not listed is another one, and there are never more than a thousand', async () => {
  const listed = createMetrics((model) => model.startsWith('acme/'))
  for (const model of ['acme/a', 'made up', 'made up too']) listed.generation({ ...generation, model })
  const { body } = await listed.render()
  assert.ok(!body.includes('made up'))
  assert.match(body, /playhead_generations_total\{model="other",.*\} 2\n/)
  const many = createMetrics()
  for (let at = 0; at < 5000; at += 1) many.generation({ ...generation, model: `model-${at}` })
  const counted = (await many.render()).body.match(/^playhead_generation_seconds_count\{.*$/gm) ?? []
  assert.equal(counted.length, 1001)
  assert.ok(counted.includes('playhead_generation_seconds_count{model="other"} 4000'))
})

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const line =
  /^(?:# (?:HELP|TYPE) .+|[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\"n])*")*\})? \S+)$/

test('whatever a model is called, what Prometheus reads is in its format', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'a', '}') }),
      async (model, odd) => {
        const metrics = createMetrics()
        metrics.generation({ ...generation, model, provider: odd })
        metrics.attempt(odd, model, 1)
        const { body } = await metrics.render()
        for (const each of body.trimEnd().split('\n')) assert.match(each, line)
      },
    ),
  )
})

test('buckets hold all that is no larger than they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.double({ min: 0, max: 400, noNaN: true }), fc.constantFrom(0.005, 1, 300))),
      async (times) => {
        const metrics = createMetrics()
        for (const time of times) metrics.request('models', 200, time)
        const { body } = await metrics.render()
        for (const [, bound = '', count] of body.matchAll(
          /^playhead_request_seconds_bucket\{.*le="(.+)"\} (\d+)$/gm,
        ))
          assert.equal(
            Number(count),
            times.filter((time) => time <= (bound === '+Inf' ? Infinity : Number(bound))).length,
          )
      },
    ),
  )
})
