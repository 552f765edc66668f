/** What a run says while it goes on, and what it gives in the end. */
import type {
  AssistantMessage,
  Cost,
  Failure,
  FinishReason,
  Message,
  PartEvent,
  ToolCall,
  ToolResult,
  Usage,
} from '@playhead/wire'

/**
 * An event of a run. In each step: `step`, then deltas as the model writes, its whole tool calls, `usage`,
 * and the tools' results in call order; `finish` comes once, last. A `retry` comes before anything the model
 * says: an answer that broke off once it had begun ends the run.
 */
export type RunEvent = StepEvent | PartEvent | RetryEvent | UsageEvent | ToolResultEvent | RunFinishEvent

/** A step begins: the model is called. */
export interface StepEvent {
  readonly type: 'step'
  /** Counted from 0. */
  readonly index: number
}

/** An attempt failed and the same request will be sent again. */
export interface RetryEvent {
  readonly type: 'retry'
  /** The attempt that failed, counted from 1. */
  readonly attempt: number
  readonly failure: Failure
  /** Milliseconds until the next attempt. */
  readonly wait: number
}

/** The model's answer is complete: what the step used, failed attempts included. */
export interface UsageEvent {
  readonly type: 'usage'
  readonly index: number
  readonly finishReason: FinishReason
  readonly usage: Usage
  /** Null when the provider did not report one. */
  readonly cost: Cost | null
  /** Who served it, as far as the answer says; else the provider's name. */
  readonly provider: string
  /** The model that answered, in the provider's words. */
  readonly model: string
  /** Milliseconds from the step's first request to the end of its answer, waits included. */
  readonly duration: number
}

/** A tool has answered. */
export interface ToolResultEvent {
  readonly type: 'tool-result'
  readonly call: ToolCall
  readonly result: ToolResult
}

/** The run is over. */
export interface RunFinishEvent {
  readonly type: 'finish'
  readonly result: RunResult
}

/** One model call and the tools that it asked for. */
export interface Step {
  readonly index: number
  readonly message: AssistantMessage
  readonly finishReason: FinishReason
  readonly toolResults: readonly ToolResult[]
  /** The attempts that failed before the answer came. */
  readonly failures: readonly Failure[]
  readonly usage: Usage
  readonly cost: Cost | null
  readonly provider: string
  readonly model: string
  /** Milliseconds, of the model call. */
  readonly duration: number
}

/**
 * Why a run is over: the model had nothing more to do, the steps were used up, or its answer was cut off
 * (no tool runs after that).
 */
export type Ending = 'answer' | 'step-limit' | 'length' | 'content-filter'

/** How far a run has come. */
export interface Progress {
  readonly steps: readonly Step[]
  /**
   * The whole conversation. Running an agent on it again goes on where it ended. An answer that was cut off
   * is left out: it is asked for again, and its tool calls do not run. The step has it.
   */
  readonly messages: readonly Message[]
  readonly usage: Usage
  /** The sum over all steps; null when a step's cost is not known. */
  readonly cost: Cost | null
}

/** What a run gives in the end. */
export interface RunResult extends Progress {
  /** The text of the last answer. */
  readonly text: string
  readonly ending: Ending
  /** Milliseconds. */
  readonly duration: number
}
