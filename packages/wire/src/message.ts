/** What a conversation is made of, in the one form that every dialect is translated to and from. */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A message. The field's own word for its kind is `role`; parts and events are told apart by `type`. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

export interface SystemMessage {
  readonly role: 'system'
  readonly content: readonly TextPart[]
}

export interface UserMessage {
  readonly role: 'user'
  readonly content: readonly (TextPart | MediaPart)[]
}

/** What a model answered. Reasoning stands before text, text before tool calls. */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: readonly AssistantPart[]
}

export type AssistantPart = TextPart | ReasoningPart | ToolCall

/** The results of one step's tool calls, in call order. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly content: readonly ToolResult[]
}

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly data?: ProviderData
}

/** An image, a sound or a file. */
export interface MediaPart {
  readonly type: 'media'
  /** For example `image/png`; empty when only a URL is known. */
  readonly mediaType: string
  readonly source: MediaSource
  /** The file's name, where there is one. */
  readonly name?: string
  readonly data?: ProviderData
}

export type MediaSource =
  | { readonly type: 'base64'; readonly base64: string }
  | { readonly type: 'url'; readonly url: string }

export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
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
}

/** What a provider wants back untouched (signatures, encrypted reasoning), by dialect name. */
export type ProviderData = Readonly<Record<string, JsonObject>>

/** Makes a text part. */
export function text(value: string): TextPart {
  return { type: 'text', text: value }
}

/** All text of a message's content, joined; reasoning, media and tool calls left out. */
export function textOf(content: readonly (AssistantPart | MediaPart | ToolResult)[]): string {
  let joined = ''
  for (const part of content) if (part.type === 'text') joined += part.text
  return joined
}
