/** Reads and writes what Anthropic's own tools leave in an answer. https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools */
import { objectOr, stringIn, type Unread } from '../json.ts'
import { isShallow } from '../kept-fields.ts'
import type { Json, JsonObject, MediaPart, ProviderCall, ProviderResult } from '../message.ts'
import { keepRest, keptFields } from './name.ts'

/** Whether a block of this type is one of Anthropic's tools' own: all that follow the pattern are, also later ones. */
export function isProviderBlock(type: string): boolean {
  return /_tool_(use|result|listing)$|^(compaction|container_upload)$/.test(type)
}

/** Reads a call, a result, or what else a provider leaves; its type and what has no canonical form are kept. */
export function decodeProviderPart(wire: Unread): ProviderCall | ProviderResult | MediaPart {
  const type = stringIn(wire, 'type') ?? ''
  if (type === 'container_upload') return decodeUpload(wire)
  if (type.endsWith('_tool_use')) {
    return {
      type: 'provider-call',
      id: stringIn(wire, 'id') ?? '',
      name: stringIn(wire, 'name') ?? '',
      input: jsonOf(wire['input'] ?? {}),
      ...keepRest(wire, ['id', 'name', 'input']),
    }
  }
  const content = wire['content'] ?? null
  return {
    type: 'provider-result',
    id: stringIn(wire, 'tool_use_id') ?? '',
    name: type.replace(/_tool_result$/, ''),
    output: jsonOf(content),
    isError: wire['is_error'] === true || (stringIn(objectOr(content), 'type') ?? '').endsWith('_error'),
    ...keepRest(wire, ['tool_use_id', 'content']),
  }
}

/** A file that a tool wrote, or that one is to read: kept whole. */
export function decodeUpload(wire: Unread): MediaPart {
  const id = stringIn(wire, 'file_id') ?? ''
  return { type: 'media', mediaType: '', source: { type: 'file', id }, ...keepRest(wire, []) }
}

/** Null for a part of another dialect's provider. */
export function encodeProviderPart(part: ProviderCall | ProviderResult): JsonObject | null {
  const { type, ...rest } = keptFields(part)
  const { id } = part
  if (type === undefined) return null
  if (part.type === 'provider-call') return { type, id, name: part.name, input: part.input, ...rest }
  return {
    type,
    ...(id && { tool_use_id: id }),
    // A compaction that failed has none: https://platform.claude.com/docs/en/build-with-claude/compaction
    ...((part.output !== null || type === 'compaction') && { content: part.output }),
    ...rest,
  }
}

/** What could not be written again is not kept. */
function jsonOf(value: unknown): Json {
  return isShallow(value) ? (value as Json) : null
}
