/** What a conversation is made of, in the one form that every dialect is translated to and from. */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** What a dialect has beyond the canonical form, by the dialect's name. No other dialect looks at it. */
export type ProviderData = Readonly<Record<string, JsonObject>>

/** A message. The field's own word for its kind is `role`; parts and events are told apart by `type`. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** What the model is told to be and to do. */
export interface SystemMessage {
  readonly role: 'system'
  readonly content: readonly TextPart[]
  /** OpenAI's other name for it, `developer`. Other dialects know only one. */
  readonly isDeveloper?: true
  readonly data?: ProviderData
}

/** What the model is asked. */
export interface UserMessage {
  readonly role: 'user'
  readonly content: readonly (TextPart | MediaPart)[]
  readonly data?: ProviderData
}

/** What a model answered, its parts in the order in which they came. */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: readonly AssistantPart[]
  readonly data?: ProviderData
}

/** What an answer is made of. */
export type AssistantPart = TextPart | ReasoningPart | ToolCall | MediaPart | ProviderCall | ProviderResult

/** The results of one step's tool calls, in call order. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly content: readonly ToolResult[]
  readonly data?: ProviderData
}

/** Words, of whoever has the role. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
  /** Where the model has it from. */
  readonly citations?: readonly Citation[]
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** A source of what a text says. */
export interface Citation {
  readonly url?: string
  readonly title?: string
  /** The source's own words. */
  readonly quote?: string
  /** Where in the part's text it belongs, in UTF-16 units; absent for the whole part. */
  readonly start?: number
  readonly end?: number
  readonly data?: ProviderData
}

/** An image, a sound, a film or a file. */
export interface MediaPart {
  readonly type: 'media'
  /** For example `image/png`; `image/*` when only the kind is known, empty when not even that is. */
  readonly mediaType: string
  readonly source: MediaSource
  /** The file's name, where there is one. */
  readonly name?: string
  /** How closely the model looks at an image: `low`, `high`, `auto`. */
  readonly detail?: string
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** Where the bytes are. */
export type MediaSource =
  | { readonly type: 'base64'; readonly base64: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'text'; readonly text: string }
  /** A file that the provider keeps, by the name that it gave it. Nobody else knows it. */
  | { readonly type: 'file'; readonly id: string }

/** What the model thought before it answered. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  /** Empty where the provider keeps it to itself. */
  readonly text: string
  /** Signatures and encrypted reasoning, which the provider wants back untouched. */
  readonly data?: ProviderData
}

/** A tool that the model wants run. */
export interface ToolCall {
  readonly type: 'tool-call'
  /** The provider's own id. It repeats between answers (`functions.add:0`): never a key of ours. */
  readonly id: string
  readonly name: string
  /** The input parsed; undefined when `inputText` is not JSON. */
  readonly input: unknown
  /** The input byte for byte as the model wrote it, which is how it is sent back. */
  readonly inputText: string
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** What a tool answered. */
export interface ToolResult {
  readonly type: 'tool-result'
  /** The id of the tool call that it answers. */
  readonly id: string
  /** The tool's name; empty where the dialect does not say. */
  readonly name: string
  readonly output: readonly (TextPart | MediaPart)[]
  readonly isError: boolean
  readonly cache?: CacheBreakpoint
  readonly data?: ProviderData
}

/** A tool that the provider ran itself, such as a web search: nobody owes it a result. */
export interface ProviderCall {
  readonly type: 'provider-call'
  readonly id: string
  /** The provider's name for the tool: `web_search`. */
  readonly name: string
  readonly input: Json
  readonly data?: ProviderData
}

/** What a tool that the provider ran gave the model. */
export interface ProviderResult {
  readonly type: 'provider-result'
  /** The id of the provider call that it answers. */
  readonly id: string
  readonly name: string
  /** In the provider's own shape. */
  readonly output: Json
  readonly isError: boolean
  readonly data?: ProviderData
}

/** Up to here and with this part, the prompt is worth keeping in the provider's cache. */
export interface CacheBreakpoint {
  /** How long, in the provider's words: `5m`, `1h`. Absent: its default. */
  readonly ttl?: string
}

/** Makes a text part. */
export function text(value: string): TextPart {
  return { type: 'text', text: value }
}

/** All text of a message's content, joined; reasoning, media and tool calls left out. */
export function textOf(content: readonly (AssistantPart | ToolResult)[]): string {
  let joined = ''
  for (const part of content) if (part.type === 'text') joined += part.text
  return joined
}
