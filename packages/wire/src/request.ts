/** What a model is asked, in the one form that every dialect is translated to and from. */
import type { Json, JsonObject, Message } from './message.ts'

/** One call of a model. Absent settings are the provider's defaults. */
export interface ModelRequest {
  /** The model's name as its provider knows it. */
  readonly model: string
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  /** Default `auto` when there are tools. */
  readonly toolChoice?: ToolChoice
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  readonly stream: boolean
  /** Fields of the dialect that have no canonical form, sent as they are: `provider`, `reasoning`, … */
  readonly extra?: Readonly<Record<string, Json>>
}

/** A tool as the model sees it. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON Schema of the input. */
  readonly inputSchema: JsonObject
}

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly name: string }
