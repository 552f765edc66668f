/** What a tool takes: schemas of every kind, what they let through, and those that are none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { AgentError, type InputSchema, type Tool, tool } from '../src/index.ts'
import { play, says, script } from './servers.ts'
import { callOnce, jsonSchema, showing } from './tools.ts'

const anything = { type: 'object' }

const kinds: readonly [name: string, tool: Tool][] = [
  ['zod', showing(z.object({ a: z.number(), tags: z.array(z.string()).optional() }))],
  [
    'valibot',
    showing(toStandardJsonSchema(v.object({ a: v.number(), tags: v.optional(v.array(v.string())) }))),
  ],
  ['arktype', showing(type({ a: 'number', 'tags?': 'string[]' }))],
  ['JSON Schema', showing(jsonSchema)],
  ['JSON Schema of draft 7', showing({ $schema: 'http://json-schema.org/draft-07/schema#', ...jsonSchema })],
  ['frozen JSON Schema', showing(deepFrozen(structuredClone(jsonSchema)))],
]
for (const [name, it] of kinds) {
  test(`${name}: a valid input reaches the tool`, async () => {
    assert.deepEqual(await callOnce([it], '{"a": 1, "tags": ["x"]}'), {
      content: '{"a":1,"tags":["x"]}',
      isError: false,
    })
  })

  test(`${name}: the model is told what is wrong and where`, async () => {
    const wrong = await callOnce([it], '{"a": "one", "tags": ["x", 2]}')
    assert.equal(wrong.isError, true)
    assert.match(
      String(wrong.content),
      /^Error: The input of it is not valid\. .*\ba\b.*number.*; .*tags\.1.*string/s,
    )
    const missing = await callOnce([it], '{}')
    assert.equal(missing.isError, true)
    assert.match(String(missing.content), /\ba\b/)
  })

  for (const input of ['null', '[]', '1', '"{}"']) {
    test(`${name}: ${input} is no input`, async () => {
      assert.equal((await callOnce([it], input)).isError, true)
    })
  }

  test(`${name}: the model sees a JSON Schema of the input`, async () => {
    const { requests } = await play(script(says({ text: 'Done' })), { tools: [it] })
    const { parameters } = requests[0]?.body.tools?.[0]?.function ?? {}
    const { type, properties, required } = parameters as Record<string, unknown>
    assert.deepEqual({ type, properties, required }, jsonSchema)
  })
}

test('JSON Schema: an error is said once, where it is', async () => {
  const { content } = await callOnce([showing(jsonSchema)], '{"a": 1, "tags": ["x", 2]}')
  assert.match(String(content), /^Error: The input of it is not valid\. tags\.1: [^;]+$/)
})

test('a draft line of a library is not sent', async () => {
  const { requests } = await play(script(says({ text: 'Done' })), {
    tools: [kinds[0]?.[1]].flatMap((it) => it ?? []),
  })
  assert.ok(!requests[0]?.text.includes('$schema'))
})

test('defaults, transforms and coercions of a schema reach the tool', async () => {
  const input = z.object({
    n: z.number().default(7),
    size: z.string().transform((text) => text.length),
    when: z.coerce.number(),
  })
  const { content } = await callOnce([showing(input)], '{"size":"four","when":"12"}')
  assert.equal(content, '{"n":7,"size":4,"when":12}')
})

test('a schema may take its time', async () => {
  const input = z.object({ a: z.number() }).refine(async ({ a }) => {
    await new Promise((resolve) => setImmediate(resolve))
    return a > 1
  }, 'too small')
  assert.equal((await callOnce([showing(input)], '{"a":2}')).isError, false)
  assert.match(String((await callOnce([showing(input)], '{"a":1}')).content), /too small/)
})

test('a schema that throws is an error result', async () => {
  const input = z.object({
    a: z.string().transform(() => {
      throw new Error('no good')
    }),
  })
  assert.deepEqual(await callOnce([showing(input)], '{"a":"x"}'), {
    content: 'Error: The input of it is not valid. no good',
    isError: true,
  })
})

test('inputSchema is what the model sees, and input is what is enforced', async () => {
  const inputSchema = { type: 'object', properties: { n: { type: 'number' } } }
  const it = tool({
    name: 'it',
    description: 'd',
    input: v.object({ n: v.pipe(v.number(), v.minValue(1)) }),
    inputSchema,
    run: ({ n }) => n,
  })
  const { requests } = await play(script(says({ text: 'Done' })), { tools: [it] })
  assert.deepEqual(requests[0]?.body.tools?.[0]?.function.parameters, inputSchema)
  assert.equal((await callOnce([it], '{"n":0}')).isError, true)
  assert.equal((await callOnce([it], '{"n":2}')).content, '2')
})

const noSchemas: readonly [input: unknown, place: RegExp][] = [
  [null, /input is null/],
  [undefined, /input is undefined/],
  [[], /input is an array/],
  ['object', /input is a string/],
  [() => {}, /input is a function/],
  [true, /input\.type is missing/],
  [{}, /input\.type is missing/],
  [{ type: 'strng' }, /input\.type is "strng"/],
  [{ type: 'string' }, /input\.type is "string", but a tool's input is an "object"/],
  [{ type: ['object', 'null'] }, /input\.type is \["object","null"\]/],
  [{ type: 'object', required: 'a' }, /input\.required is not a list of names/],
  [{ type: 'object', required: [1] }, /input\.required is not a list of names/],
  [{ type: 'object', properties: [] }, /input\.properties is not an object/],
  [{ type: 'object', properties: null }, /input\.properties is not an object/],
  [{ type: 'object', properties: { a: 'string' } }, /input\.properties\.a is a string/],
  [{ type: 'object', properties: { a: { type: 'int' } } }, /input\.properties\.a\.type is "int"/],
  [
    { type: 'object', properties: { a: { type: 'array', items: { type: 5 } } } },
    /input\.properties\.a\.items\.type is 5/,
  ],
  [{ type: 'object', properties: { a: { anyOf: {} } } }, /input\.properties\.a\.anyOf is not a list/],
  [
    { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, null] } } },
    /input\.properties\.a\.anyOf\[1\] is null/,
  ],
  [{ type: 'object', $defs: { b: { required: {} } } }, /input\.\$defs\.b\.required is not a list/],
  [{ type: 'object', properties: { a: { pattern: '(' } } }, /input\.properties\.a\.pattern: .*\(/],
  [{ type: 'object', properties: { a: { pattern: 5 } } }, /input\.properties\.a\.pattern/],
  [{ type: 'object', patternProperties: { '[': true } }, /input\.patternProperties: .*\[/],
  [selfContaining(), /input is not JSON: .*circular/],
  [{ type: 'object', default: 5n }, /input is not JSON: .*BigInt/],
]
for (const [input, place] of noSchemas) {
  test(`${place} is said of a schema that is none`, () => {
    const options = { name: 'it', description: 'd', input: input as InputSchema<unknown>, run: () => 1 }
    assert.throws(
      () => tool(options),
      (error) => {
        assert.ok(error instanceof AgentError, String(error))
        assert.equal(error.code, 'configuration')
        assert.match(error.message, /tool "it"/)
        assert.match(error.message, place)
        return true
      },
    )
  })
}

test('a bad inputSchema is refused beside a good input', () => {
  const options = { name: 'it', description: 'd', input: z.object({}), run: () => 1 }
  assert.throws(() => tool({ ...options, inputSchema: { type: 'strng' } }), { code: 'configuration' })
})

test('a library that writes no JSON Schema is told what to do', () => {
  const options = { name: 'it', description: 'd', input: v.object({ a: v.number() }), run: () => 1 }
  assert.throws(() => tool(options), {
    code: 'configuration',
    message: /^valibot writes no JSON Schema for tool "it": .*toStandardJsonSchema\(\).* inputSchema$/,
  })
})

test('a type that JSON Schema cannot say is refused with the tool’s name', () => {
  const options = { name: 'it', description: 'd', input: z.object({ when: z.date() }), run: () => 1 }
  assert.throws(() => tool(options), {
    code: 'configuration',
    message: /^The input of tool "it" has no JSON Schema: .*Date/,
  })
})

test('a schema of a library that is no object is refused', () => {
  const options = { name: 'it', description: 'd', input: z.string(), run: () => 1 }
  assert.throws(() => tool(options), { code: 'configuration', message: /input\.type is "string"/ })
})

test('patterns of a library’s own schema are its own affair', async () => {
  const input = z.object({ mail: z.string().regex(new RegExp(String.raw`^\S+\@\S+$`)) })
  assert.equal((await callOnce([showing(input)], '{"mail":"a@b"}')).isError, false)
})

for (const [name, reference, complaint] of [
  ['nowhere', '#/$defs/none', 'leads nowhere'],
  ['to itself', '#/$defs/self', 'leads in a circle'],
  ['in a circle', '#/$defs/there', 'leads in a circle'],
] as const) {
  test(`a reference that leads ${name} is refused before anything is asked`, () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: reference } },
      $defs: {
        self: { $ref: '#/$defs/self' },
        there: { $ref: '#/$defs/back' },
        back: { $ref: '#/$defs/there' },
      },
    }
    assert.throws(() => showing(schema), {
      code: 'configuration',
      message: `The input of tool "it" cannot be checked: input.properties.a.$ref "${reference}" ${complaint}`,
    })
  })
}

const unions = [
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), n: z.number() }),
    z.object({ kind: z.literal('b') }),
  ]),
  type({ kind: "'a'", n: 'number' }).or({ kind: "'b'" }),
  {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'a' }, n: { type: 'number' } },
        required: ['kind', 'n'],
      },
      { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
    ],
  },
]
for (const [index, input] of unions.entries()) {
  test(`a union of objects is an input (${index})`, async () => {
    const it = showing(input)
    assert.equal(it.input.jsonSchema['type'], 'object')
    assert.equal((await callOnce([it], '{"kind":"a","n":1}')).isError, false)
    assert.equal((await callOnce([it], '{"kind":"a"}')).isError, true)
  })
}

test('two schemas of one id end the run with the tool’s name', async () => {
  const it = showing({
    type: 'object',
    properties: { a: { $id: 'x', type: 'string' }, b: { $id: 'x', type: 'number' } },
  })
  await assert.rejects(callOnce([it], '{"a":1}'), {
    code: 'configuration',
    message: /tool "it" cannot be checked/,
  })
})

test('references within a schema work', async () => {
  const it = showing({
    type: 'object',
    properties: { tree: { $ref: '#/$defs/tree' } },
    $defs: {
      tree: { type: 'object', properties: { child: { $ref: '#/$defs/tree' } }, additionalProperties: false },
    },
  })
  assert.equal((await callOnce([it], '{"tree":{"child":{"child":{}}}}')).isError, false)
  const { content } = await callOnce([it], '{"tree":{"child":{"children":{}}}}')
  assert.match(String(content), /tree\.child.*children/s)
})

test('a schema stays as it was given', async () => {
  const schema = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/b' } },
    $defs: { b: { type: 'number' } },
  }
  const before = structuredClone(schema)
  await callOnce([showing(schema)], '{"a":1}')
  assert.deepEqual(Reflect.ownKeys(schema.properties.a), ['$ref'])
  assert.deepEqual(schema, before)
})

test('the types of a schema flow into run', () => {
  const common = { name: 'a', description: 'd' }
  tool({ ...common, input: z.object({ n: z.string().transform(Number) }), run: ({ n }) => n.toFixed() })
  tool({ ...common, input: type({ n: 'number' }), run: ({ n }) => n.toFixed() })
  tool({ ...common, input: toStandardJsonSchema(v.object({ n: v.number() })), run: ({ n }) => n.toFixed() })
  tool<{ n: number }>({ ...common, input: anything, run: ({ n }) => n.toFixed() })
  // @ts-expect-error a number is no text
  tool({ ...common, input: z.object({ n: z.number() }), run: ({ n }: { n: string }) => n })
  // @ts-expect-error the schema has no m
  tool({ ...common, input: type({ n: 'number' }), run: ({ m }: { m: number }) => m })
  // @ts-expect-error a default is never missing, and never text
  tool({ ...common, input: z.object({ n: z.number().default(1) }), run: ({ n }: { n: string }) => n })
  // @ts-expect-error what JSON Schema lets through is JSON, of no type of its own
  tool({ ...common, input: anything, run: ({ n }): number => n })
  // @ts-expect-error a tool has a description
  tool({ name: 'a', input: anything, run: () => 1 })
})

function selfContaining(): object {
  const schema: Record<string, unknown> = { type: 'object' }
  schema['properties'] = { again: schema }
  return schema
}

function deepFrozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFrozen(inner)
  return Object.freeze(value)
}
