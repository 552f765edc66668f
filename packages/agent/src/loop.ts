/** The loop: model, tools, model, until nothing is owed. */
import {
  addCosts,
  addUsage,
  type Answer,
  type AssistantMessage,
  type BatchSource,
  type Cost,
  type Failure,
  type Message,
  type ModelRequest,
  noUsage,
  textOf,
  type ToolCall,
  type ToolResult,
  type Usage,
} from '@playhead/wire'
import type { Clock } from './clock.ts'
import { AgentError, messageOf } from './error.ts'
import type { Ending, Progress, RunEvent, RunResult, Step } from './event.ts'
import { limitTo, orAborted } from './limit.ts'
import { Attempt, type Effects } from './model.ts'
import { isKeyMissing, missingKey, type Model } from './providers.ts'
import { retryWait } from './retry.ts'
import type { Timeouts } from './timeouts.ts'
import { errorResult, type Tool } from './tool.ts'

/** What a run is made of. */
export interface Task {
  readonly model: Model
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
  readonly settings: Settings
  readonly maxSteps: number
  readonly maxRetries: number
  readonly maxParallelTools: number
  readonly timeouts: Timeouts
}

/** What the model is asked besides the conversation. */
export type Settings = Omit<ModelRequest, 'model' | 'messages' | 'tools' | 'stream' | 'data'>

/** What the transcript owes next. Pure, so a saved transcript resumes with no other state. */
export type Owed =
  | { readonly type: 'model' }
  | { readonly type: 'tools'; readonly calls: readonly ToolCall[] }
  | { readonly type: 'nothing' }

/**
 * Decides by content, never by finish reason: an answer that calls tools owes their results even where its
 * provider says `stop`, and one that calls none is an end even where it says `tool_calls`.
 */
export function owed(messages: readonly Message[]): Owed {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return { type: 'model' }
  const calls = last.content.filter((part) => part.type === 'tool-call')
  return calls.length === 0 ? { type: 'nothing' } : { type: 'tools', calls }
}

/** A run's next events, or where they come from: a source is read to its end before the loop goes on. */
export type EventSource = readonly RunEvent[] | BatchSource<RunEvent>

/** Runs until nothing is owed and yields what to read events from. Only what happens once a step passes here. */
export async function* loop(task: Task, effects: Effects): AsyncGenerator<EventSource, RunResult, undefined> {
  const started = effects.clock.now()
  const messages = [...task.messages]
  const steps: Step[] = []
  let ending: Ending = 'answer'
  for (let next = owed(messages); next.type !== 'nothing'; next = owed(messages)) {
    if (next.type === 'tools') {
      const results = yield* runTools(next.calls, task, effects)
      messages.push({ role: 'tool', content: results })
      const step = steps.pop()
      if (step !== undefined) steps.push({ ...step, toolResults: results })
      continue
    }
    if (steps.length >= task.maxSteps) {
      ending = 'step-limit'
      break
    }
    const step = yield* runStep(steps, messages, task, effects)
    steps.push(step)
    if (step.finishReason === 'length' || step.finishReason === 'content-filter') {
      ending = step.finishReason
      break
    }
    messages.push(step.message)
  }
  return finish(messages, steps, ending, elapsed(effects.clock, started))
}

/** One step's model call, sent again as its failures allow. Throws an AgentError when they do not. */
async function* runStep(
  before: readonly Step[],
  messages: readonly Message[],
  task: Task,
  effects: Effects,
): AsyncGenerator<EventSource, Step, undefined> {
  const index = before.length
  yield [{ type: 'step', index }]
  const started = effects.clock.now()
  const body = encode(messages, task)
  const failures: Failure[] = []
  for (;;) {
    const attempt = new Attempt(task.model, body, task.timeouts, effects)
    yield attempt
    const { outcome } = attempt
    if (outcome === undefined) throw new Error('An attempt was not read to its end')
    if (outcome.type === 'answer') {
      const step = stepOf(index, outcome, failures, task.model, elapsed(effects.clock, started))
      const { message: _message, toolResults: _results, failures: _failures, ...event } = step
      yield [{ type: 'usage', ...event }]
      return step
    }
    failures.push(outcome)
    // What has been said cannot be unsaid: only an answer that had not begun is asked for again.
    const chance = effects.random()
    const wait = attempt.hasBegun ? null : retryWait(outcome, failures.length, task.maxRetries, chance)
    if (wait === null) {
      const progress = progressOf(messages, before, failures)
      throw modelFailed(outcome, failures.length, task.model, progress)
    }
    yield [{ type: 'retry', attempt: failures.length, failure: outcome, wait }]
    await effects.clock.sleep(wait, effects.signal)
  }
}

