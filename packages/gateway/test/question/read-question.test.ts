/** What a request is read as, and why others are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anthropicMessagesDialect as messages,
  geminiDialect as gemini,
  openaiChatDialect as chat,
} from '@playhead/wire'
import { HttpError } from '../../src/http-error.ts'
import { cachePrefixOf } from '../../src/question/cache-prefix.ts'
import { readQuestion } from '../../src/question/read-question.ts'
import { contents, geminiUrl, hello, read } from './reading.ts'

function refusalOf(ask: () => unknown): HttpError {
  try {
    ask()
  } catch (error) {
    assert.ok(error instanceof HttpError, String(error))
    assert.deepEqual([error.status, error.failure.code], [400, 'invalid-request'])
    return error
  }
  return assert.fail('it was read')
}

test('a request that says little has the defaults', () => {
  const { preferences, models, isStream, parameters, maxOutputTokens, user, session } = read(hello)
  assert.deepEqual(preferences, {
    order: null,
    only: null,
    ignore: [],
    allowsFallbacks: true,
    requiresParameters: false,
    dataCollection: 'allow',
    zdr: false,
    quantizations: null,
    sort: null,
    sortsAcrossModels: false,
    maxPrice: {},
    minThroughput: {},
    maxLatency: {},
  })
  assert.deepEqual(
    { models, isStream, parameters, maxOutputTokens, user, session },
    { models: ['a/b'], isStream: false, parameters: [], maxOutputTokens: null, user: null, session: null },
  )
})

test('nulls say nothing', () => {
  const names = ['order', 'only', 'ignore', 'sort', 'max_price', 'zdr', 'data_collection', 'quantizations']
  const nothing = Object.fromEntries(names.map((name) => [name, null]))
  assert.deepEqual(
    read({ ...hello, provider: nothing, max_tokens: null }).preferences,
    read(hello).preferences,
  )
})

test('the body stands in two forms, as it came', () => {
  const text = ' {"model":"a", "temperature":1.0,"x":"é\\u00e9"}\n'
  const question = read(text)
  assert.equal(question.text, text)
  assert.deepEqual(question.body, { model: 'a', temperature: 1, x: 'éé' })
})

const modelRows: readonly (readonly [
  name: string,
  body: object,
  models: readonly string[],
  sort: string | null,
])[] = [
  ['a model', { model: 'a/b' }, ['a/b'], null],
  ['a model and its fallbacks', { model: 'a', models: ['b', 'c'] }, ['a', 'b', 'c'], null],
  ['a model that is among its fallbacks', { model: 'a', models: ['a', 'b', 'b'] }, ['a', 'b'], null],
  ['fallbacks alone', { models: ['a', 'b'] }, ['a', 'b'], null],
  ['fallbacks beside fields of Anthropic', { model: 'a', fallbacks: [{ model: 'b' }] }, ['a', 'b'], null],
  ['the fast variant', { model: 'a:nitro' }, ['a'], 'throughput'],
  ['the cheap variant', { model: 'a:floor', models: ['b:floor'] }, ['a', 'b'], 'price'],
  ['a variant that is a name', { model: 'a:free' }, ['a:free'], null],
  ['a local name', { model: 'llama3:8b' }, ['llama3:8b'], null],
  [
    'a variant and an order of its own',
    { model: 'a:floor', provider: { sort: 'latency' } },
    ['a'],
    'latency',
  ],
]
for (const [name, body, models, sort] of modelRows) {
  test(`reads ${name}`, () => {
    const question = read({ ...body, messages: [] })
    assert.deepEqual([question.models, question.preferences.sort], [models, sort])
  })
}

const geminiRows: readonly (readonly [url: string, model: string, isStream: boolean])[] = [
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', 'gemini-2.5-flash', true],
  ['/v1beta/models/gemini-2.5-flash:generateContent', 'gemini-2.5-flash', false],
  ['/api/v1/models/google/gemini-2.5-flash:generateContent?key=x', 'google/gemini-2.5-flash', false],
  ['/api/v1/models/meta%2Fllama-3:streamGenerateContent', 'meta/llama-3', true],
  ['/v1beta/tunedModels/mine:generateContent', 'tunedModels/mine', false],
  ['/v1beta/models/a/b:nitro:generateContent', 'a/b', false],
]
for (const [url, model, isStream] of geminiRows) {
  test(`reads the model from ${url}`, () => {
    const question = read({ contents }, gemini, url)
    assert.deepEqual([question.models, question.isStream], [[model], isStream])
  })
}

test('reads every preference', () => {
  const provider = {
    order: ['groq', 'together'],
    only: ['groq'],
    ignore: ['azure'],
    allow_fallbacks: false,
    require_parameters: true,
    data_collection: 'deny',
    zdr: true,
    enforce_distillable_text: false,
    quantizations: ['fp8'],
    sort: { by: 'exacto', partition: 'none' },
    max_price: { prompt: 1e-7, completion: '2.50', request: 0 },
    preferred_min_throughput: 50,
    preferred_max_latency: { p50: 1.5, p99: 10 },
  }
  assert.deepEqual(read({ ...hello, provider }).preferences, {
    order: ['groq', 'together'],
    only: ['groq'],
    ignore: ['azure'],
    allowsFallbacks: false,
    requiresParameters: true,
    dataCollection: 'deny',
    zdr: true,
    quantizations: ['fp8'],
    sort: 'throughput',
    sortsAcrossModels: true,
    maxPrice: { prompt: '0.0000001', completion: '2.5', request: '0' },
    minThroughput: { p50: 50 },
    maxLatency: { p50: 1.5, p99: 10 },
  })
})

test('the older route says the same as a sort over all models', () => {
  assert.equal(read({ ...hello, route: 'sort' }).preferences.sortsAcrossModels, true)
  assert.equal(read({ ...hello, route: 'fallback' }).preferences.sortsAcrossModels, false)
})

const deep = `{"model":"a","messages":${'['.repeat(500)}${']'.repeat(500)}}`
const refusals: readonly (readonly [name: string, body: unknown, message: RegExp])[] = [
  ['no JSON', '{"model": }', /^The body is not JSON: unexpected token '}'$/],
  ['JSON that is cut off', '{"model": "a', /^The body is not JSON: .* position 12/],
  ['an empty body', '', /^The body is not JSON: unexpected end/],
  ['a list', '[]', /an object is needed/],
  ['a word', '"model"', /an object is needed/],
  ['no model', { messages: [] }, /^model: /],
  ['a model that is a number', { model: 1 }, /^model: a string/],
  ['an empty model', { model: '' }, /^model: a string/],
  ['a long model', { model: 'x'.repeat(257) }, /^model: no more than 256/],
  ['a variant of nothing', { model: ':nitro' }, /^model: /],
  ['fallbacks that are no list', { ...hello, models: 'b' }, /^models: a list/],
  ['a fallback that is no string', { ...hello, models: ['b', 2] }, /^models\[1\]: a string/],
  ['too many fallbacks', { ...hello, models: Array.from({ length: 65 }, String) }, /^models: no more/],
  ['fallbacks that are names', { ...hello, fallbacks: ['b'] }, /^fallbacks\[0\]: an object/],
  ['fallbacks without a model', { ...hello, fallbacks: [{}] }, /^fallbacks\[0\]\.model: a string/],
  ['a stream that is a word', { ...hello, stream: 'yes' }, /^stream: true or false/],
  ['a route that is not known', { ...hello, route: 'best' }, /^route: one of/],
  ['preferences that are a list', { ...hello, provider: [] }, /^provider: an object/],
  ['a preference that is not known', { ...hello, provider: { ZDR: true } }, /^provider\.ZDR: .* not known/],
  ['a preference named __proto__', '{"model":"a","provider":{"__proto__":{}}}', /^provider\.__proto__: /],
  [
    'a promise that cannot be kept',
    { ...hello, provider: { enforce_distillable_text: true } },
    /distillable/,
  ],
  ['zdr in words', { ...hello, provider: { zdr: 'true' } }, /^provider\.zdr: true or false/],
  ['an order that is a name', { ...hello, provider: { order: 'groq' } }, /^provider\.order: a list/],
  ['an order of numbers', { ...hello, provider: { order: [1] } }, /^provider\.order\[0\]: a string/],
  ['a sort that is not known', { ...hello, provider: { sort: 'speed' } }, /^provider\.sort: one of price/],
  ['a field of sort', { ...hello, provider: { sort: { key: 'price' } } }, /^provider\.sort\.key: /],
  [
    'a price in words',
    { ...hello, provider: { max_price: { prompt: 'cheap' } } },
    /^provider\.max_price\.prompt/,
  ],
  ['a negative price', { ...hello, provider: { max_price: { prompt: -1 } } }, /^provider\.max_price\.prompt/],
  ['a price of images', { ...hello, provider: { max_price: { image: 1 } } }, /^provider\.max_price\.image/],
  [
    'a price of what is not known',
    { ...hello, provider: { max_price: { x: 1 } } },
    /^provider\.max_price\.x/,
  ],
  ['a speed in words', { ...hello, provider: { preferred_min_throughput: 'fast' } }, /throughput: an object/],
  ['another quantile', { ...hello, provider: { preferred_max_latency: { p10: 1 } } }, /latency\.p10: /],
  ['a limit of 0', { ...hello, max_tokens: 0 }, /^max_tokens: a positive whole number/],
  ['a limit of a half', { ...hello, max_completion_tokens: 0.5 }, /^max_completion_tokens: a positive/],
  ['a limit in words', { ...hello, max_tokens: '10' }, /^max_tokens: a positive/],
  [
    'a limit behind one that counts',
    { ...hello, max_completion_tokens: 1, max_tokens: -1 },
    /^max_tokens: a positive/,
  ],
  ['too many answers', { ...hello, n: 129 }, /^n: no more than 128/],
  ['no answers', { ...hello, n: 0 }, /^n: a positive/],
  ['a session that is a number', { ...hello, session_id: 7 }, /^session_id: a string/],
  ['a long session', { ...hello, session_id: 'x'.repeat(257) }, /^session_id: no more than 256/],
  ['deep nesting', deep, /^messages: no more than 200 levels/],
]
for (const [name, body, message] of refusals) {
  test(`refuses ${name}`, () => {
    assert.match(refusalOf(() => read(body)).message, message)
  })
}

test('refuses bytes that are no UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff]), Buffer.from('"}')])
  assert.match(refusalOf(() => readQuestion(chat, bytes, '', {})).message, /UTF-8/)
})

test('refuses a name in the URL that is no text', () => {
  assert.match(refusalOf(() => read({}, gemini, '/v1beta/models/%ff:generateContent')).message, /^URL: /)
})

test('refuses settings of Gemini by their path', () => {
  const generationConfig = { maxOutputTokens: -1 }
  assert.match(
    refusalOf(() => read({ contents, generationConfig }, gemini, geminiUrl)).message,
    /^generationConfig\.maxOutputTokens: /,
  )
})

test('a refusal quotes nothing of what was said', () => {
  const refused = refusalOf(() => read('{"model":"a","messages":[{"content":"my secret", oops'))
  assert.doesNotMatch(refused.message, /secret/)
})

test('names of JavaScript objects are names like all others', () => {
  const text =
    '{"__proto__":{"model":"evil","stream":true},"constructor":{"prototype":{}},"model":"a","toString":1,"messages":[]}'
  const question = read(text)
  assert.deepEqual([question.models, question.isStream], [['a'], false])
  assert.equal(({} as Record<string, unknown>)['model'], undefined)
})

function whoOf(body: object, headers = {}, dialect = chat): readonly (string | null)[] {
  const { user, session } = read(body, dialect, '', headers)
  return [user, session]
}

test('who asks, and in which conversation', () => {
  const both = { ...hello, session_id: 'mine', prompt_cache_key: 'cache', user: 'anna' }
  const header = { 'x-session-id': 'theirs' }
  assert.deepEqual(whoOf(both, header), ['anna', 'mine'])
  assert.deepEqual(whoOf({ ...hello, prompt_cache_key: 'cache' }, header), [null, 'theirs'])
  assert.deepEqual(whoOf({ ...hello, prompt_cache_key: 'cache' }), [null, 'cache'])
  assert.deepEqual(whoOf({ model: 'a', metadata: { user_id: 'anna' } }, {}, messages), ['anna', null])
})

function prefixOf(body: object, dialect = chat): string {
  return cachePrefixOf(read({ model: 'a', ...body }, dialect))
}

test('conversations are told apart by the model and the first messages, and by nothing that follows', () => {
  const system = { role: 'system', content: 'Be brief.' }
  const first = { role: 'user', content: 'Hello' }
  const start = prefixOf({ messages: [system, first] })
  assert.equal(
    prefixOf({ messages: [system, first, { role: 'assistant', content: 'Hi' }], temperature: 1 }),
    start,
  )
  assert.equal(prefixOf({ messages: [{ role: 'system', content: 'Be brief.' }, first, system] }), start)
  assert.notEqual(prefixOf({ messages: [first] }), start)
  assert.notEqual(prefixOf({ messages: [system, { role: 'user', content: 'Hullo' }] }), start)
  assert.notEqual(prefixOf({ model: 'b', messages: [system, first] }), start)
  const parted = { messages: [first], system: [{ type: 'text', text: 'Be brief.' }] }
  assert.equal(prefixOf(parted, messages), prefixOf({ ...parted, max_tokens: 3 }, messages))
  assert.notEqual(prefixOf(parted, messages), prefixOf({ ...parted, system: 'Be long.' }, messages))
})
