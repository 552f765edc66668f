/** What a tool takes: any Standard Schema (zod, valibot, arktype, …) or plain JSON Schema. */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonObject } from '@playhead/wire'
import { AgentError, messageOf } from './error.ts'
import { asInputSchema, checkEnforceable, jsonSchemaValidator } from './json-schema.ts'

/** What a tool's `input` can be. https://standardschema.dev */
export type InputSchema<Input> = StandardSchemaV1<unknown, Input> | JsonObject

/** A schema in the two shapes that are needed: one for the model, one for what it sends. */
export interface PreparedInput {
  readonly jsonSchema: JsonObject
  validate(input: unknown): Promise<Validated>
}

export type Validated =
  | { readonly type: 'valid'; readonly value: unknown }
  | { readonly type: 'invalid'; readonly issues: readonly string[] }

/**
 * Prepares a tool's input. `given` is the JSON Schema to show the model instead of the one that the
 * schema library would write. Throws an AgentError for what is no schema.
 */
export function prepareInput(schema: unknown, given: JsonObject | undefined, tool: string): PreparedInput {
  if (isStandardSchema(schema)) {
    const jsonSchema = asInputSchema(given ?? writtenBy(schema, tool), tool)
    return { jsonSchema, validate: (input) => validateStandard(schema, input) }
  }
  const enforced = asInputSchema(schema, tool)
  checkEnforceable(enforced, tool)
  let validator: ReturnType<typeof jsonSchemaValidator> | undefined
  return {
    jsonSchema: given === undefined ? enforced : asInputSchema(given, tool),
    async validate(input) {
      validator ??= jsonSchemaValidator(enforced, tool)
      const issues = (await validator)(input)
      return issues.length === 0 ? { type: 'valid', value: input } : { type: 'invalid', issues }
    },
  }
}

function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  return isHolder && '~standard' in schema
}

/** A transform or a check of the user's own may throw: to the model that is one more thing that is wrong. */
async function validateStandard(schema: StandardSchemaV1, input: unknown): Promise<Validated> {
  try {
    const result = await schema['~standard'].validate(input)
    if (result.issues === undefined) return { type: 'valid', value: result.value }
    return { type: 'invalid', issues: result.issues.map(sayIssue) }
  } catch (error) {
    return { type: 'invalid', issues: [messageOf(error)] }
  }
}

function sayIssue({ message, path }: StandardSchemaV1.Issue): string {
  const keys = (path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`
}

/** The library's own JSON Schema, without the `$schema` line, which some providers refuse. */
function writtenBy(schema: StandardSchemaV1, tool: string): JsonObject {
  const { vendor } = schema['~standard']
  if (!writesJsonSchema(schema)) {
    const hint =
      vendor === 'valibot' ? 'wrap it in toStandardJsonSchema() of @valibot/to-json-schema, or give' : 'give'
    throw new AgentError(
      'configuration',
      `${vendor} writes no JSON Schema for tool "${tool}": ${hint} inputSchema`,
    )
  }
  try {
    const { $schema: _dialect, ...rest } = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
    return rest as JsonObject
  } catch (cause) {
    const why = `The input of tool "${tool}" has no JSON Schema: ${messageOf(cause)}`
    throw new AgentError('configuration', why, { cause })
  }
}

function writesJsonSchema(schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  return 'jsonSchema' in schema['~standard']
}
