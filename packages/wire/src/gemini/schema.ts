/** Turns Gemini's schemas, which are OpenAPI's with types in capitals, into JSON Schema. https://ai.google.dev/api/caching#Schema */
import { WireError } from '../error.ts'
import { isObject, type Unread } from '../json.ts'
import type { Json, JsonObject } from '../message.ts'

/** Deeper than any that the API takes. */
const deepest = 128

/** The schema as JSON Schema. What is JSON Schema already stays as it is. */
export function decodeSchema(schema: unknown, path: string, depth = 0): JsonObject {
  if (!isObject(schema)) throw new WireError('malformed', 'a schema is an object', { path })
  if (depth > deepest) throw new WireError('malformed', 'it is nested too deeply', { path })
  const entries: [string, Json][] = []
  const nested = (value: unknown, place: string): JsonObject =>
    decodeSchema(value, `${path}.${place}`, depth + 1)
  for (const [name, value] of Object.entries(schema as JsonObject)) {
    const key = keywords.get(name) ?? name
    const shape = nesting.get(key)
    if (shape === 'one' && isObject(value)) entries.push([key, nested(value, name)])
    else if (shape === 'list' && Array.isArray(value))
      entries.push([key, value.map((each: unknown, index) => nested(each, `${name}[${index}]`))])
    else if (shape === 'map' && isObject(value))
      entries.push([
        key,
        Object.fromEntries(
          Object.entries(value).map(([field, each]) => [field, nested(each, `${name}.${field}`)]),
        ),
      ])
    else if (counts.has(key) && typeof value === 'string') entries.push([key, Number(value)])
    else if (key !== 'type' && key !== 'nullable' && key !== 'propertyOrdering') entries.push([key, value])
  }
  return { ...typeOf(schema), ...Object.fromEntries(entries) }
}

/** `nullable` is a type of its own in JSON Schema. */
function typeOf(schema: Unread): JsonObject {
  const written = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']]
  const types = written
    .filter((type) => typeof type === 'string' && type !== 'TYPE_UNSPECIFIED')
    .map((type) => String(type).toLowerCase())
  if (schema['nullable'] === true && types.length > 0 && !types.includes('null')) types.push('null')
  const [first] = types
  if (first === undefined) return {}
  return { type: types.length === 1 && !Array.isArray(schema['type']) ? first : types }
}

const keywords: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['max_items', 'maxItems'],
  ['min_items', 'minItems'],
  ['max_length', 'maxLength'],
  ['min_length', 'minLength'],
  ['max_properties', 'maxProperties'],
  ['min_properties', 'minProperties'],
  ['additional_properties', 'additionalProperties'],
  ['property_ordering', 'propertyOrdering'],
  ['ref', '$ref'],
  ['defs', '$defs'],
])

/** Protobuf writes 64-bit numbers as text. */
const counts = new Set(['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties'])

const nesting: ReadonlyMap<string, 'one' | 'list' | 'map'> = new Map([
  ['items', 'one'],
  ['additionalProperties', 'one'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['allOf', 'list'],
  ['prefixItems', 'list'],
  ['properties', 'map'],
  ['$defs', 'map'],
])
