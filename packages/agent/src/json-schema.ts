/** Inputs described by plain JSON Schema: checked when a tool is made, enforced when it is called. */
import type { JsonObject } from '@playhead/wire'
import { AgentError, messageOf } from './error.ts'

const types = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])
const schemaFields = [
  'items',
  'additionalProperties',
  'not',
  'contains',
  'if',
  'then',
  'else',
  'propertyNames',
]
const schemaListFields = ['anyOf', 'allOf', 'oneOf', 'prefixItems']
const schemaMapFields = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/**
 * The schema as providers want it: of an object, and with `type: "object"` at its top also where it is a union
 * of objects, which schema libraries write without. Throws an AgentError that names the place for anything else.
 */
export function asInputSchema(schema: unknown, tool: string): JsonObject {
  const problem = findNonJson(schema) ?? findProblem(schema, 'input', findShapeProblem)
  const whole = isUnionOfObjects(schema) ? { type: 'object', ...schema } : schema
  const complaint = problem ?? findNonObject(whole)
  if (complaint === null) return whole as JsonObject
  throw new AgentError('configuration', `The input of tool "${tool}" is no JSON Schema: ${complaint}`)
}

function isUnionOfObjects(schema: unknown): schema is JsonObject {
  if (!isObject(schema) || schema['type'] !== undefined) return false
  const branches = schema['anyOf'] ?? schema['oneOf']
  const isObjectSchema = (branch: unknown): boolean => isObject(branch) && branch['type'] === 'object'
  return Array.isArray(branches) && branches.length > 0 && branches.every(isObjectSchema)
}

/** Throws an AgentError when a schema cannot be enforced: a pattern is no regular expression, a `$ref` leads nowhere. */
export function checkEnforceable(schema: JsonObject, tool: string): void {
  const problem =
    findProblem(schema, 'input', findPatternProblem) ??
    findProblem(schema, 'input', (part, path) => findReferenceProblem(part, path, schema))
  if (problem !== null)
    throw new AgentError('configuration', `The input of tool "${tool}" cannot be checked: ${problem}`)
}

function findNonJson(schema: unknown): string | null {
  try {
    JSON.stringify(schema)
    return null
  } catch (error) {
    return `input is not JSON: ${messageOf(error).split('\n', 1).join('')}`
  }
}

function findNonObject(schema: unknown): string | null {
  const { type } = schema as { readonly type?: unknown }
  return type === 'object'
    ? null
    : `input.type is ${JSON.stringify(type) ?? 'missing'}, but a tool's input is an "object"`
}

/** Says what is wrong with one schema, without those inside it. */
type FindProblem = (schema: Readonly<Record<string, unknown>>, path: string) => string | null

function findProblem(schema: unknown, path: string, find: FindProblem): string | null {
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return `${path} is ${nameOf(schema)}`
  return (
    find(schema, path) ??
    firstProblem(schemaFields, (field) =>
      schema[field] === undefined || Array.isArray(schema[field])
        ? null
        : findProblem(schema[field], `${path}.${field}`, find),
    ) ??
    firstProblem(schemaListFields, (field) => findListProblem(schema[field], `${path}.${field}`, find)) ??
    firstProblem(schemaMapFields, (field) => findMapProblem(schema[field], `${path}.${field}`, find))
  )
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function findShapeProblem(
  { type, required }: Readonly<Record<string, unknown>>,
  path: string,
): string | null {
  return findTypeProblem(type, `${path}.type`) ?? findRequiredProblem(required, `${path}.required`)
}

function findPatternProblem(schema: Readonly<Record<string, unknown>>, path: string): string | null {
  const { pattern = '', patternProperties } = schema
  const keys = isObject(patternProperties) ? Object.keys(patternProperties) : []
  return (
    findRegExpProblem(pattern, `${path}.pattern`) ??
    firstProblem(keys, (key) => findRegExpProblem(key, `${path}.patternProperties`))
  )
}

/** Looks at references within the schema (`#/$defs/…`); one that only leads back to itself says nothing. */
function findReferenceProblem(
  { $ref }: Readonly<Record<string, unknown>>,
  path: string,
  root: JsonObject,
): string | null {
  const seen = new Set<unknown>()
  for (let next = $ref; typeof next === 'string' && /^#(\/|$)/.test(next);) {
    if (seen.has(next)) return `${path}.$ref ${JSON.stringify($ref)} leads in a circle`
    seen.add(next)
    const target = followPointer(root, next)
    if (target === undefined) return `${path}.$ref ${JSON.stringify($ref)} leads nowhere`
    next = isObject(target) ? target['$ref'] : undefined
  }
  return null
}

/** What a JSON pointer in a URI fragment leads to (RFC 6901 §6). */
function followPointer(root: unknown, fragment: string): unknown {
  const keys = decodeURIComponent(fragment).split('/').slice(1)
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)] as unknown
      return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
    }, root)
}

