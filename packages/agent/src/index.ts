/** Agents you can rewind: a model, tools and a loop. */
export { type Agent, agent, type AgentOptions, type RunOptions } from './agent.ts'
export { type Clock, systemClock } from './clock.ts'
export { AgentError, type AgentErrorCode } from './error.ts'
export type * from './event.ts'
export type { Fetch } from './model.ts'
export {
  anthropic,
  custom,
  google,
  isKeyMissing,
  missingKey,
  type Model,
  type ModelOptions,
  openai,
  openrouter,
  type OpenRouterOptions,
  placeOf,
  redirect,
} from './providers.ts'
export { model, type ReferenceOptions } from './reference.ts'
export type { Run } from './run.ts'
export type { InputSchema } from './schema.ts'
export type { Timeouts } from './timeouts.ts'
export { type Tool, tool, type ToolContext, type ToolOptions } from './tool.ts'
