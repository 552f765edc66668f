/** Requests for Gemini: read, written again, and written for askers that speak another dialect. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, constantFrom, dictionary, jsonValue, property } from 'fast-check'
import { geminiDialect } from '../../src/gemini/dialect.ts'
import { google, type ModelRequest, vertex, WireError } from '../../src/index.ts'
import { normalise } from './normalise.ts'

const { client, server } = geminiDialect
const base = 'https://generativelanguage.googleapis.com/v1beta'
const url = `${base}/models/gemini-3-pro:generateContent`

const decode = (body: unknown): ModelRequest => server.decodeRequest(body, url)

const user = (...parts: unknown[]): unknown => ({ role: 'user', parts })
const model = (...parts: unknown[]): unknown => ({ role: 'model', parts })

/** Bodies that come back as they were. */
const bodies: readonly [name: string, body: Record<string, unknown>][] = [
  ['text', { contents: [user({ text: 'hi' })], systemInstruction: { parts: [{ text: 'be brief' }] } }],
  ['a single content in place of a list', { contents: { parts: { text: 'hi' } } }],
  ['an empty text', { contents: [user({ text: '' })] }],
  [
    'an empty text beside others',
    { contents: [user({ text: '' }, { text: 'a' }), model({ text: '' }, { text: 'b' })] },
  ],
  ['media', { contents: [user({ inlineData: { mimeType: 'image/png', data: 'AA==' } })] }],
  ['a named file', { contents: [user({ fileData: { fileUri: 'gs://a/b.mp4', displayName: 'b' } })] }],
  [
    'a part of a film',
    { contents: [user({ file_data: { file_uri: 'https://youtu.be/x' }, video_metadata: { fps: 1 } })] },
  ],
  [
    'a call without an id',
    {
      contents: [
        model({ functionCall: { name: 'f' }, thoughtSignature: 'c2' }, { functionCall: { name: 'f' } }),
        user({ functionResponse: { name: 'f', response: { result: [1] } } }),
      ],
    },
  ],
  [
    'a call with an id',
    {
      contents: [
        model({ functionCall: { id: 'x', name: 'f', args: { b: 1, a: 2 } } }),
        user({ function_response: { id: 'x', name: 'f', response: { error: 'no' } } }),
      ],
    },
  ],
  [
    'responses and text in one content',
    {
      contents: [
        model({ functionCall: { name: 'f' } }),
        user({ functionResponse: { name: 'f', response: { output: 'a' } } }, { text: 'and?' }),
      ],
    },
  ],
  [
    'media in a response',
    {
      contents: [
        user({
          functionResponse: {
            id: 'x',
            name: 'f',
            response: { output: 'a' },
            parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }],
          },
        }),
      ],
    },
  ],
  [
    'thoughts',
    {
      contents: [
        model(
          { text: 'hm', thought: true },
          { thought: true, thoughtSignature: 's' },
          { text: '', thoughtSignature: 't' },
        ),
      ],
    },
  ],
  [
    'code',
    {
      contents: [
        model(
          { executableCode: { language: 'PYTHON', code: '1' } },
          { codeExecutionResult: { outcome: 'OUTCOME_FAILED' } },
        ),
      ],
    },
  ],
  [
    'tools',
    {
      contents: [],
      tools: [
        {
          function_declarations: [{ name: 'f', parameters: { type: 'OBJECT' }, response: {} }, { name: 'g' }],
        },
        { google_search: {}, urlContext: {} },
        { functionDeclarations: [{ name: 'h', parametersJsonSchema: { type: 'object' } }] },
      ],
    },
  ],
  [
    'one function that must be called',
    { contents: [], toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } } },
  ],
  [
    'several of them',
    {
      contents: [],
      toolConfig: {
        functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
        retrievalConfig: {},
      },
    },
  ],
  ['a mode of its own', { contents: [], toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } }],
  [
    'settings',
    {
      contents: [],
      generationConfig: {
        temperature: 0,
        topP: 1,
        topK: 2,
        maxOutputTokens: 3,
        seed: 4,
        stopSequences: ['x'],
        presencePenalty: 1,
        frequencyPenalty: 2,
        responseLogprobs: true,
        logprobs: 3,
        candidateCount: 1,
        responseModalities: ['TEXT'],
        speechConfig: {},
      },
    },
  ],
  [
    'a schema in either form',
    {
      contents: [],
      generationConfig: {
        responseMimeType: 'application/json',
        responseSchema: { type: 'STRING', nullable: true },
      },
    },
  ],
  [
    'JSON Schema',
    {
      contents: [],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { type: 'string' } },
    },
  ],
  [
    'a list of words to choose from',
    {
      contents: [],
      generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
    },
  ],
  ['thinking off', { contents: [], generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }],
  [
    'thinking as it likes',
    { contents: [], generationConfig: { thinkingConfig: { thinkingBudget: -1, includeThoughts: true } } },
  ],
  ['a level', { contents: [], generationConfig: { thinkingConfig: { thinkingLevel: 'low' } } }],
  [
    'what else there is',
    { contents: [], safetySettings: [{ category: 'A' }], cachedContent: 'c', labels: { a: 'b' } },
  ],
]

