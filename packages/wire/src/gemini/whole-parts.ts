/** Decodes parts of an answer that come at once: media, and what Google's own tools were asked and said. */
import type { AnswerBuilder } from '../answer-builder.ts'
import { given } from '../given.ts'
import { isObject, stringIn, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { Json, JsonObject, ProviderData } from '../message.ts'
import { nameOfTool, providerParts } from './provider-parts.ts'

type WholePart = Parameters<AnswerBuilder['addPart']>[0]

/** The part; null for one that is none of these. Calls without an id are named by how many were before them. */
export function decodeWhole(part: Unread, callsBefore: number): WholePart | null {
  const { inlineData, fileData } = part
  if (isObject(inlineData)) return decodeMedia(part, 'inlineData', inlineData)
  if (isObject(fileData)) return decodeMedia(part, 'fileData', fileData)
  for (const [field, type] of providerParts) {
    const wire = part[field]
    if (!isObject(wire) || !isShallow(wire)) continue
    const isCall = type === 'provider-call'
    const common = {
      id: stringIn(wire, 'id') ?? `code_${isCall ? callsBefore : Math.max(0, callsBefore - 1)}`,
      name: nameOfTool(wire),
      ...dataOf(part, field, { field }),
    }
    const json = wire as Json
    return isCall
      ? { type, ...common, input: json }
      : { type, ...common, output: json, isError: (wire['outcome'] ?? fine) !== fine }
  }
  return null
}

const fine = 'OUTCOME_OK'

function decodeMedia(part: Unread, field: 'inlineData' | 'fileData', wire: Unread): WholePart {
  const mediaType = stringIn(wire, 'mimeType')
  return {
    type: 'media',
    mediaType: mediaType ?? '',
    source:
      field === 'fileData'
        ? { type: 'url', url: stringIn(wire, 'fileUri') ?? '' }
        : { type: 'base64', base64: stringIn(wire, 'data') ?? '' },
    ...given({ name: stringIn(wire, 'displayName') }),
    ...dataOf(part, field, mediaType === null ? { mimeType: null } : {}),
  }
}

/** What a part has beside what it is: its signature, how a film is cut. Undefined where that is nothing. */
export function restOf(part: Unread, known: readonly string[]): JsonObject | undefined {
  let rest: Record<string, unknown> | undefined
  for (const field in part) {
    if (known.includes(field) || field === '__proto__') continue
    if (part[field] === null || !isShallow(part[field])) continue
    rest ??= {}
    rest[field] = part[field]
  }
  return rest as JsonObject | undefined
}

/** The same with some more, as a part keeps it. */
export function dataOf(part: Unread, known: string, more: JsonObject): { readonly data?: ProviderData } {
  return keep('gemini', { ...restOf(part, [known]), ...more })
}
