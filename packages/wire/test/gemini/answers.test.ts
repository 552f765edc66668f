/** Gemini's answers: plain, streamed as events or as an array, failed; and the same written again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  array,
  assert as check,
  boolean,
  constant,
  constantFrom,
  dictionary,
  jsonValue,
  oneof,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { geminiDialect } from '../../src/gemini/dialect.ts'
import { google } from '../../src/index.ts'
import { type Answer, failure, type Failure, type StreamEvent, text } from '../../src/index.ts'

const { client, server } = geminiDialect
const head = { id: 'r', model: 'm', created: 0 }

type Chunk = Record<string, unknown>

function chunk(parts: readonly unknown[], finishReason?: string, rest: Chunk = {}): Chunk {
  return { candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0, ...rest }] }
}

const events = (chunks: readonly Chunk[]): string =>
  chunks.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('')

function stream(wire: string, size = Infinity): readonly StreamEvent[] {
  const bytes = new TextEncoder().encode(wire)
  const decoder = client.decodeStream(google)
  const all: StreamEvent[] = []
  for (let start = 0; start < bytes.length; start += size) {
    all.push(...decoder.push(bytes.subarray(start, start + size)))
  }
  return [...all, ...decoder.end()]
}

function outcome(all: readonly StreamEvent[]): Answer | Failure {
  const last = all.at(-1)
  assert.ok(last?.type === 'finish' || last?.type === 'error')
  return last.type === 'finish' ? last.answer : last.failure
}

function answered(read: Answer | Failure): Answer {
  assert.ok(read.type === 'answer', JSON.stringify(read))
  return read
}

const signed = { gemini: { thoughtSignature: 's' } }

const table: readonly [name: string, chunks: readonly Chunk[], content: unknown][] = [
  ['text in deltas is one part', [chunk([{ text: 'a' }]), chunk([{ text: 'b' }], 'STOP')], [text('ab')]],
  [
    'a signature that follows belongs to the text',
    [chunk([{ text: 'a' }]), chunk([{ text: '', thoughtSignature: 's' }], 'STOP')],
    [{ ...text('a'), data: signed }],
  ],
  [
    'a signature ends its part',
    [chunk([{ text: 'a', thoughtSignature: 's' }]), chunk([{ text: 'b' }], 'STOP')],
    [{ ...text('a'), data: signed }, text('b')],
  ],
  [
    'a signature of nothing',
    [chunk([{ text: '', thoughtSignature: 's' }], 'STOP')],
    [{ ...text(''), data: signed }],
  ],
  [
    'thoughts',
    [chunk([{ text: 'h', thought: true }]), chunk([{ text: 'm', thought: true }, { text: 'a' }], 'STOP')],
    [{ type: 'reasoning', text: 'hm' }, text('a')],
  ],
  [
    'calls, only the first signed, and text behind them',
    [
      chunk([
        { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's' },
        { functionCall: { id: 'x', name: 'f' } },
      ]),
      chunk([{ text: 'b' }], 'STOP'),
    ],
    [
      {
        type: 'tool-call',
        id: 'call_0',
        name: 'f',
        input: { a: 1 },
        inputText: '{"a":1}',
        data: { gemini: { thoughtSignature: 's', id: null } },
      },
      { type: 'tool-call', id: 'x', name: 'f', input: {}, inputText: '{}' },
      text('b'),
    ],
  ],
  [
    'an image',
    [chunk([{ inlineData: { mimeType: 'image/png', data: 'AA==' }, thoughtSignature: 's' }], 'STOP')],
    [{ type: 'media', mediaType: 'image/png', source: { type: 'base64', base64: 'AA==' }, data: signed }],
  ],
  [
    'code',
    [
      chunk(
        [{ executableCode: { code: '1' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }],
        'STOP',
      ),
    ],
    [
      {
        type: 'provider-call',
        id: 'code_1',
        name: 'code_execution',
        input: { code: '1' },
        data: { gemini: { field: 'executableCode' } },
      },
      {
        type: 'provider-result',
        id: 'code_1',
        name: 'code_execution',
        output: { outcome: 'OUTCOME_OK', output: '1' },
        isError: false,
        data: { gemini: { field: 'codeExecutionResult' } },
      },
    ],
  ],
  ['nothing but the end', [chunk([], 'STOP')], []],
]

for (const [name, chunks, content] of table) {
  test(`${name}: streamed, cut, as an array, plain, and written again`, () => {
    const all = stream(events(chunks))
    const answer = answered(outcome(all))
    assert.deepEqual(answer.message.content, content)
    assert.deepEqual(stream(events(chunks), 1), all)
    assert.deepEqual(stream(JSON.stringify(chunks, null, 1), 3), all)
    assert.deepEqual(client.decodeResponse(JSON.stringify(chunks)), answer)
    const own = { id: '', model: '', created: 0 }
    assert.deepEqual(client.decodeResponse(server.encodeResponse(answer, own)), answer)
    for (const url of ['/m:streamGenerateContent?alt=sse', '/m:streamGenerateContent']) {
      assert.deepEqual(outcome(stream(written(all, { ...own, url }))), answer)
    }
  })
}

function written(all: readonly StreamEvent[], where: Parameters<typeof server.encodeStream>[0]): string {
  const encoder = server.encodeStream(where)
  return all.map((event) => new TextDecoder().decode(encoder.push(event))).join('')
}

const reasons: readonly [wire: string, parts: unknown[], canonical: string][] = [
  ['STOP', [{ text: 'a' }], 'stop'],
  ['STOP', [{ functionCall: { name: 'f' } }], 'tool-calls'],
  ['MAX_TOKENS', [{ functionCall: { name: 'f' } }], 'length'],
  ['SAFETY', [], 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', [{ text: 'a' }], 'error'],
  ['SOMETHING_NEW', [{ text: 'a' }], 'other'],
]

for (const [wire, parts, canonical] of reasons) {
  test(`${wire} is ${canonical}`, () => {
    const answer = answered(client.decodeResponse(JSON.stringify(chunk(parts, wire))))
    assert.deepEqual([answer.finishReason, answer.rawFinishReason], [canonical, wire])
  })
}

test('usage is cumulative, thoughts are output, and what else was said is kept', () => {
  const usageMetadata = {
    promptTokenCount: 9,
    candidatesTokenCount: 2,
    thoughtsTokenCount: 3,
    cachedContentTokenCount: 4,
  }
  const chunks = [
    { ...chunk([{ text: 'a' }]), usageMetadata: { promptTokenCount: 9 } },
    {
      ...chunk([], 'STOP', { safetyRatings: [] }),
      usageMetadata,
      modelVersion: 'm',
      responseId: 'r',
      createTime: 't',
    },
  ]
  const answer = answered(outcome(stream(events(chunks))))
  assert.deepEqual(answer.usage, {
    inputTokens: 9,
    outputTokens: 5,
    cachedInputTokens: 4,
    reasoningTokens: 3,
  })
  assert.deepEqual([answer.id, answer.model], ['r', 'm'])
  assert.deepEqual(answer.data, {
    gemini: { usageMetadata, createTime: 't', candidate: { safetyRatings: [] } },
  })
})

test('citations count in bytes on the wire, in UTF-16 here', () => {
  const web = { uri: 'https://a', title: 'A' }
  const segment = { startIndex: 4, endIndex: 8, text: '\u{1d11e}' }
  const groundingMetadata = {
    groundingChunks: [{ web }],
    groundingSupports: [{ segment, groundingChunkIndices: [0, 7] }],
  }
  const answer = answered(
    client.decodeResponse(JSON.stringify(chunk([{ text: 'éé\u{1d11e}.' }], 'STOP', { groundingMetadata }))),
  )
  const [part] = answer.message.content
  const citations = [{ url: 'https://a', title: 'A', start: 2, end: 4 }]
  assert.deepEqual(part?.type === 'text' && part.citations, citations)
  const { data: _, ...foreign } = answer
  const again = answered(client.decodeResponse(server.encodeResponse(foreign, head))).message.content[0]
  assert.deepEqual(again?.type === 'text' && again.citations, citations)
})

test('log probabilities', () => {
  const logprobsResult = {
    chosenCandidates: [{ token: 'a', logProbability: -1 }],
    topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
  }
  const answer = answered(
    client.decodeResponse(JSON.stringify(chunk([{ text: 'a' }], 'STOP', { logprobsResult }))),
  )
  assert.deepEqual(answer.logprobs, [{ token: 'a', logprob: -1, top: [{ token: 'b', logprob: -2 }] }])
  assert.deepEqual(
    client.decodeResponse(server.encodeResponse(answer, { id: '', model: '', created: 0 })),
    answer,
  )
})

test('a failure inside a stream reaches its reader, in either transport', () => {
  for (const url of ['?alt=sse', '?']) {
    const all: readonly StreamEvent[] = [
      { type: 'text', text: 'a' },
      { type: 'error', failure: failure('overloaded', 'busy') },
    ]
    const failed = outcome(stream(written(all, { ...head, url })))
    assert.ok(failed.type === 'failure')
    assert.deepEqual(
      [failed.code, failed.message, failed.partial?.content],
      ['overloaded', 'busy', [text('a')]],
    )
  }
})

test("text of another dialect that came between a call's pieces is not lost", () => {
  const call = { type: 'tool-call', id: 'c', name: 'f', input: {}, inputText: '{}' } as const
  const answer: Answer = {
    ...answered(client.decodeResponse(JSON.stringify(chunk([], 'STOP')))),
    message: { role: 'assistant', content: [text('ab'), call] },
    finishReason: 'tool-calls',
    rawFinishReason: 'tool_calls',
  }
  const all: readonly StreamEvent[] = [
    { type: 'text', text: 'a' },
    { type: 'tool-input', index: 0, id: 'call_0', name: 'f', text: '' },
    { type: 'text', text: 'b' },
    { type: 'tool-call', call },
    { type: 'finish', answer },
  ]
  const read = answered(outcome(stream(written(all, head))))
  assert.deepEqual(read.message, answer.message)
})

test('whatever comes, one last event says how it went', () => {
  const part = oneof(
    record({ text: string(), thought: boolean() }),
    record({ text: constant(''), thoughtSignature: string({ minLength: 1 }) }),
    record({ functionCall: record({ name: string(), args: jsonValue() }) }),
    record({ inlineData: record({ data: string() }) }),
  )
  const chunks = array(
    oneof(
      dictionary(constantFrom('candidates', 'usageMetadata', 'promptFeedback', '__proto__'), jsonValue()),
      tuple(array(part), constantFrom(undefined, 'STOP')).map(([parts, reason]) => chunk(parts, reason)),
    ),
  )
  check(
    property(chunks, (all) => {
      const read = stream(events(all))
      assert.equal(read.filter(({ type }) => type === 'finish' || type === 'error').length, 1)
      assert.deepEqual(stream(events(all), 2), read)
      const whole = outcome(read)
      if (whole.type === 'failure') return
      const own = { id: whole.id, model: whole.model, created: 0 }
      assert.deepEqual(client.decodeResponse(JSON.stringify(all)), whole)
      assert.deepEqual(outcome(stream(written(read, own))), whole)
    }),
  )
})

test('what is nested too deeply to be written is not kept', () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const body = `{"candidates":[{"content":{"parts":[{"text":"a","partMetadata":${deep}}]},"finishReason":"STOP","groundingMetadata":${deep}}]}`
  const answer = answered(client.decodeResponse(body))
  assert.doesNotThrow(() => server.encodeResponse(answer, head))
})

test('what stands in a field named __proto__ is no field of the answer', () => {
  const proto = '"__proto__":{"x":1,"promptFeedback":{"blockReason":"OTHER"}}'
  const answer = answered(
    client.decodeResponse(
      `{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP",${proto}}],${proto}}`,
    ),
  )
  assert.equal(answer.data, undefined)
  const nothing = client.decodeResponse(`{"candidates":[],${proto}}`)
  assert.equal(nothing.type === 'failure' && nothing.code, 'malformed')
})

test('a count that says nothing takes no count away, here or written again', () => {
  const counted = chunk([{ text: 'a' }])
  const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 }
  const all = events([
    { ...counted, usageMetadata },
    { ...chunk([], 'STOP'), usageMetadata: { trafficType: 'ON_DEMAND' } },
  ])
  const usage = { inputTokens: 9, outputTokens: 4, cachedInputTokens: 0, reasoningTokens: 0 }
  assert.deepEqual(answered(outcome(stream(all))).usage, usage)
  assert.deepEqual(answered(outcome(stream(written(stream(all), head)))).usage, usage)
})