for (const [name, body] of bodies) {
  test(`comes back as it was: ${name}`, () => {
    const request = decode(body)
    const written = client.encodeRequest(request, google)
    assert.deepEqual(normalise(JSON.parse(written)), normalise(body))
    assert.deepEqual(decode(JSON.parse(written)), request)
    assert.deepEqual(JSON.parse(JSON.stringify(request)), request)
  })
}

const refused: readonly [name: string, body: unknown, path: string][] = [
  ['an unknown role', { contents: [{ role: 'system', parts: [] }] }, 'contents[0].role'],
  ['an unknown part', { contents: [user({ hologram: {} })] }, 'contents[0].parts[0].hologram'],
  ['a part that is nothing', { contents: [user({})] }, 'contents[0].parts[0]'],
  [
    'a part that is two things',
    { contents: [user({ text: '', inlineData: {} })] },
    'contents[0].parts[0].inlineData',
  ],
  [
    'a call by the user',
    { contents: [user({ functionCall: { name: 'f' } })] },
    'contents[0].parts[0].functionCall',
  ],
  [
    'several answers',
    { contents: [], generationConfig: { candidateCount: 2 } },
    'generationConfig.candidateCount',
  ],
  [
    'an unknown mode',
    { contents: [], toolConfig: { functionCallingConfig: { mode: 'X' } } },
    'toolConfig.functionCallingConfig.mode',
  ],
  [
    'a schema that is none',
    {
      contents: [],
      tools: [{ functionDeclarations: [{ name: 'f', parameters: { items: { anyOf: [1] } } }] }],
    },
    'tools[0].functionDeclarations[0].parameters.items.anyOf[0]',
  ],
]

for (const [name, body, path] of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => decode(body),
      (error) => error instanceof WireError && error.path === path,
    )
  })
}

test('only WireErrors are thrown, whatever the body is', () => {
  const deep = `{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}}]}]}`
  assert.throws(() => decode(JSON.parse(deep)), WireError)
  check(
    property(
      dictionary(constantFrom('contents', 'tools', '__proto__', 'toolConfig'), jsonValue()),
      (body) => {
        try {
          client.encodeRequest(decode(JSON.parse(JSON.stringify(body))), google)
        } catch (error) {
          assert.ok(error instanceof WireError)
        }
      },
    ),
  )
})

const addresses: readonly [url: string, model: string, stream: boolean][] = [
  [`${base}/models/gemini-3-pro:generateContent`, 'gemini-3-pro', false],
  [`${base}/tunedModels/a%20b:streamGenerateContent?alt=sse`, 'tunedModels/a b', true],
  ['https://x/v1/projects/p/publishers/google/models/m:streamGenerateContent', 'm', true],
]

for (const [address, name, stream] of addresses) {
  test(`the URL names the model: ${address}`, () => {
    assert.ok(geminiDialect.matches(address, {}))
    assert.equal(geminiDialect.asksForStream(address, {}), stream)
    const request = server.decodeRequest({ contents: [] }, address)
    assert.deepEqual([request.model, request.stream], [name, stream])
  })
}

test('a path for each host', () => {
  const request = { model: 'models/m', messages: [], stream: true }
  assert.equal(client.path(request, google), '/models/m:streamGenerateContent?alt=sse')
  assert.equal(client.path(request, vertex), '/publishers/google/models/m:streamGenerateContent?alt=sse')
  assert.ok(!geminiDialect.matches(`${base}/models/m:batchGenerateContent`, {}))
  // Code Assist wraps request and answer.
  for (const kind of ['generateContent', 'streamGenerateContent?alt=sse'])
    assert.ok(!geminiDialect.matches(`https://cloudcode-pa.googleapis.com/v1internal:${kind}`, {}))
})

test('a schema is JSON Schema to other dialects', () => {
  const parameters = { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true, minLength: '2' } } }
  const [tool] =
    decode({ contents: [], tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }).tools ?? []
  assert.deepEqual(tool?.type === 'function' && tool.inputSchema, {
    type: 'object',
    properties: { a: { type: ['string', 'null'], minLength: 2 } },
  })
})

const answer = (name: string): unknown => ({ functionResponse: { name, response: {} } })

test('responses without ids answer the calls of their name, in order', () => {
  const f = { functionCall: { name: 'f' } }
  const g = { functionCall: { name: 'g' } }
  const { messages } = decode({
    contents: [model(f, g, f), user(answer('g'), answer('f'), answer('f')), model(f), user(answer('f'))],
  })
  const ids = messages.flatMap(({ content }) => content.map((part) => ('id' in part ? part.id : '')))
  assert.deepEqual(ids, ['call_0', 'call_1', 'call_2', 'call_1', 'call_0', 'call_2', 'call_3', 'call_3'])
})