/** Runs a step's tools side by side, at most so many at once, and yields their results in call order. */
async function* runTools(
  calls: readonly ToolCall[],
  { tools, maxParallelTools }: Task,
  { signal }: Effects,
): AsyncGenerator<EventSource, readonly ToolResult[], undefined> {
  const limit = limitTo(maxParallelTools)
  const running = calls.map((call) => ({ call, result: limit(() => answerTo(call, tools, signal)) }))
  // Only the first one to fail is awaited below.
  for (const { result } of running) result.catch(() => {})
  const results: ToolResult[] = []
  for (const { call, result: promise } of running) {
    const result = await orAborted(promise, signal)
    results.push(result)
    yield [{ type: 'tool-result', call, result }]
  }
  return results
}

/** That there is no such tool is an error result for the model, as is all else that goes wrong with a call. */
async function answerTo(call: ToolCall, tools: readonly Tool[], signal: AbortSignal): Promise<ToolResult> {
  const tool = tools.find(({ name }) => name === call.name)
  if (tool !== undefined) return tool.answer(call, signal)
  const names = tools.map(({ name }) => name).join(', ')
  return errorResult(call, `There is no tool "${call.name}". Tools: ${names || 'none'}`)
}

/** Throws an AgentError for what the dialect cannot say: to leave it out would change the question. */
function encode(messages: readonly Message[], task: Task): string {
  const { dialect, provider } = task.model
  try {
    return dialect.encodeRequest(requestOf(messages, task), provider)
  } catch (cause) {
    const why = `The request cannot be written as ${dialect.name}: ${messageOf(cause)}`
    throw new AgentError('configuration', why, { cause })
  }
}

function requestOf(messages: readonly Message[], { model, tools, settings }: Task): ModelRequest {
  return {
    ...settings,
    model: model.name,
    messages,
    tools: tools.map(({ name, description, input }) => ({
      type: 'function',
      name,
      description,
      inputSchema: input.jsonSchema,
      strict: false,
    })),
    stream: true,
    data: { [model.dialect.name]: model.body },
  }
}

function stepOf(
  index: number,
  answer: Answer,
  failures: readonly Failure[],
  model: Model,
  duration: number,
): Step {
  return {
    index,
    message: answer.message,
    finishReason: answer.finishReason,
    toolResults: [],
    failures,
    usage: sumUsage([answer, ...failures]),
    cost: sumCosts([answer], failures),
    provider: answer.provider ?? model.provider.name,
    model: answer.model || model.name,
    duration,
  }
}

/** Milliseconds since a moment, to the microsecond. */
function elapsed(clock: Clock, since: number): number {
  return Math.round((clock.now() - since) * 1000) / 1000
}

function modelFailed(failure: Failure, attempts: number, model: Model, progress: Progress): AgentError {
  const times = attempts === 1 ? '' : ` (${attempts} attempts)`
  const upstream =
    failure.provider === null ? model.provider.name : `${model.provider.name}, ${failure.provider}`
  const raw = failure.raw === null ? '' : `: ${failure.raw}`
  const key = failure.code === 'auth' && isKeyMissing(model) ? `. ${missingKey(model).message}` : ''
  return new AgentError('model', `${upstream}: ${failure.message}${raw}${times}${key}`, {
    failure,
    progress,
  })
}

function finish(
  messages: readonly Message[],
  steps: readonly Step[],
  ending: Ending,
  duration: number,
): RunResult {
  const last =
    steps.at(-1)?.message ??
    messages.findLast((message): message is AssistantMessage => message.role === 'assistant')
  return { text: textOf(last?.content ?? []), ending, ...progressOf(messages, steps, []), duration }
}

/** @param failures the attempts of a step that got no answer */
function progressOf(
  messages: readonly Message[],
  steps: readonly Step[],
  failures: readonly Failure[],
): Progress {
  return { steps, messages, usage: sumUsage([...steps, ...failures]), cost: sumCosts(steps, failures) }
}

/** Null when what an answer cost is not known. A failure that names no cost had none. */
function sumCosts(answers: readonly Paid[], failures: readonly Paid[]): Cost | null {
  const isKnown = answers.every(({ cost }) => cost !== null)
  return isKnown ? addCosts([...answers, ...failures].map(({ cost }) => cost ?? '0')) : null
}

interface Paid {
  readonly cost: Cost | null
}

function sumUsage(parts: readonly { readonly usage: Usage | null }[]): Usage {
  return parts.reduce((sum, { usage }) => (usage === null ? sum : addUsage(sum, usage)), noUsage)
}
