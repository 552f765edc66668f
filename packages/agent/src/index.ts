/** Agents you can rewind: a model, tools and a loop. */
export { type Agent, agent, type AgentOptions, type RunOptions } from './agent.ts'
export { type Clock, systemClock } from './clock.ts'
export { AgentError, type AgentErrorCode } from './error.ts'
export type * from './event.ts'
export type { Fetch } from './model.ts'
export {
  custom,
  isKeyMissing,
  missingKey,
  type Model,
  model,
  type ModelOptions,
  openai,
  openrouter,
  type OpenRouterOptions,
  redirect,
} from './providers.ts'
export type { Run } from './run.ts'
export type { InputSchema } from './schema.ts'
export type { Timeouts } from './timeouts.ts'
export { type Tool, tool, type ToolContext, type ToolOptions } from './tool.ts'
