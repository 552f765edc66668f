/** Inputs described by plain JSON Schema: checked when a tool is made, enforced when it is called. */
import type { JsonObject } from '@playhead/wire'
import { AgentError } from './error.ts'

const types = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])
const schemaFields = ['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else', 'propertyNames']
const schemaListFields = ['anyOf', 'allOf', 'oneOf', 'prefixItems']
const schemaMapFields = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/** Throws an AgentError that names the place when a value is not a JSON Schema of an object. */
export function checkInputSchema(schema: unknown, tool: string): asserts schema is JsonObject {
  const problem = findProblem(schema, 'input') ?? findNonObject(schema)
  if (problem !== null) throw new AgentError('configuration', `The input of tool "${tool}" is no JSON Schema: ${problem}`)
}

function findNonObject(schema: unknown): string | null {
  const { type } = schema as { readonly type?: unknown }
  return type === 'object' ? null : `input.type is ${JSON.stringify(type) ?? 'missing'}, but a tool's input is an "object"`
}

function findProblem(schema: unknown, path: string): string | null {
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return `${path} is ${Array.isArray(schema) ? 'an array' : String(schema)}`
  return (
    findTypeProblem(schema['type'], `${path}.type`) ??
    findRequiredProblem(schema['required'], `${path}.required`) ??
    firstProblem(schemaFields, (field) =>
      schema[field] === undefined || Array.isArray(schema[field]) ? null : findProblem(schema[field], `${path}.${field}`),
    ) ??
    firstProblem(schemaListFields, (field) => findListProblem(schema[field], `${path}.${field}`)) ??
    firstProblem(schemaMapFields, (field) => findMapProblem(schema[field], `${path}.${field}`))
  )
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

function findListProblem(list: unknown, path: string): string | null {
  if (list === undefined) return null
  if (!Array.isArray(list)) return `${path} is not a list`
  return firstProblem([...list.keys()], (index) => findProblem(list[index], `${path}[${index}]`))
}

function findMapProblem(map: unknown, path: string): string | null {
  if (map === undefined) return null
  if (!isObject(map)) return `${path} is not an object`
  return firstProblem(Object.keys(map), (key) => findProblem(map[key], `${path}.${key}`))
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
 * and 2020-12 alike. Throws an AgentError for a pattern or a reference that does not work.
 */
export async function jsonSchemaValidator(schema: JsonObject, tool: string): Promise<JsonSchemaValidator> {
  const { Validator } = await import('@cfworker/json-schema')
  const dialect = schema['$schema']
  const draft = typeof dialect === 'string' && dialect.includes('draft-07') ? '7' : '2020-12'
  const validator = new Validator(schema, draft, false)
  return (input) => {
    try {
      const { valid, errors } = validator.validate(input)
      return valid ? [] : mostExact(errors)
    } catch (cause) {
      // A pattern that is no RegExp, a reference that leads nowhere or in a circle.
      throw new AgentError('configuration', `The input of tool "${tool}" cannot be checked: ${String(cause)}`, { cause })
    }
  }
}

/** An error in a property is also reported for the objects around it: only the innermost say something. */
function mostExact(errors: readonly { keyword: string; instanceLocation: string; error: string }[]): string[] {
  const inner = errors.filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items' && keyword !== '$ref')
  return (inner.length === 0 ? errors : inner).map(({ instanceLocation, error }) => {
    const path = instanceLocation.replace(/^#\/?/, '').replaceAll('/', '.')
    return path === '' ? error : `${path}: ${error}`
  })
}
