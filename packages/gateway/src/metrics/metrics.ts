/**
 * Counts for Prometheus, in its text format. Written here, because adding one up is all there is to do for a request:
 * `prom-client` takes 20 ms to load and a third of a microsecond for each observation.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Metrics } from '../metrics.ts'
import { Counter, Histogram, Label } from './series.ts'

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/**
 * `isListed` says which models are of the configuration: those that are not, a client's own text for one, count as
 * `other`. Nor are there ever more than 1,000 of a kind.
 */
export function createMetrics(isListed: (model: string) => boolean = () => true): Metrics {
  const models = new Label('model', isListed)
  // Bounded by themselves, or nearly: endpoints are not, where a provider takes any model's name.
  const [routes, providers] = [new Label('route'), new Label('provider')]
  const [endpoints, outcomes] = [new Label('endpoint'), new Label('outcome')]
  const requests = new Counter('playhead_requests_total', 'Requests of clients')
  const requestTimes = new Histogram('playhead_request_seconds', 'From arrival to end', seconds)
  const generations = new Counter('playhead_generations_total', 'Questions to models')
  const generationTimes = new Histogram('playhead_generation_seconds', 'From arrival to end', seconds)
  const firstTokens = new Histogram(
    'playhead_first_token_seconds',
    'From arrival to the first token',
    seconds,
  )
  const tokens = new Counter('playhead_tokens_total', 'Tokens in and out')
  const spent = new Counter('playhead_cost_dollars_total', 'What was charged; the ledger has it exactly')
  const attempts = new Counter('playhead_attempts_total', 'Requests to endpoints')
  const attemptTimes = new Histogram('playhead_attempt_seconds', 'From connecting to end', seconds)
  const series = [
    requests,
    requestTimes,
    generations,
    generationTimes,
    firstTokens,
    tokens,
    spent,
    attempts,
    attemptTimes,
  ]
  let underWay = 0
  return {
    request: (route, status, took) => {
      const at = routes.of(route)
      requests.add(`${at},status="${status}"`, 1)
      requestTimes.observe(at, took)
    },
    generation: (ended) => {
      const model = models.of(ended.model)
      const served = `${model},${providers.of(ended.provider)}`
      generations.add(`${served},${outcomes.of(ended.outcome)}`, 1)
      generationTimes.observe(model, ended.seconds)
      if (ended.firstTokenSeconds !== null) firstTokens.observe(model, ended.firstTokenSeconds)
      tokens.add(`${served},direction="in"`, ended.inputTokens)
      tokens.add(`${served},direction="out"`, ended.outputTokens)
      spent.add(served, ended.dollars)
    },
    attempt: (endpoint, outcome, took) => {
      const at = endpoints.of(endpoint)
      attempts.add(`${at},${outcomes.of(outcome)}`, 1)
      attemptTimes.observe(at, took)
    },
    inFlight: (change) => {
      underWay += change
    },
    render: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: [
        ...series.map((each) => each.render()),
        gauge('playhead_in_flight', 'Questions under way', underWay),
        ...processSeries(),
      ].join(''),
    }),
  }
}

/** By the names that every Prometheus client has for them. */
function processSeries(): readonly string[] {
  const { user, system } = process.cpuUsage()
  const started = Date.now() / 1000 - process.uptime()
  return [
    `# HELP process_cpu_seconds_total User and system CPU time\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ${(user + system) / 1e6}\n`,
    gauge('process_resident_memory_bytes', 'Resident memory', process.memoryUsage.rss()),
    gauge('process_start_time_seconds', 'When the process started, since 1970', Math.round(started)),
  ]
}

function gauge(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`
}
