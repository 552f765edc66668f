/** Encodes the parts of an answer as the blocks that this dialect's clients read. */
import { isShallow } from '../kept-fields.ts'
import type { AssistantPart, JsonObject, MediaPart, ReasoningPart, TextPart, ToolCall } from '../message.ts'
import { inputObject } from '../tool-input.ts'
import { encodeCitations } from './citations.ts'
import { keptFields } from './name.ts'
import { encodeProviderPart } from './provider-parts.ts'

/** One part whole; null for one that has no form here: media, and what another dialect's provider left. */
export function encodeBlock(part: AssistantPart): JsonObject | null {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'reasoning':
      return encodeThinking(part)
    case 'tool-call':
      return encodeCall(part)
    case 'media':
      return encodeUpload(part)
    case 'provider-call':
    case 'provider-result':
      return withCaller(encodeProviderPart(part))
  }
}

/** Null for a text that says nothing. */
function encodeText({ text, citations }: TextPart): JsonObject | null {
  const kept = encodeCitations(citations)
  return text === '' && kept.length === 0
    ? null
    : { type: 'text', text, citations: kept.length > 0 ? kept : null }
}

/** Other dialects' reasoning is shown without a signature. Null for what they keep to themselves. */
function encodeThinking(part: ReasoningPart): JsonObject | null {
  const { type, signature = '', ...rest } = keptFields(part)
  if (type !== undefined) return { type, ...rest }
  return part.text === '' && signature === '' ? null : { type: 'thinking', thinking: part.text, signature }
}

function encodeCall(call: ToolCall): JsonObject {
  const input = inputObject(call)
  return {
    type: 'tool_use',
    id: call.id,
    name: call.name,
    input: isShallow(input) ? input : { input: call.inputText },
    ...called,
    ...keptFields(call),
  }
}

/** A call's fields but for its input, which follows. */
export function encodeCallHead(call: Pick<ToolCall, 'id' | 'name' | 'data'>): JsonObject {
  const { id, name } = call
  return { type: 'tool_use', id, name, input: {}, ...called, ...keptFields(call) }
}

const called: JsonObject = { caller: { type: 'direct' } }

function withCaller(block: JsonObject | null): JsonObject | null {
  return block?.['type'] === 'server_tool_use' ? { ...called, ...block } : block
}

/** The only media that a model answers with here. */
function encodeUpload(part: MediaPart): JsonObject | null {
  const fields = keptFields(part)
  return fields['type'] === 'container_upload' ? fields : null
}
