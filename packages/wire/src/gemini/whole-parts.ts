/** Decodes parts of an answer that come at once: media, and what Google's own tools were asked and said. */
import type { AnswerBuilder } from '../answer-builder.ts'
import { given } from '../given.ts'
import { isObject, stringIn, type Unread } from '../json.ts'
import { isShallow, keep } from '../kept-fields.ts'
import type { Json, JsonObject, ProviderData } from '../message.ts'
import { nameOfTool, providerParts } from './provider-parts.ts'

type WholePart = Parameters<AnswerBuilder['addPart']>[0]

/** The part; null for one that is none of these. Without an id, it is of the code that ran last: its number is `code`. */
export function decodeWhole(part: Unread, code: number): WholePart | null {
  const place = isObject(part['inlineData']) ? 'inlineData' : 'fileData'
  const media = part[place]
  if (isObject(media)) {
    const url = stringIn(media, 'fileUri')
    return {
      type: 'media',
      mediaType: stringIn(media, 'mimeType') ?? '',
      source: url === null ? { type: 'base64', base64: stringIn(media, 'data') ?? '' } : { type: 'url', url },
      ...given({ name: stringIn(media, 'displayName') }),
      ...dataOf(part, place),
    }
  }
  for (const [field, type] of providerParts) {
    const wire = part[field]
    if (!isObject(wire) || !isShallow(wire)) continue
    const common = {
      id: stringIn(wire, 'id') ?? `code_${code}`,
      name: nameOfTool(wire),
      ...dataOf(part, field, { field }),
    }
    const json = wire as Json
    return type === 'provider-call'
      ? { type, ...common, input: json }
      : { type, ...common, output: json, isError: (wire['outcome'] ?? 'OUTCOME_OK') !== 'OUTCOME_OK' }
  }
  return null
}

/** What has no place of its own: a signature, how a film is cut. Undefined where that is nothing. */
export function restOf(wire: Unread, known: readonly string[] = []): JsonObject | undefined {
  let rest: Record<string, unknown> | undefined
  for (const field in wire) {
    if (known.includes(field) || field === '__proto__') continue
    if (wire[field] === null || !isShallow(wire[field])) continue
    rest ??= {}
    rest[field] = wire[field]
  }
  return rest as JsonObject | undefined
}

/** The same of a part, with some more, as the part keeps it. */
export function dataOf(part: Unread, known: string, more?: JsonObject): { readonly data?: ProviderData } {
  return keep('gemini', { ...restOf(part, [known]), ...more })
}
