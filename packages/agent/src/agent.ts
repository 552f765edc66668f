/** Agents: a model, instructions and tools. */
import { type Message, text } from '@playhead/wire'
import { type Clock, systemClock } from './clock.ts'
import { AgentError } from './error.ts'
import { loop, type Settings, type Task } from './loop.ts'
import type { Effects, Fetch } from './model.ts'
import { isKeyMissing, missingKey, type Model } from './providers.ts'
import { Run } from './run.ts'
import { checkedTimeouts, type Timeouts } from './timeouts.ts'
import type { Tool } from './tool.ts'

/** What an agent is made of. */
export interface AgentOptions extends Settings {
  readonly model: Model
  /** The system message. */
  readonly instructions?: string
  readonly tools?: readonly Tool[]
  /** Model calls that one run may make. Default 20. */
  readonly maxSteps?: number
  /** Times that a step's request is sent again after a failure that may pass. Default 2. */
  readonly maxRetries?: number
  /** Tools of one step that run at once. Default 8. */
  readonly maxParallelTools?: number
  /** How long to wait for what may never come. */
  readonly timeouts?: Partial<Timeouts>
}

/** What a run is given besides the question. A recorder is all of it that concerns the tape. */
export interface RunOptions {
  /** Default: the platform's. A recorder's `fetch` puts the run on tape. */
  readonly fetch?: Fetch
  /** Default: the machine's time. A recorder's `clock` lets a replay take none. */
  readonly clock?: Clock
  /** A number from 0 up to 1, for the waits between attempts. Default: chance. A recorder's is always 0 in a replay. */
  readonly random?: () => number
  /** A recorder's: false when requests may go to the network, which a missing key should end before they do. */
  readonly isReplaying?: boolean
  /** Aborts the run. */
  readonly signal?: AbortSignal
  /** Another model than the agent's own. */
  readonly model?: Model
}

/** What `agent` makes: it holds no conversation, and any number of its runs may go on at once. */
export interface Agent {
  readonly type: 'agent'
  readonly model: Model
  /**
   * Begins a run on a question, or on a conversation, which then goes on where it ended: with the model, or
   * with the tools that its last message calls.
   */
  run(prompt: string | readonly Message[], options?: RunOptions): Run
}

/** Makes an agent. Throws an AgentError for settings that cannot be right. */
export function agent(options: AgentOptions): Agent {
  const {
    model,
    instructions,
    tools = [],
    maxSteps = 20,
    maxRetries = 2,
    maxParallelTools = 8,
    timeouts: givenTimeouts = {},
    ...settings
  } = options
  if ((model as Model | undefined)?.type !== 'model') {
    throw new AgentError(
      'configuration',
      'An agent needs a model: openrouter(…), openai(…), custom(…) or model(…)',
    )
  }
  checkCount('maxSteps', maxSteps, 1)
  checkCount('maxRetries', maxRetries, 0)
  checkCount('maxParallelTools', maxParallelTools, 1)
  checkNames(tools)
  checkSettings(settings)
  const timeouts = checkedTimeouts(givenTimeouts)
  const task = { model, tools, settings, maxSteps, maxRetries, maxParallelTools, timeouts }
  return {
    type: 'agent',
    model,
    run(prompt, options = {}) {
      const { fetch, clock = systemClock, random = Math.random, signal, model: other = model } = options
      const ask = { ...task, model: other, messages: conversation(prompt, instructions) }
      const isLive = fetch === undefined || options.isReplaying === false
      const effects = { fetch: fetch ?? globalThis.fetch, clock, random }
      return new Run((signal) => start(ask, isLive, { ...effects, signal }), timeouts.run, signal)
    },
  }
}

/** A run that goes to the network needs a key for that. */
async function* start(task: Task, isLive: boolean, effects: Effects): ReturnType<typeof loop> {
  if (isLive && isKeyMissing(task.model)) throw missingKey(task.model)
  return yield* loop(task, effects)
}

/** A conversation that begins with a system message keeps its own. */
function conversation(
  prompt: string | readonly Message[],
  instructions: string | undefined,
): readonly Message[] {
  const messages: readonly Message[] =
    typeof prompt === 'string' ? [{ role: 'user', content: [text(prompt)] }] : prompt
  if (messages.length === 0) throw new AgentError('configuration', 'There is nothing to run on: no message')
  if (instructions === undefined || messages[0]?.role === 'system') return messages
  return [{ role: 'system', content: [text(instructions)] }, ...messages]
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  throw new AgentError('configuration', `${name} is ${value}: it must be a whole number of at least ${least}`)
}

/** JSON has no NaN: it would be sent as null. */
function checkSettings({ maxOutputTokens, temperature, topP, seed }: Settings): void {
  if (maxOutputTokens !== undefined) checkCount('maxOutputTokens', maxOutputTokens, 1)
  for (const [name, value] of Object.entries({ temperature, topP, seed })) {
    if (value === undefined || Number.isFinite(value)) continue
    throw new AgentError('configuration', `${name} is ${value}: it must be a number`)
  }
}

function checkNames(tools: readonly Tool[]): void {
  const names = new Set<string>()
  for (const { name } of tools) {
    if (names.has(name)) throw new AgentError('configuration', `Two tools are named "${name}"`)
    names.add(name)
  }
}
