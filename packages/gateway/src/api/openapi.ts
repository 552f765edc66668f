/** The OpenAPI document, read off the table of operations. https://spec.openapis.org/oas/v3.1.0 */
import { measures, periods } from '../limits.ts'
import type { Operation, Policy } from './operation.ts'

/** A part of the document. */
type Part = Readonly<Record<string, unknown>>

/** Every operation of the table, below its first prefix; `servers` says the others. */
export function openApiDocument(operations: readonly Operation[]): Part {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const path = (paths[`/${operation.pattern}`] ??= {
      servers: operation.prefixes.map((prefix) => ({ url: prefix || '/' })),
    })
    path[operation.method.toLowerCase()] = describe(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Playhead gateway',
      version: '1',
      description: "OpenRouter's contract before providers of one's own.",
    },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A key of this gateway, `sk-ph-…`.' },
        anthropic: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        google: { type: 'apiKey', in: 'header', name: 'x-goog-api-key' },
      },
      schemas: { Key: keySchema, Error: errorSchema },
    },
  }
}

const someKey = [{ bearer: [] }, { anthropic: [] }, { google: [] }]

const security: Readonly<Record<Policy, readonly Part[]>> = {
  anyone: [],
  local: [{}, { bearer: [] }],
  key: someKey,
  asker: someKey,
  admin: [{ bearer: [] }],
}

const policies: Readonly<Record<Policy, string>> = {
  anyone: 'Needs no key.',
  local: 'Needs an admin key, unless the gateway listens on this machine alone.',
  key: 'Needs a key.',
  asker: 'Needs a key that is no admin key.',
  admin: 'Needs an admin key.',
}

function describe(operation: Operation): Part {
  const { method, pattern, summary, who, query = {} } = operation
  const parameters = [
    ...Array.from(pattern.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
      ...(name === 'model' && { description: 'Slashes need not be encoded.' }),
    })),
    ...Object.entries(query).map(([name, description]) => ({
      name,
      in: 'query',
      description,
      schema: { type: 'string' },
    })),
  ]
  return {
    operationId: `${method.toLowerCase()}${pattern.replaceAll(/(?:^|[^A-Za-z]+)([A-Za-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    description: policies[who],
    security: security[who],
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(operation),
    responses: {
      [method === 'POST' && pattern === 'keys' ? '201' : '200']: {
        description: 'The answer',
        ...(operation.type === 'question' && {
          headers: generationHeader,
          content: { 'application/json': {}, 'text/event-stream': {} },
        }),
      },
      default: {
        description: 'What went wrong, in the words of the dialect that was spoken',
        ...(operation.type === 'question' && { headers: generationHeader }),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

const generationHeader = {
  'x-generation-id': {
    description:
      'What the ledger has it under, `gen-…`: for `/generation?id=` and `playhead explain`. The `id` in the body is the provider’s own where bytes pass untouched. An error has it where the question was let in.',
    schema: { type: 'string' },
  },
}

/** Bodies of questions are their dialects', which are described where they come from. */
function bodyOf({ type, method }: Operation): Part {
  if (type === 'data' && method !== 'POST' && method !== 'PATCH') return {}
  const schema = type === 'data' ? { $ref: '#/components/schemas/Key' } : { type: 'object' }
  return { requestBody: { required: true, content: { 'application/json': { schema } } } }
}

const names = { type: ['array', 'null'], items: { type: 'string' } }

const keySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 200 },
    disabled: { type: 'boolean' },
    expires_at: { type: ['string', 'null'], format: 'date-time' },
    limit: { type: ['number', 'string', 'null'], description: 'Dollars. The main limit.' },
    limit_reset: { enum: ['daily', 'weekly', 'monthly', null], description: 'Null: never.' },
    include_byok_in_limit: {
      type: 'boolean',
      description: 'Whether limits of money count what its own upstream keys pay.',
    },
    byok: {
      type: 'object',
      writeOnly: true,
      additionalProperties: { type: ['string', 'null'], minLength: 1, maxLength: 4096 },
      description:
        'Its own upstream keys, by provider; null forgets one, those that are not named stay. Answers have the names of the providers alone.',
    },
    limits: {
      type: 'array',
      description: 'All limits, the main one too.',
      items: {
        type: 'object',
        required: ['of', 'per', 'most'],
        properties: {
          of: { enum: measures },
          per: { enum: periods },
          most: { type: ['number', 'string'], description: 'Dollars, requests, or tokens in and out.' },
        },
      },
    },
    models: { ...names, description: '`*` at the end of a name stands for any end. Null: all.' },
    providers: { ...names, description: 'Null: all.' },
    record: { type: 'number', minimum: 0, maximum: 1, description: 'Share of exchanges that go on tape.' },
  },
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
  },
}
