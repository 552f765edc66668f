/** What a model is asked, in the one form that every dialect is translated to and from. */
import type { CacheBreakpoint, JsonObject, Message, ProviderData } from './message.ts'

/**
 * One call of a model. Absent settings are the provider's defaults. What becomes of each field in each
 * dialect is in docs/dialects.md.
 */
export interface ModelRequest {
  /** The model's name as its provider knows it. */
  readonly model: string
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  /** Default `auto` when there are tools. */
  readonly toolChoice?: ToolChoice
  /** Whether one answer may call several tools. Default: the provider's, which is true nearly everywhere. */
  readonly parallelToolCalls?: boolean
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  /** What the answer's text must be. Default: any text. */
  readonly outputFormat?: OutputFormat
  readonly reasoning?: ReasoningSettings
  /** Wants the tokens' log probabilities, with so many alternatives for each: 0 for none but the chosen one. */
  readonly logprobs?: number
  /** Who asks, for the provider's abuse detection. */
  readonly user?: string
  /** The caller's own notes on the request. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly stream: boolean
  /** Fields of a dialect that have no canonical form, sent as they are: OpenRouter's `provider`, … */
  readonly data?: ProviderData
}

/** A tool that the model may call. */
export type ToolDefinition = FunctionTool | ProviderTool

/** A tool that the caller runs. */
export interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly description: string
  /** JSON Schema of the input. */
  readonly inputSchema: JsonObject
  /** Whether the provider must hold the model to the schema. */
  readonly strict?: boolean
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** A tool that the provider brings along: a web search, a computer. Only its own dialect can say it. */
export interface ProviderTool {
  readonly type: 'provider'
  readonly dialect: string
  /** As it stands on the wire. */
  readonly definition: JsonObject
}

/** Whether the model may, must or must not call a tool, and which. */
export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly name: string }

/** What the text of an answer is held to. */
export type OutputFormat =
  | { readonly type: 'text' }
  /** Some JSON. */
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      /** Empty where the dialect has no name for it. */
      readonly name: string
      readonly description?: string
      readonly schema: JsonObject
      readonly strict?: boolean
    }

/** How much a model thinks before it answers. */
export interface ReasoningSettings {
  /** Off or on; absent where effort or budget say so. */
  readonly isEnabled?: boolean
  /** The field's words, which grow: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly effort?: string
  /** The most tokens it may take. */
  readonly budget?: number
  /** Whether the answer shows it. */
  readonly isShown?: boolean
}