function findRegExpProblem(pattern: unknown, path: string): string | null {
  if (typeof pattern !== 'string') return `${path} is ${nameOf(pattern)}`
  try {
    // As the validator compiles it.
    void new RegExp(pattern, 'u')
    return null
  } catch (error) {
    return `${path}: ${messageOf(error)}`
  }
}

function findTypeProblem(type: unknown, path: string): string | null {
  if (type === undefined) return null
  const names: readonly unknown[] = Array.isArray(type) ? type : [type]
  const wrong = names.find((name) => typeof name !== 'string' || !types.has(name))
  return wrong === undefined ? null : `${path} is ${JSON.stringify(wrong)}`
}

function findRequiredProblem(required: unknown, path: string): string | null {
  if (required === undefined) return null
  const isNames = Array.isArray(required) && required.every((name) => typeof name === 'string')
  return isNames ? null : `${path} is not a list of names`
}

function findListProblem(list: unknown, path: string, find: FindProblem): string | null {
  if (list === undefined) return null
  if (!Array.isArray(list)) return `${path} is not a list`
  return firstProblem([...list.keys()], (index) => findProblem(list[index], `${path}[${index}]`, find))
}

function findMapProblem(map: unknown, path: string, find: FindProblem): string | null {
  if (map === undefined) return null
  if (!isObject(map)) return `${path} is not an object`
  return firstProblem(Object.keys(map), (key) => findProblem(map[key], `${path}.${key}`, find))
}

function firstProblem<Item>(items: readonly Item[], find: (item: Item) => string | null): string | null {
  for (const item of items) {
    const problem = find(item)
    if (problem !== null) return problem
  }
  return null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Says what is wrong with an input, one line each; empty for a valid one. */
export type JsonSchemaValidator = (input: unknown) => readonly string[]

/**
 * Loads the validator, which nobody pays for who does not use it, and prepares it for a schema. Drafts 7
 * and 2020-12 alike. Throws an AgentError for references that do not work.
 */
export async function jsonSchemaValidator(schema: JsonObject, tool: string): Promise<JsonSchemaValidator> {
  const { Validator } = await import('@cfworker/json-schema')
  const dialect = schema['$schema']
  const draft = typeof dialect === 'string' && dialect.includes('draft-07') ? '7' : '2020-12'
  // A copy: the validator writes into its schema.
  const validator = orUncheckable(
    tool,
    () => new Validator(JSON.parse(JSON.stringify(schema)) as JsonObject, draft, false),
  )
  return (input) => {
    const { valid, errors } = orUncheckable(tool, () => validator.validate(input))
    return valid ? [] : mostExact(errors)
  }
}

/** A reference may lead nowhere or in a circle, which only shows when it is followed. */
function orUncheckable<Result>(tool: string, check: () => Result): Result {
  try {
    return check()
  } catch (cause) {
    const why = `The input of tool "${tool}" cannot be checked: ${messageOf(cause)}`
    throw new AgentError('configuration', why, { cause })
  }
}

/** An error in a property is also reported for the objects around it: only the innermost say something. */
function mostExact(
  errors: readonly { keyword: string; instanceLocation: string; error: string }[],
): string[] {
  const inner = errors.filter(
    ({ keyword }) => keyword !== 'properties' && keyword !== 'items' && keyword !== '$ref',
  )
  return (inner.length === 0 ? errors : inner).map(({ instanceLocation, error }) => {
    const path = instanceLocation.replace(/^#\/?/, '').replaceAll('/', '.')
    return path === '' ? error : `${path}: ${error}`
  })
}
