/** Decodes `generationConfig`. What has no canonical form is kept as it is. */
import { WireError } from '../error.ts'
import type { JsonObject } from '../message.ts'
import type { ModelRequest, OutputFormat, ReasoningSettings } from '../request.ts'
import { arrayAt, booleanAt, isAbsent, numberAt, objectAt, stringAt } from '../strict.ts'
import { numbers } from './encode-settings.ts'
import { fieldsAt, restOf } from './fields.ts'
import { isOldModel } from './models.ts'
import { decodeSchema } from './schema.ts'

interface Settings {
  readonly settings: Partial<ModelRequest>
  /** To be written again. */
  readonly kept: JsonObject
}

const nothing: Settings = { settings: {}, kept: {} }

/** Decodes all of it. Several candidates cannot be answered: there is one answer. */
export function decodeSettings(wire: unknown, model: string): Settings {
  if (isAbsent(wire)) return nothing
  const path = 'generationConfig'
  const fields = fieldsAt(wire, path)
  const { stopSequences, candidateCount, thinkingConfig } = fields
  if (!isAbsent(candidateCount) && numberAt(candidateCount, `${path}.candidateCount`) > 1)
    throw new WireError('unsupported', 'only one answer can be given', { path: `${path}.candidateCount` })
  const format = decodeFormat(fields, path)
  const logprobs = decodeLogprobs(fields, path)
  const thinking = isAbsent(thinkingConfig)
    ? nothing
    : decodeThinking(thinkingConfig, model, `${path}.thinkingConfig`)
  const read = new Set<string>([
    ...numbers,
    'stopSequences',
    'thinkingConfig',
    ...formatFields,
    ...logprobFields,
  ])
  return {
    settings: {
      ...Object.fromEntries(
        numbers
          .filter((name) => !isAbsent(fields[name]))
          .map((name) => [name, numberAt(fields[name], `${path}.${name}`)]),
      ),
      ...(!isAbsent(stopSequences) && {
        stop: arrayAt(stopSequences, `${path}.stopSequences`).map((word, index) =>
          stringAt(word, `${path}.stopSequences[${index}]`),
        ),
      }),
      ...format.settings,
      ...logprobs.settings,
      ...thinking.settings,
    },
    kept: { ...restOf(fields, [...read]), ...format.kept, ...logprobs.kept, ...thinking.kept },
  }
}

const formatFields = ['responseMimeType', 'responseSchema', 'responseJsonSchema']

/** Only JSON and plain text are everybody's. A schema in OpenAPI's form is kept beside its translation. */
function decodeFormat(fields: Record<string, unknown>, path: string): Settings {
  const { responseMimeType, responseSchema, responseJsonSchema } = fields
  const kept = Object.fromEntries(
    formatFields.filter((name) => !isAbsent(fields[name])).map((name) => [name, fields[name]]),
  ) as JsonObject
  if (responseMimeType === 'text/plain' && responseSchema === undefined && responseJsonSchema === undefined)
    return { settings: { outputFormat: { type: 'text' } }, kept: {} }
  if (responseMimeType !== 'application/json') return { settings: {}, kept }
  if (!isAbsent(responseJsonSchema)) {
    const schema = objectAt(responseJsonSchema, `${path}.responseJsonSchema`) as JsonObject
    const isBoth = !isAbsent(responseSchema)
    return { settings: { outputFormat: named(schema) }, kept: isBoth ? kept : {} }
  }
  if (isAbsent(responseSchema)) return { settings: { outputFormat: { type: 'json' } }, kept: {} }
  return {
    settings: { outputFormat: named(decodeSchema(responseSchema, `${path}.responseSchema`)) },
    kept: { responseSchema: kept['responseSchema'] ?? null, responseJsonSchema: null },
  }
}

function named(schema: JsonObject): OutputFormat {
  return { type: 'json-schema', name: '', schema }
}

const logprobFields = ['responseLogprobs', 'logprobs']

function decodeLogprobs(fields: Record<string, unknown>, path: string): Settings {
  const kept = Object.fromEntries(
    logprobFields.filter((name) => !isAbsent(fields[name])).map((name) => [name, fields[name]]),
  ) as JsonObject
  if (fields['responseLogprobs'] !== true) return { settings: {}, kept }
  return { settings: { logprobs: numberAt(fields['logprobs'] ?? 0, `${path}.logprobs`) }, kept: {} }
}

const levels = new Set(['minimal', 'low', 'medium', 'high'])

/** A budget of 0 is off, one of -1 the model's own choice. Kept is all of it, where there is more than can be said. */
function decodeThinking(wire: unknown, model: string, path: string): Settings {
  const fields = fieldsAt(wire, path)
  const { includeThoughts, thinkingBudget, thinkingLevel, ...rest } = fields
  const budget = isAbsent(thinkingBudget) ? undefined : numberAt(thinkingBudget, `${path}.thinkingBudget`)
  const level = isAbsent(thinkingLevel) ? undefined : stringAt(thinkingLevel, `${path}.thinkingLevel`)
  const effort = level?.toLowerCase()
  const isSayable = effort === undefined || (budget === undefined && levels.has(effort) && !isOldModel(model))
  const reasoning: ReasoningSettings = {
    ...(budget === 0 && { isEnabled: false }),
    ...(budget === -1 ? { isEnabled: true } : budget !== undefined && { budget }),
    ...(effort !== undefined && { effort }),
    ...(!isAbsent(includeThoughts) && { isShown: booleanAt(includeThoughts, `${path}.includeThoughts`) }),
  }
  return {
    settings: { reasoning },
    kept: isSayable && Object.keys(rest).length === 0 ? {} : { thinkingConfig: fields as JsonObject },
  }
}
